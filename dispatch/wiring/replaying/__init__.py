"""Replaying a ticket log: the days of a real office, played once more through the city's own verbs.

Knows: which windows the calls of a log need (`planning`).
Decides: which window makes which call, and whether a replay accounts for every line.
Announces: nothing of its own; the verbs it calls do. Asks: `ticket_logs` for the lines, `halls` and `tickets`, in a
database of its own.
"""
