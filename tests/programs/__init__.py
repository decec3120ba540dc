"""Programs that try for longer what the suite tries briefly: exceptions, forks and kills at random instants."""
