"""What intake and routing answer on `salur.receipts`."""
