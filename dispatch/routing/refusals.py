"""What routing says no to."""

from dispatch.foundation.errors import BadInput, Refusal


class OutsideTheCity(BadInput):
    """A place from which nobody goes to a hall of this city."""

    code = "outside_the_city"
    sentence = "这里不在本市范围内:离最近的大厅 %(km)s 公里"


class AlreadyPast(BadInput):
    """Nobody sets out in the past."""

    code = "already_past"
    sentence = "出发时间已经过去"


class TooFarAhead(BadInput):
    """So far ahead nobody can say how it will be."""

    code = "too_far_ahead"
    sentence = "出发时间太远,最多可以问到 %(latest)s"


class NobodyTakes(BadInput):
    """Items that no hall of the city takes and that cannot be done online either."""

    code = "nobody_takes"
    sentence = "全市没有地方办这件事:%(items)s"


class NotFromHere(Refusal):
    """The other hall does not do all of it today, or is none of those worth a way."""

    code = "not_from_here"
    status = 409
    sentence = "现在去那个大厅不合适:今天可能办不完,或不会更早。请再看一次"
