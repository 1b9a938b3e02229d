"""What the rules of staffing say no to."""

from dispatch.foundation.errors import BadInput, Refusal


class BadSpan(BadInput):
    """A time that ends before it begins, or lasts longer than makes sense."""

    code = "bad_span"
    sentence = "起止时间不对:要先起后止,最长 %(longest)s 小时"


class BadBreaks(BadInput):
    """Breaks that reach out of the shift, touch each other, or leave nothing of it."""

    code = "bad_breaks"
    sentence = "休息要在班次之内,按先后排,不能相连,也不能占满整个班次"


class Past(Refusal):
    """What is over is not planned any more: the record of who was to be where stays as it was."""

    code = "over_already"
    status = 409
    sentence = "已经过去的时间不能再改"


class NotStaffHere(Refusal):
    """The account neither belongs to this hall nor is posted to it for all that time."""

    code = "not_staff_here"
    status = 409
    sentence = "%(username)s 那段时间不在这个大厅:先派来支援,再排班"


class BelongsElsewhere(Refusal):
    """Leave and skills of somebody are her own hall's business."""

    code = "belongs_elsewhere"
    status = 409
    sentence = "%(username)s 不是这个大厅的人"


class NotForYourself(Refusal):
    """Leave and skills are granted by somebody else."""

    code = "not_for_yourself"
    status = 403
    sentence = "自己的事要由别人来批"


class ShiftOverlaps(Refusal):
    """The account is planned elsewhere at that time."""

    code = "shift_overlaps"
    status = 409
    sentence = "%(username)s 那段时间已有排班"


class WindowPlanned(Refusal):
    """Somebody else is planned for the window at that time."""

    code = "window_planned"
    status = 409
    sentence = "%(window)s 号窗口那段时间已排了人"


class OnLeave(Refusal):
    """The account is away at that time."""

    code = "on_leave"
    status = 409
    sentence = "%(username)s 那段时间在休假"


class LeaveOverlaps(Refusal):
    """A leave for part of that time has been asked for already."""

    code = "leave_overlaps"
    status = 409
    sentence = "那段时间已经请过假"


class LeaveOverShifts(Refusal):
    """The account is planned while it would be away."""

    code = "leave_over_shifts"
    status = 409
    sentence = "那段时间还有 %(shifts)s 个班,先撤班再批假"


class PostOverlaps(Refusal):
    """The account is posted somewhere at that time."""

    code = "post_overlaps"
    status = 409
    sentence = "%(username)s 那段时间已派到别处"


class PostNeedless(Refusal):
    """The account's own scope holds that hall anyway."""

    code = "post_needless"
    status = 422
    sentence = "%(username)s 本来就管这个大厅,不用派"


class NoDutyDays(BadInput):
    """The rule names no day on which the hall is open."""

    code = "no_duty_days"
    sentence = "按这个规则,一年里没有一天大厅是开着的"
