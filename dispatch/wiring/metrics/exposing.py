"""Where the figures are read: `/metrics` of a process that answers by HTTP, a port of its own for any other."""

from flask import Flask, Response, abort
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client import start_http_server as listen

from dispatch.foundation.settings import Settings
from dispatch.wiring.inside import from_inside
from dispatch.wiring.metrics.city import Checks, City
from dispatch.wiring.metrics.process import Meter
from dispatch.wiring.soundness.readiness import Readiness


def install(app: Flask, meter: Meter) -> None:
    """Answer `/metrics` to whoever asks from inside; for everybody else there is no such page."""

    def metrics() -> Response:
        if not from_inside():
            abort(404)
        return Response(generate_latest(meter.registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    app.add_url_rule("/metrics", "metrics", metrics)


def listen_for(settings: Settings, host: str, port: int) -> None:
    """The figures of a process that answers nothing else, at a port of their own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Checks(Readiness(settings)))
    registry.register(City(settings))
    listen(port, addr=host, registry=registry)
