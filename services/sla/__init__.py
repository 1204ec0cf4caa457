"""SLA: decides which clocks run, when they end and who must be told."""
