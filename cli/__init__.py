"""Who asks: the `salur` command for operators and publishers."""
