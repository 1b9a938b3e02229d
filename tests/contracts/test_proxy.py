"""The proxy's settings do what they are for: nobody is believed about himself, and a death costs no answer."""

import json
import socket
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import missing
from tests.contracts import proxied
from tests.contracts.deployed import DEPLOY
from tests.contracts.proxied import NGINX, Echo, Proxied
from tests.patience import PATIENCE_S


@pytest.fixture(scope="module")
def running() -> Iterator[Proxied]:
    if NGINX is None:
        missing("no nginx")
    with proxied.proxied() as proxy:
        yield proxy


@pytest.fixture
def proxy(running: Proxied) -> Iterator[Proxied]:
    yield running
    for echo in (*running.core, *running.display):
        echo.dying = False
    while httpx.get(running.plain).status_code != 200:  # until both are believed to live again
        time.sleep(0.1)


def told(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_pages_go_to_core_and_wires_to_display(proxy: Proxied) -> None:
    assert told(httpx.get(f"{proxy.plain}/"))["by"].startswith("core")
    assert told(httpx.get(f"{proxy.plain}/api/v1/halls"))["by"].startswith("core")
    assert told(httpx.get(f"{proxy.plain}/socket.io/?EIO=4"))["by"].startswith("display")


def test_what_a_caller_says_of_himself_is_overwritten(proxy: Proxied) -> None:
    lies = {
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Prefix": "/elsewhere",
        "Forwarded": "for=203.0.113.7",
        "X-Request-Id": "mine",
        "Upgrade": "h2c",
        "Connection": "Upgrade",
    }
    heard = told(httpx.get(f"{proxy.plain}/", headers=lies))["headers"]
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["x-forwarded-proto"] == "http"
    assert heard["x-forwarded-host"] == heard["host"] == urlsplit(proxy.plain).netloc
    assert len(heard["x-request-id"]) == 32
    assert {"forwarded", "x-forwarded-prefix", "upgrade"} & set(heard) == set()


def test_over_tls_the_process_knows_and_the_browser_is_told_to_stay(proxy: Proxied) -> None:
    with warnings.catch_warnings(), httpx.Client(verify=False) as client:  # noqa: S501 - our own certificate
        answer = client.get(f"{proxy.tls}/")
    assert told(answer)["headers"]["x-forwarded-proto"] == "https"
    assert answer.headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in httpx.get(f"{proxy.plain}/").headers


def test_a_websocket_is_passed_through(proxy: Proxied) -> None:
    at = urlsplit(proxy.plain)
    with socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=PATIENCE_S) as wire:
        asked = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: city\r\n"
        wire.sendall(f"{asked}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello\n".encode())
        wire.settimeout(PATIENCE_S)
        with wire.makefile("rb") as heard:
            lines = [heard.readline() for _ in range(20)]
    assert lines[0].startswith(b"HTTP/1.1 101")
    assert b"hello\n" in lines


def dying(echoes: list[Echo]) -> None:
    for echo in echoes:
        echo.dying = True
        echo.heard.clear()


def test_a_get_that_met_a_dying_process_is_asked_of_another(proxy: Proxied) -> None:
    dying(proxy.core[:1])
    answers = [told(httpx.get(f"{proxy.plain}/{n}"))["by"] for n in range(10)]
    assert set(answers) == {"core 2"}


def test_a_post_that_was_sent_is_never_sent_again(proxy: Proxied) -> None:
    dying(proxy.core)
    answer = httpx.post(f"{proxy.plain}/api/v1/tickets", json={"hall": "H-1"})
    assert sum(len(echo.heard) for echo in proxy.core) == 1
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"]
    assert answer.json()["status"] == 503


def test_a_page_that_cannot_be_had_tries_again_by_itself(proxy: Proxied) -> None:
    dying(proxy.core)
    answer = httpx.get(f"{proxy.plain}/board/H-1")
    assert answer.status_code == 503
    assert 'http-equiv="refresh"' in answer.text
    assert "本页几秒后自动再试" in answer.text


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_what_is_for_those_who_run_the_city_is_not_told_outside(proxy: Proxied, path: str) -> None:
    assert httpx.get(f"{proxy.plain}{path}").status_code == 404


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/tickets", 64 * 1024, 200),
        ("/api/v1/tickets", 64 * 1024 + 1, 413),
        ("/api/v1/city/import/preview", 8 * 1024 * 1024, 200),
        ("/admin/import", 8 * 1024 * 1024 + 1, 413),
    ],
)
def test_a_body_may_be_as_large_as_the_application_takes_it(
    proxy: Proxied, path: str, size: int, status: int
) -> None:
    answer = httpx.post(f"{proxy.plain}{path}", content=b"x" * size)
    assert answer.status_code == status
    if status == 413 and path.startswith("/api/"):
        assert answer.json()["code"] == "too_large"


def test_assets_trouble_a_process_once_in_a_while(proxy: Proxied) -> None:
    for echo in proxy.core:
        echo.heard.clear()
    for _ in range(10):
        told(httpx.get(f"{proxy.plain}/assets/shared/plain.css"))
    assert sum(len(echo.heard) for echo in proxy.core) == 1


def test_nginx_takes_the_upstreams_of_the_containers(tmp_path: Path) -> None:
    """But for the names, which only exist there, and for `resolve`, which Debian's nginx is too old for."""
    if NGINX is None:
        missing("no nginx")
    text = (DEPLOY / "nginx/upstreams.compose.conf").read_text(encoding="utf-8")
    text = text.replace(" resolve ", " ").replace("core:", "127.0.0.1:").replace("display:", "127.0.0.1:")
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    done = subprocess.run(
        [NGINX, "-q", "-t", "-p", f"{tmp_path}/", "-c", str(conf)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, json.dumps(done.stderr)) == (0, '""')
