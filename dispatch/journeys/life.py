"""The states of a journey and what leads from one to the next."""

from dispatch.foundation.transitions import TransitionTable

STATES = ("under_way", "joined", "cancelled", "expired", "served")

LIFE = TransitionTable(
    "journey",
    STATES,
    [
        ("join", "under_way", "joined", "holder"),
        ("cancel", "under_way", "cancelled", "holder"),
        ("expire", "under_way", "expired", "system"),
        ("serve", "under_way", "served", "system"),
    ],
)
