"""What templates refuse."""

from dispatch.foundation.errors import Refusal


class FieldLocked(Refusal):
    """A template above decides this field for every hall below it."""

    code = "field_locked"
    sentence = "%(what)s 由模板“%(template)s”统一规定,这里不能改"


class NoSuchField(Refusal):
    """A template cannot speak of this."""

    code = "no_such_field"
    status = 422
    sentence = "模板里没有 %(what)s 这一项"


class TemplateExists(Refusal):
    """The code is taken."""

    code = "template_exists"
    sentence = "代码 %(what)s 已经有模板在用"


class OutsideTemplate(Refusal):
    """A template holds in its own part of the city only."""

    code = "outside_template"
    sentence = "这个大厅不在模板“%(template)s”管的范围里"


class NoTemplate(Refusal):
    """The hall inherits nothing."""

    code = "no_template"
    sentence = "这个大厅没有套用模板"


class MomentTaken(Refusal):
    """Two versions cannot take effect at once."""

    code = "moment_taken"
    sentence = "第 %(version)s 版也定在这个时间生效"


class NotAfterNow(Refusal):
    """What is past cannot be planned."""

    code = "not_after_now"
    status = 422
    sentence = "生效时间已经过了"
