"""Keepers of the bus: Redis between machines, SQLite's data version between processes, a list inside one process."""
