"""Refusals: a rule said no. They are part of the vocabulary, not failures of the program."""

from typing import Any


class Refusal(Exception):
    """A rule said no: a stable `code`, an HTTP status, and a sentence a person can act on.

    `sentence` is a Chinese message id with `%(name)s` places, filled from `data` and translated at the edge.
    `field` names the input at fault, if one is.
    """

    code = "refused"
    status = 409
    sentence = "现在不能这样做"

    def __init__(self, *, field: str | None = None, **data: Any) -> None:  # noqa: ANN401 - plain JSON values
        super().__init__(self.code)
        self.field = field
        self.data = data


class NotFound(Refusal):
    """No such thing, or none that this caller may see: the answer does not tell which."""

    code = "not_found"
    status = 404
    sentence = "没有找到 %(what)s"


class NotAllowed(Refusal):
    """The caller is known and may not do this here."""

    code = "not_allowed"
    status = 403
    sentence = "您没有这项权限"


class NotSignedIn(Refusal):
    """No valid token came with the call, or it has expired."""

    code = "not_signed_in"
    status = 401
    sentence = "请先登录"


class BadInput(Refusal):
    """A value is of the right form and still makes no sense here."""

    code = "bad_input"
    status = 422
    sentence = "填写的内容不对:%(reason)s"
