"""Keepers of printing: ESC/POS over the network, and a pretend printer that remembers what it was given."""
