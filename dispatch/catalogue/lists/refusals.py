"""What lists say no to."""

from dispatch.foundation.errors import BadInput, NotFound, Refusal


class NotPublished(NotFound):
    """The hall had no list of this kind on that day."""

    code = "not_published"
    sentence = "%(day)s 这个大厅还没有发布清单"


class SinceThePast(BadInput):
    """What was in force on a day that is over stays so."""

    code = "since_the_past"
    sentence = "生效日期不能早于今天 %(today)s"


class NothingNew(Refusal):
    """The list is the one that holds already."""

    code = "nothing_new"
    status = 409
    sentence = "和正在用的清单一样,不用再发布"
