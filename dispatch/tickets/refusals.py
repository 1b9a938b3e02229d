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


class CalledElsewhere(Refusal):
    """Another window holds this ticket."""

    code = "called_elsewhere"
    status = 409
    sentence = "%(number)s 已被 %(window)s 号窗口叫走"


class KeptForAnother(Refusal):
    """The ticket is kept for one window, and this is not it."""

    code = "kept_for_another"
    status = 409
    sentence = "%(number)s 留给 %(window)s 号窗口"


class NotToday(Refusal):
    """The number was given out on another day."""

    code = "not_today"
    status = 409
    sentence = "%(number)s 是 %(day)s 的号,今天要重新取号"


class NotSkilled(Refusal):
    """Whoever sits at the window may not serve this item."""

    code = "not_skilled"
    status = 409
    sentence = "这件事要有资格的人办,请转给别的窗口"


class ReactivatedBefore(Refusal):
    """A missed ticket gets one second chance."""

    code = "reactivated_before"
    status = 409
    sentence = "%(number)s 已经激活过一次,要重新取号"


class NothingToUndo(Refusal):
    """The last thing that happened to the ticket cannot be taken back, or not any more."""

    code = "nothing_to_undo"
    status = 409
    sentence = "%(number)s 没有可以撤销的操作,或者已经过了时间"


class AlreadyThere(Refusal):
    """The ticket is where it should be moved to."""

    code = "already_there"
    status = 409
    sentence = "%(number)s 本来就在那里"


class NowhereToMove(Refusal):
    """A move names exactly one of queue, window and hall."""

    code = "nowhere_to_move"
    status = 422
    sentence = "请选一个队列、一个窗口,或一个大厅"


class AlreadyInLine(Refusal):
    """This person already holds a live ticket for the item, somewhere in the city."""

    code = "already_in_line"
    status = 409
    sentence = "这件事您已经有号:%(number)s(%(hall)s)"


class HoldOver(Refusal):
    """The sending hall keeps the place no longer."""

    code = "hold_over"
    status = 409
    sentence = "转号已经过了时间"


class ServedThere(Refusal):
    """She is served, or was, by the ticket that she kept; whoever checks in elsewhere needs a ticket of her own."""

    code = "served_there"
    status = 409
    sentence = "%(number)s 已经在原来的大厅开始办理。要在这里另办,请重新取号"


class PeopleInTheWay(Refusal):
    """Somebody holds a live ticket of a queue, or sits at a window, that would go."""

    code = "people_in_the_way"
    status = 409
    sentence = "这里还有人,先办完再改:%(what)s"


class PlaceFrozen(Refusal):
    """An outage holds the ticket's queue or item: places are kept, nobody is called."""

    code = "outage"
    status = 409
    sentence = "%(number)s 的业务暂停办理,号和顺序都还在"
