"""The states of a leave and what leads from one to the next."""

from dispatch.foundation.transitions import TransitionTable

LEAVE_KINDS = ("annual", "sick", "personal", "family", "training", "errand")
LEAVE_STATES = ("asked", "granted", "refused", "withdrawn")

LEAVE = TransitionTable(
    "leave",
    LEAVE_STATES,
    [
        ("grant", "asked", "granted", "supervisor"),
        ("refuse", "asked", "refused", "supervisor"),
        ("withdraw", "asked granted", "withdrawn", "owner supervisor"),
        ("return", "granted", "granted", "owner supervisor"),
    ],
)
BINDING = ("asked", "granted")
"""A leave in one of these states stands in the way of another one."""
