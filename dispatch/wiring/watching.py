"""What is noticed of every request: a name for it, one line in the log, and its figures."""

import logging
import re
import secrets
import time

from flask import Flask, Response, g, request

from dispatch.foundation.settings import Settings
from dispatch.wiring.metrics.process import Meter

logger = logging.getLogger(__name__)
HEADER = "X-Request-Id"
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = ("/healthz", "/readyz", "/metrics", "/assets/")
"""Asked too often to be told of, unless something goes wrong."""


def install(app: Flask, settings: Settings, meter: Meter) -> None:
    """Watch this app. A proxy that is trusted may name its requests; names of anybody else are not taken."""

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()
        g.request_id = _name(trusting=settings.trusted_proxies > 0)
        meter.begins()

    @app.after_request
    def _name_it(response: Response) -> Response:
        response.headers[HEADER] = g.request_id
        g.status = response.status_code
        return response

    @app.teardown_request
    def _end(_: BaseException | None) -> None:
        if "began" not in g:
            return
        seconds = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else None
        status = g.get("status", 500)
        meter.ends(route, request.method, status, seconds)
        _tell(route, status, seconds)


def _name(*, trusting: bool) -> str:
    brought = request.headers.get(HEADER, "") if trusting else ""
    return brought if SANE.fullmatch(brought) else secrets.token_hex(16)


def _tell(route: str | None, status: int, seconds: float) -> None:
    level = logging.DEBUG if request.path.startswith(QUIET) and status < 400 else logging.INFO
    if not logger.isEnabledFor(level):
        return
    logger.log(
        level,
        "%s",
        status,
        extra={
            "method": request.method if route else None,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "hall": _hall(status),
            "actor": g.get("actor_kind"),
        },
    )


def _hall(status: int) -> str | None:
    """The hall whose log was written, or that was shown; what was not found may be anything that somebody typed."""
    shown = (request.view_args or {}).get("hall") if status < 400 else None
    hall: str | None = g.get("hall", shown)
    return hall
