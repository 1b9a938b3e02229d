"""The states of a ticket and what leads from one to the next."""

from dispatch.foundation.transitions import BACK, STAYS, TransitionTable

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
REMOTE = ("app", "web")
"""Whoever takes a number by these need not be here."""

LIFE = TransitionTable(
    "ticket",
    STATES,
    [
        ("call", "waiting", "called", "clerk supervisor"),
        ("call_number", "waiting parked", "called", "clerk supervisor"),
        ("recall", "called", "called", "clerk supervisor"),
        ("start", "called", "serving", "clerk supervisor"),
        ("change", "called serving", STAYS, "clerk supervisor"),
        ("finish", "called serving", "finished", "clerk supervisor"),
        ("missed", "called", "missed", "clerk supervisor"),
        ("lapse", "called", "waiting", "system"),
        ("park", "called serving", "parked", "clerk supervisor"),
        ("resume", "parked", "serving", "clerk supervisor"),
        ("move", "waiting called serving parked", "waiting", "clerk guide supervisor"),
        ("send", "waiting called serving parked", "moving", "clerk guide supervisor"),
        ("check_out", "waiting called parked missed", "moving", "holder"),
        ("leave", "moving", "moved", "system"),
        ("come_back", "moving", "waiting", "system"),
        ("stay_missed", "moving", "missed", "system"),
        ("reactivate", "missed", "waiting", "clerk guide supervisor"),
        ("void", "waiting called serving parked missed", "void", "clerk guide supervisor"),
        ("cancel", "waiting parked missed", "cancelled", "holder"),
        ("expire", "waiting called parked missed", "expired", "system"),
        (
            "undo",
            "waiting called serving parked finished missed void cancelled",
            BACK,
            "clerk guide supervisor holder",
        ),
    ],
)
LIVE = frozenset({"waiting", "called", "serving", "parked", "moving", "missed"})
AT_A_WINDOW = ("called", "serving")
PARK_REASONS = ("copy", "form", "payment", "phone", "other")
VOID_REASONS = ("left", "duplicate", "wrong_item", "test", "other")
