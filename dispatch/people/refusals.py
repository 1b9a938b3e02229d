"""What the door says no to."""

from dispatch.foundation.errors import Refusal


class WrongPassword(Refusal):
    """The name or the password is wrong: the answer does not tell which."""

    code = "wrong_password"
    status = 401
    sentence = "用户名或密码不对"


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
