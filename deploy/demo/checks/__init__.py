"""What must hold after a run, judged from the evidence alone: topics, HTTP, mailbox and logs. Pure."""
