"""What the door says no to."""

from dispatch.foundation.errors import NotAllowed, Refusal


class WrongPassword(Refusal):
    """The name or the password is wrong: the answer does not tell which."""

    code = "wrong_password"
    status = 401
    sentence = "用户名或密码不对"


class OtpNeeded(Refusal):
    """Name and password are right; this account needs its one-time code too."""

    code = "otp_needed"
    status = 401
    sentence = "请再填动态码"


class OtpToEnrol(Refusal):
    """Name and password are right, and a second factor has to be set up now.

    The data hold `otp_secret` and `otp_uri`; signing in with a code made from them sets it up.
    """

    code = "otp_enrolment_needed"
    status = 401
    sentence = "请先绑定动态码"


class WrongOtp(Refusal):
    """The one-time code is wrong or too old."""

    code = "wrong_otp"
    status = 401
    sentence = "动态码不对"


class OtpUsed(Refusal):
    """The one-time code was used before: each opens the door once."""

    code = "otp_used"
    status = 401
    sentence = "这个动态码已经用过,请等下一个"


class OtpInForce(Refusal):
    """There is a second factor already; a security administrator may reset it."""

    code = "otp_in_force"
    status = 409
    sentence = "已经绑定了动态码;要更换请找安全管理员"


class TooManyFailures(Refusal):
    """Too many wrong passwords for this name in a short time."""

    code = "too_many_failures"
    status = 429
    sentence = "试错太多次,请 %(minutes)s 分钟后再试"


class NameTaken(Refusal):
    """There is an account of this name."""

    code = "name_taken"
    status = 409
    sentence = "已有这个用户名:%(username)s"


class NotYourself(NotAllowed):
    """Nobody decides about his own account."""

    code = "not_yourself"
    sentence = "不能给自己改权限,请由另一位安全管理员办理"


class DutiesApart(Refusal):
    """What belongs to one of the three administrators cannot be granted to anybody else."""

    code = "duties_apart"
    status = 409
    sentence = "三员分立:%(permission)s 不能单独授予"


class DutyNeeded(Refusal):
    """An administrator has one duty, everybody else none."""

    code = "duty_needed"
    status = 422
    sentence = "管理员要选一项职责(系统或安全),其他角色不选"


class StillInUse(Refusal):
    """A person with a ticket that is not over cannot be erased yet."""

    code = "person_in_use"
    status = 409
    sentence = "此人还有没办完的号,办完才能删除"
