"""The demo's machines: each says every half minute that it lives, and how it is."""

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from dispatch.demo.visitors.asking import API, TIMEOUT
from dispatch.demo.visitors.demo_file import DemoFile

EVERY_S = 30.0
STOPPED = 401


@dataclass
class Machine:
    """One machine with what it has to bring next. A call that was not answered is made again under its key."""

    token: str
    says: Mapping[str, Any]
    nonce: str | None = None
    key: str | None = None
    stopped: bool = field(default=False)

    def beat(self, client: httpx.Client) -> None:
        """Say how it is; whoever was put out of use falls silent."""
        self.key = self.key or secrets.token_urlsafe(18)
        body = {**self.says, **({"nonce": self.nonce} if self.nonce else {})}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": self.key}
        try:
            got = client.post(f"{API}/devices/heartbeat", json=body, headers=headers)
            told = got.json()
        except (httpx.TransportError, ValueError):
            return
        if got.is_success:
            self.nonce, self.token, self.key = told["nonce"], told["token"] or self.token, None
        self.stopped = got.status_code == STOPPED


def machines_of(demo: DemoFile) -> list[Machine]:
    """The machines of the demo file."""
    return [
        Machine(row["token"], {"state": "showing", "paper": row["paper"], "faults": row["faults"]})
        for row in demo.machines
    ]


def play_machines(demo: DemoFile) -> None:
    """Let them live for as long as this program does."""
    playing = machines_of(demo)
    threading.Thread(target=_play, args=(demo.url, playing), name="machines", daemon=True).start()


def _play(url: str, machines: Sequence[Machine]) -> None:
    with httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False) as client:
        while alive := [machine for machine in machines if not machine.stopped]:
            for machine in alive:
                machine.beat(client)
                time.sleep(EVERY_S / len(alive))
