"""What the order of channels says no to."""

from dispatch.foundation.errors import Refusal


class OvertakenSince(Refusal):
    """Another proposal has been approved since: that one is undone first."""

    code = "overtaken_since"
    status = 409
    sentence = "后来又批准过别的调整,先撤回那一次"
