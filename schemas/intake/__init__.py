"""What intake says on `salur.intake`."""
