"""What goes wrong, as problem+json (RFC 9457) for programs and as a page for people."""

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, InternalServerError

from dispatch.foundation.errors import NotSignedIn, Refusal
from dispatch.foundation.words import local, translate
from dispatch.pages.shared.calls import language

logger = logging.getLogger(__name__)
PROBLEM_JSON = "application/problem+json"


class MalformedJson(Refusal):
    """The body is no JSON object."""

    code = "malformed_json"
    status = 400
    sentence = "请求内容不是有效的 JSON 对象"


class UnsupportedMediaType(Refusal):
    """A body that is not said to be JSON."""

    code = "unsupported_media_type"
    status = 415
    sentence = "请用 Content-Type: application/json"


def install(app: Flask) -> None:
    """Answer every error of this app by name."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def refuse_bad_json() -> None:
    """Before an API call: a body must be a JSON object of texts that can be stored."""
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        return
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = request.get_json()
        sound = isinstance(body, dict) and _storable(body)
    except RecursionError as error:
        raise MalformedJson from error
    except HTTPException as error:
        if error.code == 413:
            raise
        raise MalformedJson from error
    if not sound:
        raise MalformedJson


def invalid(error: ValidationError) -> Response:
    """Input that does not fit its form, every field by name."""
    errors = [
        {"field": _field(found["loc"]), "message": found["msg"]}
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    detail = translate(language(), "有 %(n)s 处填写不对", n=len(errors))
    return _problem("invalid_input", 422, detail, errors=errors)


def _refused(refusal: Refusal) -> Response | tuple[str, int]:
    lang = language()
    detail = translate(lang, refusal.sentence, **{key: _said(value) for key, value in refusal.data.items()})
    errors = [{"field": refusal.field, "message": detail}] if refusal.field else None
    if not _wants_json():
        return _page(refusal.status, detail)
    response = _problem(refusal.code, refusal.status, detail, errors=errors, data=refusal.data)
    if "retry_after" in refusal.data:
        response.headers["Retry-After"] = str(refusal.data["retry_after"])
    if isinstance(refusal, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="tongban"'
    return response


def _http(error: HTTPException) -> Response | tuple[str, int]:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    known = {
        404: ("not_found", "没有这个页面"),
        405: ("method_not_allowed", "这个地址不接受这种请求"),
        413: ("too_large", "发来的内容太大"),
        415: ("unsupported_media_type", "请用 Content-Type: application/json"),
    }
    code, sentence = known.get(status, (HTTPStatus(status).name.lower(), "请求没有办成"))
    detail = translate(language(), sentence)
    if not _wants_json():
        return _page(status, detail)
    response = _problem(code, status, detail)
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def _bug(error: Exception) -> Response | tuple[str, int]:
    # The route, not the path: what was typed into it may be somebody's name.
    logger.exception("a bug at %s", request.url_rule, exc_info=error)
    return _http(InternalServerError())


def _problem(
    code: str,
    status: int,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    data: dict[str, Any] | None = None,
) -> Response:
    told = {
        **(data or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        told["errors"] = errors
    if "request_id" in g:
        told["request_id"] = g.request_id
    response = jsonify(told)
    response.status_code = status
    response.mimetype = PROBLEM_JSON
    return response


def _page(status: int, detail: str) -> tuple[str, int]:
    return render_template("shared/problem.html", detail=detail, status=status), status


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _said(value: object) -> str:
    """A refusal's data as words: of a thing with two names the one in the reader's language."""
    return local(value, language()) if isinstance(value, dict) and "name" in value else str(value)


def _field(loc: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.removeprefix(".") or "body"


def _storable(value: object) -> bool:
    """No NUL and no lone surrogate: neither can be written to every database."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, dict):
        return all(_storable(key) and _storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_storable(item) for item in value)
    return True
