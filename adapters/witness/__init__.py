"""Keepers of the signed heads: a folder of daily files, somebody behind HTTP, and a pretend one that remembers."""
