"""The demo city as a newcomer starts it, alive, for every test that visits it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests import servers
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

READY_WITHIN_S = 720


@dataclass(frozen=True)
class DemoCity:
    """The running demo: its address, its files and what `demo.json` says."""

    url: str
    var: Path
    told: dict[str, Any]

    @property
    def quiet(self) -> str:
        """A hall where nobody goes but the test."""
        return str(self.told["quiet_halls"][0])

    def login(self, role: str) -> dict[str, str]:
        """The first account of this role."""
        return next(login for login in self.told["logins"] if login["role"] == role)

    @contextmanager
    def staff(self, role: str) -> Iterator[httpx.Client]:
        """A client signed in as this role."""
        login = self.login(role)
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=PATIENCE_S) as client:
            body = {"username": login["username"], "password": login["password"]}
            token = client.post("/sessions", json=body).raise_for_status().json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


@pytest.fixture(scope="package")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCity]:
    """`tongban demo` in an empty folder, ended as Ctrl+C would; or the one whose folder TONGBAN_TEST_DEMO names.

    It ends with its last visit, for a city is at work as long as it stands.
    """
    if running := os.environ.get("TONGBAN_TEST_DEMO"):
        told = json.loads(Path(running, "demo.json").read_text(encoding="utf-8"))
        yield DemoCity(told["url"], Path(running), told)
        return
    var, port = tmp_path_factory.mktemp("demo"), servers.free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
    with (var / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dispatch.wiring.cli", "demo", "--port", str(port)],
            env={**kept, "TONGBAN_VAR": str(var)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url, var)
        yield DemoCity(url, var, json.loads((var / "demo.json").read_text(encoding="utf-8")))
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(PATIENCE_S)
    assert ended == 0
    assert "Traceback" not in (var / "demo.log").read_text(encoding="utf-8")


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: str, var: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the demo ended: {(var / 'demo.log').read_text(encoding='utf-8')[-2000:]}")
        try:
            if httpx.get(f"{url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    pytest.fail("the demo did not answer in time")


@pytest.fixture
def look(chromium: "Browser") -> "Iterator[Look]":
    """Opens pages of a size and fails when any of them complained in its console."""
    looking = Look(chromium)
    yield looking
    for context in looking.contexts:
        context.close()
    assert looking.complaints == []


class Look:
    """Eyes on pages: every context has its own cookies."""

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def forgives(self, page: "Page") -> None:
        """From now on this page may complain: its network is being broken on purpose."""
        page.on("console", lambda said: self._forget(page, said.text))

    def _forget(self, page: "Page", text: str) -> None:
        self.complaints = [each for each in self.complaints if each != f"{page.url}: {text}"]

    def at(self, url: str, width: int, height: int) -> "Page":
        """A fresh visitor's page at this address and size."""
        context = self._browser.new_context(viewport={"width": width, "height": height})
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: self.complaints.append(f"{page.url}: {said.text}") if said.type == "error" else None,
        )
        page.goto(url)
        return page
