"""Keepers of maps: an estimate by the distance on the earth, and a router over HTTP that falls back on it."""
