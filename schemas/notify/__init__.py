"""What notify says on `salur.notify`."""
