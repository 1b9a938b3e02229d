"""What a hall's rules say no to."""

from dispatch.foundation.errors import BadInput, Refusal


class Interrupted(Refusal):
    """It cannot be done for a while; whoever waits keeps her place."""

    code = "outage"
    status = 409
    sentence = "现在办不了:%(why)s,%(when)s。已经取了号的人,号和顺序都还在"


class QueueStopped(Refusal):
    """Whoever came now could not be served today: no number is given out that would be worth nothing."""

    code = "queue_stopped"
    status = 409
    sentence = "现在取号,今天轮不到了。%(instead)s"


class QueuePaused(QueueStopped):
    """Somebody has paused the giving out of numbers."""

    sentence = "这一队暂停取号:%(why)s,%(when)s。%(instead)s"


class NothingToClose(Refusal):
    """The hall does not open again today anyway."""

    code = "nothing_to_close"
    status = 409
    sentence = "今天已经不再开门,不用提前关门"


class WrongOpenings(BadInput):
    """Openings that overlap, or end before they begin."""

    code = "wrong_openings"
    sentence = "开门时间不对:%(reason)s"


class EditedMeanwhile(Refusal):
    """Somebody else has changed it since it was read."""

    code = "edited_meanwhile"
    status = 412
    sentence = "这期间别人改过了,请看过新的再改"
