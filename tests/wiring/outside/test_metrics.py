"""`/metrics`: what is told, to whom, under which names, and by all workers together."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from dispatch.foundation.settings import Settings
from dispatch.wiring.metrics import city
from dispatch.wiring.metrics.city import City
from tests import servers
from tests.pages.api.office import Office
from tests.patience import PATIENCE_S, wait_for
from tests.standing_city import TOWN_HALL

LIST = Path(__file__).parents[3] / "docs" / "metrics.md"
UNITS = ("_seconds", "_total", "_bytes")


@pytest.fixture(autouse=True)
def _never_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city, "FRESH_S", -1.0)
    monkeypatch.setattr(city, "WITHIN_S", PATIENCE_S)


def scraped(api: Office) -> list[Metric]:
    answer = api.client().get("/metrics")
    assert answer.status_code == 200
    return list(text_string_to_metric_families(answer.text))


def value(families: Iterable[Metric], name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) == 1, (name, labels, found)
    return found[0]


def test_every_figure_is_in_the_list_and_every_one_of_the_list_is_told(api: Office) -> None:
    listed = set(re.findall(r"^\| `(tongban_\w+)` \|", LIST.read_text(encoding="utf-8"), re.MULTILINE))
    api.get("/halls")
    told = {family.name for family in scraped(api) if family.name.startswith("tongban_")}
    assert told == listed


def test_names_and_units_are_as_prometheus_wants_them(api: Office) -> None:
    for family in scraped(api):
        assert family.documentation.endswith("."), family.name
        if not family.name.startswith("process_"):
            assert re.fullmatch(r"tongban_[a-z]+(_[a-z]+)+", family.name)
            assert ("second" in family.documentation) <= family.name.endswith(UNITS)
        for sample in family.samples:
            assert not set(sample.labels) & {"instance", "job_name", "ticket", "person", "path"}
            assert (family.type == "counter") == sample.name.endswith("_total"), sample.name


def test_requests_are_told_by_route_never_by_path(api: Office) -> None:
    api.get(f"/halls/{TOWN_HALL}")
    api.client().get("/13912345678")
    api.client().open("/healthz", method="BREW")
    told = api.client().get("/metrics").text
    assert "13912345678" not in told
    families = list(text_string_to_metric_families(told))
    count = "tongban_http_request_duration_seconds_count"
    assert value(families, count, route="/api/v1/halls/<string:hall>", method="GET", status="2xx") >= 1
    assert value(families, count, route="-", method="GET", status="4xx") >= 1
    assert value(families, count, method="OTHER", status="4xx") >= 1
    assert value(families, "tongban_http_requests_in_flight") == 1  # the one that asks


def test_a_line_of_people(api: Office) -> None:
    before = scraped(api)
    ticket = api.called()
    api.issue()
    after = scraped(api)
    at = {"hall": TOWN_HALL, "queue": ticket["queue"]}

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("tongban_queue_waiting", **at) == 1
    assert grown("tongban_queue_called", **at) == 1
    assert value(after, "tongban_queue_serving", **at) == 0
    assert value(after, "tongban_queue_windows_open", **at) >= 1
    assert value(after, "tongban_queue_longest_wait_seconds", **at) >= 0
    assert grown("tongban_log_head_seq", hall=TOWN_HALL) >= 3


def test_what_readyz_says_is_told_too(api: Office) -> None:
    told = scraped(api)
    assert value(told, "tongban_check_ok", check="database") == 1
    assert value(told, "tongban_check_ok", check="jobs") == 0
    assert value(told, "tongban_job_alarm", role="clock", alarm="nobody") == 1


def test_without_its_database_a_city_still_tells_of_itself(tmp_path: Path) -> None:
    class Registry:
        def collect(self) -> Iterable[Metric]:
            return City(Settings(database_url="postgresql+psycopg://u@127.0.0.1:1/c", var=tmp_path)).collect()

    assert generate_latest(Registry()) == b""


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({}, "8.8.8.8"),
        ({}, "2001:4860:4860::8888"),
        ({}, "::ffff:8.8.8.8"),
        ({"X-Forwarded-For": "127.0.0.1"}, "127.0.0.1"),
        ({"Forwarded": "for=127.0.0.1"}, "127.0.0.1"),
        ({}, "nonsense"),
    ],
)
def test_the_public_finds_no_such_page(api: Office, headers: dict[str, str], address: str) -> None:
    answer = api.client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.17.0.5", "192.168.1.9", "::ffff:10.1.2.3"]
)
def test_the_machines_own_network_does(api: Office, address: str) -> None:
    assert api.client().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 200


# --- real processes ----------------------------------------------------------------------------------------


def test_workers_tell_their_figures_together_and_the_clock_its_own(sqlite_url: str, tmp_path: Path) -> None:
    core, clock = servers.free_port(), servers.free_port()
    serve = [sys.executable, "-m", "dispatch.wiring.cli", "serve"]
    commands = (
        [*serve, "--role", "core", "--port", str(core), "--workers", "2"],
        [*serve, "--role", "clock", "--metrics-port", str(clock)],
    )
    environment = {**os.environ, "TONGBAN_DATABASE_URL": sqlite_url, "TONGBAN_VAR": str(tmp_path)}
    with ExitStack() as ends, httpx.Client() as client:
        for command in commands:
            log = ends.enter_context((tmp_path / f"{command[5]}.log").open("wb"))
            process = ends.enter_context(subprocess.Popen(command, env=environment, stderr=log))
            ends.callback(process.send_signal, signal.SIGTERM)
        answers(f"http://127.0.0.1:{core}/healthz")
        for _ in range(20):  # each over a line of its own, so that both workers get some
            assert httpx.get(f"http://127.0.0.1:{core}/api/v1/halls").status_code == 200
        told = list(text_string_to_metric_families(client.get(f"http://127.0.0.1:{core}/metrics").text))
        count = "tongban_http_request_duration_seconds_count"
        assert value(told, count, route="/api/v1/halls", method="GET", status="2xx") == 20
        assert value(told, "tongban_http_threads") == 32
        answers(f"http://127.0.0.1:{clock}/metrics")
        told = list(text_string_to_metric_families(client.get(f"http://127.0.0.1:{clock}/metrics").text))
        assert value(told, "tongban_check_ok", check="database") == 1
    lines = (tmp_path / "core.log").read_text().splitlines()
    assert lines
    assert all(line.startswith('{"time": ') for line in lines), lines


def answers(url: str) -> None:
    def answered() -> bool:
        try:
            return httpx.get(url).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(answered, told=lambda: f"{url} does not answer")
