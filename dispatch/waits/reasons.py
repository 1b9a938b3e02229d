"""Why no wait is known: the names that the interface has for it."""

REASONS = (
    "closed",
    "no_window_open",
    "intake_stopped",
    "intake_paused",
    "outage",
    "not_today",
    "not_learned_yet",
    "nobody_served_yet",
    "stale",
)
"""The hall is closed then; nobody serves the queue, nor is anybody planned to; no numbers are given out, by the rule of
the day's end or by somebody's decision; it cannot be worked; she would not be reached today; nothing is foretold yet;
nobody has ever been called there; what was foretold is too old."""
