"""What the boards' wire says no to."""

from dispatch.foundation.errors import Refusal


class BadPosition(Refusal):
    """`after` and `epoch` are whole numbers, or absent."""

    code = "bad_position"
    status = 400
    sentence = "%(place)s 要写成不小于 0 的整数"


class BadMessage(Refusal):
    """A message of the wire lacks a field, or has one of the wrong kind."""

    code = "bad_request"
    status = 400
    sentence = "消息不完整:%(fields)s"


class NotWatched(Refusal):
    """A receipt for a hall that this connection does not watch, or for a seq that is yet to come."""

    code = "not_watched"
    status = 409
    sentence = "这条连接没有在看这个大厅"


class Unavailable(Refusal):
    """The truth cannot be read just now."""

    code = "unavailable"
    status = 503
    sentence = "现在连不上叫号系统,稍后自动重试"
