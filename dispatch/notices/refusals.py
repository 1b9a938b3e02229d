"""What printing says no to."""

from dispatch.foundation.errors import Refusal


class NoPrinter(Refusal):
    """No machine of the hall can print just now; the code on the screen does as well."""

    code = "no_printer"
    status = 409
    sentence = "现在没有能用的打印机:请用手机扫码保存号码"
