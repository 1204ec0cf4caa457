"""What carries an event from one topic to the next: no business words in here."""
