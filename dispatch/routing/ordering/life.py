"""The states of a proposal to offer channels in another order, and what leads from one to the next."""

from dispatch.foundation.transitions import TransitionTable

STATES = ("open", "approved", "rejected", "lapsed", "undone")

LIFE = TransitionTable(
    "order proposal",
    STATES,
    [
        ("approve", "open", "approved", "supervisor administrator"),
        ("reject", "open", "rejected", "supervisor administrator"),
        ("lapse", "open", "lapsed", "system"),
        ("undo", "approved", "undone", "supervisor administrator"),
    ],
)
