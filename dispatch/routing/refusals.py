"""What routing says no to."""

from dispatch.foundation.errors import BadInput


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
