"""Replaying a ticket log: the days of a real office, played once more through the city's own verbs.

Knows: the format of a ticket log (`ticket_log`, `judging`), which windows its calls need (`planning`).
Decides: which lines are sound, which window makes which call, and whether a replay accounts for every line.
Announces: nothing of its own; the verbs it calls do. Asks: `halls` and `tickets`, in a database of its own.
"""
