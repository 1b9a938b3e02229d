"""What is refused to machines, and to those who pair them."""

from dispatch.foundation.errors import NotSignedIn, Refusal


class Cloned(NotSignedIn):
    """Two machines use one token: both are refused until one is paired anew."""

    code = "device_cloned"
    sentence = "这台设备的密钥在两处使用,已经停用,请重新配对"


class AuthorizationPending(Refusal):
    """Nobody has approved the code yet; ask again after the interval."""

    code = "authorization_pending"
    status = 400
    sentence = "还没有人同意配对,请稍后再问"


class SlowDown(Refusal):
    """Asked before the interval was over; it is five seconds longer from now on."""

    code = "slow_down"
    status = 400
    sentence = "问得太勤,请每 %(interval_s)s 秒问一次"


class ExpiredToken(Refusal):
    """The code is over: too old, already used, or none."""

    code = "expired_token"
    status = 400
    sentence = "配对码已经过期,请重新开始"


class AccessDenied(Refusal):
    """A supervisor said no."""

    code = "access_denied"
    status = 400
    sentence = "配对没有被同意"


class UnknownCode(Refusal):
    """No machine shows this code now."""

    code = "unknown_code"
    status = 404
    sentence = "没有设备正在显示这个码,请核对"


class TooManyWrongCodes(Refusal):
    """Too many codes tried that are none."""

    code = "too_many_wrong_codes"
    status = 429
    sentence = "试错太多次,请 %(minutes)s 分钟后再试"


class WindowNeeded(Refusal):
    """A caller or a rating pad belongs to one window."""

    code = "window_needed"
    status = 422
    sentence = "叫号器和评价器要说明属于哪个窗口"
