"""The states of a ticket and what leads from one to the next."""

from dispatch.foundation.transitions import TransitionTable

STATES = (
    "waiting",
    "called",
    "serving",
    "parked",
    "moving",
    "moved",
    "finished",
    "missed",
    "cancelled",
    "void",
    "expired",
)
CHANNELS = ("app", "web", "kiosk", "counter")

LIFE = TransitionTable(
    "ticket",
    STATES,
    [
        ("call", "waiting", "called", "clerk supervisor"),
        ("recall", "called", "called", "clerk supervisor"),
        ("start", "called", "serving", "clerk supervisor"),
        ("finish", "called serving", "finished", "clerk supervisor"),
        ("missed", "called", "missed", "clerk supervisor"),
        ("cancel", "waiting missed", "cancelled", "holder"),
        ("expire", "waiting called missed", "expired", "system"),
    ],
)
LIVE = frozenset({"waiting", "called", "serving", "parked", "moving", "missed"})
AT_A_WINDOW = ("called", "serving")
