"""What others send to Salur (contracts §3 to §5)."""
