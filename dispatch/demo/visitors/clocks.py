"""City time, as it passes by itself or as it is pushed."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from dispatch.demo.visitors.asking import Asker, Errand

READ_EVERY_S = 1.5
LONGEST_SLEEP_S = 0.5
FAST_FORWARD = 60


class Clock(Protocol):
    """City time."""

    def now(self) -> datetime:
        """What time it is in the city."""

    def wait_until(self, t: datetime) -> None:
        """Let time pass, until `t` at the latest; often less, so look again."""

    def real(self, seconds: float) -> timedelta:
        """How much city time passes in so many real seconds."""


class LiveClock:
    """The demo's clock, read now and then; between two readings it runs on at the speed last told.

    Somebody may push it hours ahead or change its speed at any moment: the next reading shows it.
    """

    def __init__(
        self,
        asker: Asker,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._asker, self._monotonic, self._sleep = asker, monotonic, sleep
        self._speed = 1.0
        self._city: datetime | None = None
        self._as_of = self._tried = 0.0

    def now(self) -> datetime:
        """City time. The first call returns only when the server has answered."""
        if self._city is None or self._monotonic() - self._tried > READ_EVERY_S:
            self._read()
        while self._city is None:
            self._sleep(1.0)
            self._read()
        return self._city + self.real(self._monotonic() - self._as_of)

    def wait_until(self, t: datetime) -> None:
        """Sleep a little."""
        left = (t - self.now()).total_seconds()
        nap = left / self._speed if self._speed > 0 else LONGEST_SLEEP_S
        if left > 0:
            self._sleep(min(max(nap, 0.001), LONGEST_SLEEP_S))

    def real(self, seconds: float) -> timedelta:
        """Seconds at the city's speed."""
        return timedelta(seconds=seconds * self._speed)

    def _read(self) -> None:
        answer = self._asker.get("/demo/clock")
        self._tried = self._monotonic()
        if answer.ok:
            self._city, self._as_of = datetime.fromisoformat(answer.told["now"]), self._tried
            self._speed = float(answer.told["speed"])


class PushedClock:
    """The demo's clock, stopped and then pushed forward by us: an hour passes as fast as its events are made.

    It only ever stands at whole steps after `start`, so that the same hour is played however long it took to begin.
    """

    def __init__(
        self, asker: Asker, start: datetime, end: datetime, *, step: timedelta = timedelta(seconds=25)
    ) -> None:
        self._asker, self._start, self._end, self._step = asker, start, end, step
        self._speed = float(self._put()["speed"]) or 1.0
        self._now = datetime.fromisoformat(self._put(speed=0)["now"])
        if self._now != start:
            self._push(self._whole(max(self._now, start)))

    def now(self) -> datetime:
        """Where it was pushed to."""
        return self._now

    def wait_until(self, t: datetime) -> None:
        """Push it at least one step on, at most to the end."""
        self._push(min(self._whole(max(t, self._now + timedelta(microseconds=1))), self._end))

    def real(self, seconds: float) -> timedelta:
        """No real time passes here; what goes by it goes by a steady multiple."""
        return timedelta(seconds=seconds * FAST_FORWARD)

    def release(self) -> None:
        """Let it run again as it did before."""
        self._put(now=max(self._now, self._end).isoformat(), speed=self._speed)

    def _whole(self, at: datetime) -> datetime:
        """The first whole step that is not before."""
        return self._start - (self._start - at) // self._step * self._step

    def _push(self, to: datetime) -> None:
        self._now = datetime.fromisoformat(self._put(now=to.isoformat())["now"])

    def _put(self, **body: object) -> dict[str, str]:
        answer = self._asker.do(Errand("PUT", "/demo/clock", body, "administrator"))
        if not answer.ok:
            raise RuntimeError(f"the demo's clock cannot be set: {answer.code}")
        told: dict[str, str] = answer.told
        return told
