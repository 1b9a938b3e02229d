"""What volumes say no to as a whole."""

from dispatch.foundation.errors import BadInput


class NoVolumes(BadInput):
    """A file whose first line does not name the columns."""

    code = "no_volumes"
    sentence = "这不是渠道办件量的文件:第一行要有 %(columns)s"


class BadSource(BadInput):
    """A name that cannot be a source's, or is one of our own."""

    code = "bad_source"
    sentence = "来源的名字只用小写字母、数字和 . _ -,最多 40 个:%(said)s"
