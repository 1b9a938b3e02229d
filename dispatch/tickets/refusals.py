"""What a ticket's rules say no to."""

from dispatch.foundation.errors import Refusal


class HallClosed(Refusal):
    """Nobody can stand in line while the hall is closed."""

    code = "hall_closed"
    status = 409
    sentence = "%(hall)s现在不开门,下次开门:%(opens)s"


class ItemNotTakenHere(Refusal):
    """This hall has no queue for the item."""

    code = "item_not_taken_here"
    status = 422
    sentence = "这件事%(hall)s办不了:%(item)s"


class ItemsApart(Refusal):
    """The items wanted on one ticket belong to different queues of this hall."""

    code = "items_in_different_queues"
    status = 422
    sentence = "这几件事不在同一个队列,请分开取号"


class NothingWanted(Refusal):
    """Neither items nor a queue were named, or both in contradiction."""

    code = "nothing_wanted"
    status = 422
    sentence = "请说要办什么事,或选一个队列"


class WindowNotOpen(Refusal):
    """Only an open window calls."""

    code = "window_not_open"
    status = 409
    sentence = "窗口还没开放,先按“开放”"


class WindowBusy(Refusal):
    """Somebody is called to the window or served there."""

    code = "window_busy"
    status = 409
    sentence = "%(number)s 还在这个窗口,先办结或记过号"


class StaleClaim(Refusal):
    """The ticket has been called anew since; this write comes too late."""

    code = "stale_claim"
    status = 409
    sentence = "这个号已经被重新叫过,刚才的操作没有生效"


class NotYourTicket(Refusal):
    """The secret does not belong to this ticket."""

    code = "not_your_ticket"
    status = 403
    sentence = "这个链接打不开这张号,可能抄漏了。号和顺序都还在,到导办台报号码也行"
