"""The ways out: each hands one message over and says what came of it."""
