"""What pulse says on `salur.pulse`."""
