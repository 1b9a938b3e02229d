"""Keepers of messages: a gateway over HTTP, and a pretend one that remembers what it was given."""
