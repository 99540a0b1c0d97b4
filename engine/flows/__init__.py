"""What begins runs: schedules, triggers and workflows."""
