"""What people call the phases of a pool, by their numbers."""

PHASES = ("Enrolling", "Cancelled", "Active", "Run-off", "Settled")
