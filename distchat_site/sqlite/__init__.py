"""Django's SQLite for several writing processes: they queue for the lock instead of polling for it."""
