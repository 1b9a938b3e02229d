"""The demo city: made on first use, its first hour played, started as one command, ended together."""
