"""Programs that run for long; the suite runs a piece of each."""
