"""Ticket logs: the days of an office as a CSV file, one line for each ticket; replayed, and backtested on.

Knows: the format, and which service day a line belongs to. Decides: which lines are sound. The rest is for who reads.
"""
