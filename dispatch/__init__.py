"""Tongban's core: the rooms that hold the rules, the pages above them and the wiring that joins them."""
