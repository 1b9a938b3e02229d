"""People and windows that use a city at once, by its public interface, and note what they sent and were answered.

Nobody gives up: whoever is not answered asks again under the same key, until the city says how it went.
"""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Flask

from tests.faults.history import Attempt, Deed, History
from tests.patience import PATIENCE_S

ANSWER_WITHIN_S = 15.0
PAUSE_S = 0.05


class Unanswered(Exception):
    """Nobody knows whether the city heard it."""


class Caller(Protocol):
    """One way to the city."""

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        """Status and answer; Unanswered when none came."""

    def close(self) -> None:
        """Nothing more will be asked."""


class Phone:
    """Calls processes by HTTP: the next one when one does not answer."""

    def __init__(self, ports: Sequence[int], *, answer_within: float = ANSWER_WITHIN_S) -> None:
        """On this machine."""
        self._ports = list(ports)
        random.shuffle(self._ports)
        self._answer_within = answer_within
        self._line: http.client.HTTPConnection | None = None

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        """Status and answer."""
        line = self._line or http.client.HTTPConnection(
            "127.0.0.1", self._ports[0], timeout=self._answer_within
        )
        self._line = None
        try:
            line.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
            response = line.getresponse()
            said = response.read()
            answer = json.loads(said) if said else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            line.close()
            self._ports.append(self._ports.pop(0))
            raise Unanswered from error
        self._line = line
        return response.status, answer

    def close(self) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()


class Desk:
    """Calls an application in this very process; of so many answers out of a hundred it hears nothing."""

    def __init__(self, app: Flask, deaf_percent: int = 0) -> None:
        """With a client of its own."""
        self._client = app.test_client()
        self._deaf_percent = deaf_percent

    def post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        """Status and answer."""
        response = self._client.post(path, json=body, headers=headers)
        if random.randrange(100) < self._deaf_percent:
            raise Unanswered
        return response.status_code, response.get_json(silent=True)

    def close(self) -> None:
        """There is nothing to hang up."""


@dataclass(frozen=True)
class Place:
    """A hall with open windows, its queues, and where its people may be sent."""

    hall: str
    queues: Sequence[str]
    windows: Sequence[str]
    send_to: str | None = None


@dataclass(frozen=True)
class Habits:
    """How often out of ten something is done."""

    cancel: float = 1.5
    stale: float = 1.0
    missed: float = 1.0
    send: float = 1.0
    park: float = 2.0
    ask_again: float = 0.5


AS_USUAL = Habits()


@dataclass
class Crowd:
    """Everybody together. `successes` are the moments at which somebody was told that it went well."""

    history: History
    caller: Callable[[], Caller]
    token: str
    pause: float = 0.01
    patience: float = PATIENCE_S
    habits: Habits = AS_USUAL
    stop: threading.Event = field(default_factory=threading.Event)
    successes: list[float] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)

    @contextmanager
    def at_work(self, places: Sequence[Place], *, citizens: int = 3) -> Iterator["Crowd"]:
        """So many citizens in each place, and a clerk at each window, for as long as the block lasts."""
        people: list[_Citizen | _Clerk] = []
        for place in places:
            people += [_Citizen(self, place, self.caller()) for _ in range(citizens)]
            people += [_Clerk(self, place, self.caller(), window) for window in place.windows]
        threads = [threading.Thread(target=self._run, args=(each,)) for each in people]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(self.patience + ANSWER_WITHIN_S)
        if self.broken:
            raise self.broken[0]

    def ask(self, caller: Caller, deed: Deed, path: str, body: dict[str, Any], who: str | None) -> Deed:
        """Ask until it is known how it went; now and then once more, as somebody does who lost the answer."""
        self.history.note(deed)
        headers = {"Idempotency-Key": deed.key, **({"Authorization": who} if who else {})}
        deadline = time.monotonic() + self.patience
        while True:
            sent = time.monotonic()
            try:
                status, answer = caller.post(f"/api/v1{path}", body, headers)
            except Unanswered:
                status, answer = 0, None
            attempt = Attempt(sent, time.monotonic(), status, answer)
            deed.attempts.append(attempt)
            if attempt.is_known:
                if status < 400:
                    self.successes.append(attempt.answered)
                if not by_chance(self.habits.ask_again) or len(deed.attempts) > 20:
                    return deed
            if time.monotonic() > deadline:
                return deed
            if not attempt.is_known:
                time.sleep(PAUSE_S)

    def _run(self, somebody: "_Citizen | _Clerk") -> None:
        try:
            somebody.live()
        except BaseException as error:  # told to the test's thread
            self.broken.append(error)
            self.stop.set()
        finally:
            somebody.caller.close()


@dataclass
class _Citizen:
    """Takes tickets, and gives some of them up."""

    crowd: Crowd
    place: Place
    caller: Caller

    def live(self) -> None:
        """Until the crowd goes home."""
        while not self.crowd.stop.is_set():
            queue = random.choice(self.place.queues)
            deed = Deed("issue", self.place.hall, queue, new_key())
            body = {"hall": self.place.hall, "queue": queue, "channel": "web"}
            self.crowd.ask(self.caller, deed, "/tickets", body, None)
            self.crowd.stop.wait(random.uniform(0, 2) * self.crowd.pause)
            if deed.outcome == "ok" and by_chance(self.crowd.habits.cancel):
                given_up = Deed("cancel", self.place.hall, deed.answer["id"], new_key())
                self.crowd.ask(
                    self.caller,
                    given_up,
                    f"/tickets/{deed.answer['id']}/cancel",
                    {},
                    f"Ticket {deed.answer['secret']}",
                )


@dataclass
class _Clerk:
    """Calls people to one window and serves them, in all the ways that a window knows."""

    crowd: Crowd
    place: Place
    caller: Caller
    window: str

    def live(self) -> None:
        """Until the crowd goes home; whoever is at the window then is finished."""
        here: tuple[str, int] | None = None
        while not self.crowd.stop.is_set():
            called = self._call(here)
            if called.outcome != "ok" or not called.answer:
                here = None if called.outcome == "ok" else here
                self.crowd.stop.wait(self.crowd.pause)
                continue
            here = (called.answer["id"], called.answer["claim"])
            self.crowd.stop.wait(random.uniform(0, 2) * self.crowd.pause)
            here = self._serve(*here)
        if here is not None:
            self._do("finish", *here)

    def _call(self, here: tuple[str, int] | None) -> Deed:
        deed = Deed("call", self.place.hall, self.window, new_key(), finishes=here)
        body = {"finish": here is not None}
        return self.crowd.ask(self.caller, deed, f"/windows/{self.window}/call-next", body, self._who)

    def _serve(self, ticket: str, claim: int) -> tuple[str, int] | None:
        """Whoever is still at the window afterwards, for the next call to finish."""
        habits = self.crowd.habits
        if by_chance(habits.stale):
            self._do("finish", ticket, claim - 1)  # somebody who slept through a change of hands
        if by_chance(habits.missed):
            self._do("missed", ticket, claim)
            return None
        if self.place.send_to and by_chance(habits.send):
            self._do("send", ticket, claim, verb="move", hall=self.place.send_to)
            return None
        self._do("start", ticket, claim)
        if by_chance(habits.park):
            self._do("park", ticket, claim)
            back = self._do("resume", ticket, None, window=self.window)
            if back.outcome != "ok":
                return None
            claim = back.answer["claim"]
        if by_chance(5):
            return ticket, claim
        self._do("finish", ticket, claim)
        return None

    def _do(self, op: str, ticket: str, claim: int | None, *, verb: str | None = None, **more: str) -> Deed:
        deed = Deed(op, self.place.hall, ticket, new_key(), claim=claim)
        body = {**more, **({} if claim is None else {"claim": claim})}
        return self.crowd.ask(self.caller, deed, f"/tickets/{ticket}/{verb or op}", body, self._who)

    @property
    def _who(self) -> str:
        return f"Bearer {self.crowd.token}"


def by_chance(of_ten: float) -> bool:
    """Yes, so many times out of ten."""
    return random.random() * 10 < of_ten


def new_key() -> str:
    """A key of 128 random bits."""
    return f"{random.getrandbits(128):032x}"
