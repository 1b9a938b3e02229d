"""The app factory: rooms, pages, boards and adapters put together into one web application."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response, g, has_request_context, request
from flask_openapi3 import OpenAPI
from flask_socketio import SocketIO
from werkzeug.middleware.proxy_fix import ProxyFix

import hall_display
from adapters.bus.inprocess import InProcessBus
from adapters.bus.redis import RedisBus
from adapters.bus.sqlite import SqliteBus
from adapters.maps.estimate import EstimatingRouter
from adapters.maps.osrm import OsrmRouter
from adapters.printers import escpos
from adapters.sms.gateway import GatewayMessenger
from adapters.sms.pretend import PretendMessenger
from dispatch.catalogue.lists.drawing import Often
from dispatch.foundation import identity
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.settings import Settings
from dispatch.foundation.words import LANGUAGES, local, translate
from dispatch.pages.api.doors import new_app
from dispatch.pages.shared import problems
from dispatch.pages.shared.calls import (
    BROWSER_COOKIE,
    LANGUAGE_COOKIE,
    Tongban,
    browser,
    form_token,
    language,
    set_cookie,
)
from dispatch.ports.bus import Bus
from dispatch.ports.maps import Router
from dispatch.ports.messages import Messenger
from dispatch.waits import wording
from dispatch.wiring import assets, health, routes, sockets, watching
from dispatch.wiring.importing.previewing import Previewing
from dispatch.wiring.metrics import exposing
from dispatch.wiring.metrics.city import Checks, City
from dispatch.wiring.metrics.process import Meter
from dispatch.wiring.soundness.readiness import Readiness

LARGEST_BODY = 64 * 1024
LARGEST_CITY = 8 * 1024 * 1024
TAKE_A_CITY = ("api.preview_import", "admin.preview_import", "admin.import_channels")
"""Calls that bring a whole city's files."""
MEDIA = "media-src 'self'"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    f"font-src 'self'; {MEDIA}; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class Web:
    """A web application with what it stands on. `socketio` is None where no wires end."""

    app: OpenAPI
    socketio: SocketIO | None
    database: Database
    display: hall_display.Display
    meter: Meter

    def stop(self) -> None:
        """Let go of threads and connections."""
        self.display.stop()
        self.database.dispose()


def create_web(settings: Settings) -> Web:
    """Pages, API, boards and their wires in one: a small city's whole web application."""
    return _create(settings, routes.PAGES, wires=True)


def create_core(settings: Settings) -> Web:
    """Pages, API and boards that ask; wires end elsewhere."""
    return _create(settings, routes.PAGES, wires=False)


def create_display(settings: Settings) -> Web:
    """Every live wire, and nothing that changes the city."""
    return _create(settings, routes.DRAWN_BY_BOARDS, wires=True)


def _create(settings: Settings, pages: Sequence[str], *, wires: bool) -> Web:
    bus = bus_of(settings)
    database = Database(settings.database, on_commit=partial(_told, bus))
    meter = Meter()
    meter.watch_pool(database.engine)
    app = new_app("tongban", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["tongban"] = Tongban(
        database, Keyring(settings.var / "keys"), settings.demo, settings.secure_cookies and not settings.demo
    )
    app.extensions["print_bytes"] = escpos.bytes_of
    app.extensions["previews"] = Previewing()
    app.extensions["router"] = router_of(settings)
    app.extensions["messenger"] = messenger_of(settings)
    app.extensions["often"] = Often(settings.often_days, settings.often_share)
    app.extensions["online"] = {"app": settings.app_url, "web": settings.web_url}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    watching.install(app, settings, meter)
    _speak(app)
    _make_room(app)
    problems.install(app)
    routes.install(app, pages)
    app.register_blueprint(assets.blueprint)
    readiness = Readiness(settings)
    health.install(app, readiness)
    exposing.install(app, meter)
    meter.registry.register(Checks(readiness))
    if pages is routes.PAGES:
        meter.registry.register(City(settings))
    socketio = sockets.sockets(app) if wires else None
    if socketio:
        meter.watch_lines(partial(_lines, socketio))
    display = hall_display.install(app, socketio, database, bus)
    app.after_request(_finish)
    return Web(app, socketio, database, display, meter)


def _told(bus: Bus, hall: str, seq: int) -> None:
    """A commit wakes others; the request that made it was about this hall."""
    if has_request_context():
        g.hall = hall
    bus.tell(hall, seq)


def _lines(socketio: SocketIO) -> int:
    return len(socketio.server.eio.sockets)


def bus_of(settings: Settings) -> Bus:
    """The bus that goes with the settings: Redis where there is one, else SQLite's data version, else none at all."""
    if settings.redis_url:
        return RedisBus(settings.redis_url, settings.city or _city(settings))
    if settings.database.startswith("sqlite"):
        return SqliteBus(Path(settings.database.removeprefix("sqlite:///")))
    return InProcessBus()


def router_of(settings: Settings) -> Router:
    """Who knows the ways: a router of the city's where there is one, and an estimate."""
    speeds = {
        "walk": settings.walk_kmh,
        "bike": settings.bike_kmh,
        "transit": settings.transit_kmh,
        "car": settings.car_kmh,
    }
    estimate = EstimatingRouter(settings.detour, speeds)  # type: ignore[arg-type]
    return OsrmRouter(settings.router_url, estimate) if settings.router_url else estimate


def messenger_of(settings: Settings) -> Messenger | None:
    """Who sends text messages; nobody where the city has no gateway."""
    if settings.sms_url:
        return GatewayMessenger(settings.sms_url, settings.sms_token)
    return PretendMessenger() if settings.demo else None


def _city(settings: Settings) -> str:
    """The city's name, where the process was not started by `tongban serve`, which has looked already."""
    with Database(settings.database) as database:
        return identity.city_of(database)


def _make_room(app: OpenAPI) -> None:
    """A city's files are larger than anything else that is sent."""

    @app.before_request
    def _for_a_city() -> None:
        if request.endpoint in TAKE_A_CITY:
            request.max_content_length = LARGEST_CITY


def _speak(app: OpenAPI) -> None:
    """Give templates their language."""

    @app.context_processor
    def _words() -> dict[str, Any]:
        lang = language()
        return {
            "lang": lang,
            "_": partial(translate, lang),
            "wait_told": partial(wording.told, lang=lang),
            "form_token": form_token,
            "csrf_token": form_token,
        }

    @app.template_filter("local")
    def _local(thing: Any, field: str = "name") -> str:  # noqa: ANN401 - a row or a mapping
        return local(thing, language(), field)


def _finish(response: Response) -> Response:
    """What every answer carries: the security headers, and cookies for browser and language."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "media" in g:  # a page that plays a film from elsewhere
        response.headers["Content-Security-Policy"] = CSP.replace(MEDIA, f"{MEDIA} {g.media}")
    if not request.path.startswith("/assets/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if "browser" in g and BROWSER_COOKIE not in request.cookies:
        set_cookie(response, BROWSER_COOKIE, browser())
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and chosen != request.cookies.get(LANGUAGE_COOKIE):
        set_cookie(response, LANGUAGE_COOKIE, str(chosen))
    return response
