"""The half hours of a day, as the references count them."""

SLOT_S = 1800.0
SLOTS = 48


def slot_of(at: float, midnight: float) -> int:
    """The half hour of the day in which a moment lies; what lies beyond the day counts to its ends."""
    return min(SLOTS - 1, max(0, int((at - midnight) // SLOT_S)))
