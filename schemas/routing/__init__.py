"""What routing says on `salur.routing`."""
