"""What sla says on `salur.sla`."""
