"""Asking the city: every request the visitors make goes through here, at their pace."""

import base64
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from dispatch.demo.visitors.demo_file import DemoFile, Login
from dispatch.demo.visitors.figures import Figures
from dispatch.demo.visitors.pace import Pace

API = "/api/v1"
UNREACHABLE = 0
NOT_NOW = frozenset({UNREACHABLE, 429, 502, 503, 504})
LONGEST_PAUSE_S = 5.0
OTP_STEP_S = 30
OTP_STEPS = (0, 1, -1)
"""This step's code first: it still opens where the next step begins while the password is being checked."""
TIMEOUT = httpx.Timeout(10.0, connect=3.0)
Who = Literal["nobody", "supervisor", "administrator"] | Login


class CannotSignIn(RuntimeError):
    """The demo file's login is refused."""


@dataclass(frozen=True)
class Errand:
    """A request that has one effect however often it is made: its key is drawn once."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    who: Who = "nobody"
    header: str | None = None
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when nothing did."""

    status: int
    told: Any = None

    @property
    def ok(self) -> bool:
        """It was done."""
        return 200 <= self.status < 300

    @property
    def later(self) -> bool:
        """Nothing is decided: the same errand may be made again."""
        return self.status in NOT_NOW or self.code == "still_running"

    @property
    def code(self) -> str:
        """The stable name of a refusal."""
        named = self.told.get("code") if isinstance(self.told, dict) and not self.ok else None
        return str(named or f"http_{self.status}")


class Asker:
    """The visitors' one connection to the city."""

    def __init__(self, client: httpx.Client, demo: DemoFile, pace: Pace, figures: Figures) -> None:
        self.demo, self.pace, self.figures = demo, pace, figures
        self._client = client
        self._failures = 0
        self._tokens: dict[Who, str] = {}

    def get(self, path: str, who: Who = "nobody") -> Answer:
        """Read something."""
        return self.do(Errand("GET", path, who=who))

    def do(self, errand: Errand) -> Answer:
        """Make the request; signs in where needed. Raises CannotSignIn, and nothing for a server that is away."""
        header = errand.header
        if errand.who != "nobody":
            if errand.who not in self._tokens and (refused := self._sign_in(errand.who)):
                return refused
            header = f"Bearer {self._tokens[errand.who]}"
        answer = self._send(errand, header)
        if answer.status == 401 and errand.who != "nobody":  # the session ended: the next try signs in anew
            self._tokens.pop(errand.who, None)
            return Answer(503)
        return answer

    def _sign_in(self, who: Who) -> Answer | None:
        login = who if isinstance(who, Login) else self._login(who)
        body = {"username": login.username, "password": login.password}
        for steps_off in OTP_STEPS if login.totp_secret else (0,):
            if login.totp_secret:
                body["otp"] = _code(login.totp_secret, steps_off)
            answer = self._send(Errand("POST", "/sessions", body), None)
            if answer.code not in ("otp_used", "wrong_otp"):
                break
        if answer.ok:
            self._tokens[who] = answer.told["token"]
            return None
        if answer.status == 401:
            raise CannotSignIn(f"{login.username} of the demo file cannot sign in")
        return answer

    def _login(self, role: str) -> Login:
        return self.demo.supervisor if role == "supervisor" else self.demo.administrator

    def _send(self, errand: Errand, header: str | None) -> Answer:
        self.pace.take()
        self.figures.calls += 1
        headers = {"Authorization": header} if header else {}
        if errand.method != "GET":
            headers["Idempotency-Key"] = errand.key
        try:
            got = self._client.request(
                errand.method, API + errand.path, json=errand.body, headers=headers, timeout=TIMEOUT
            )
            told = got.json() if got.content else None
        except (httpx.TransportError, ValueError):  # no server, or something that is not ours in its place
            self.figures.errors["unreachable"] += 1
            self._failures += 1
            time.sleep(min(LONGEST_PAUSE_S, 0.1 * 2 ** min(self._failures, 10)))
            return Answer(UNREACHABLE)
        self._failures = 0
        answer = Answer(got.status_code, told)
        if got.status_code == 409:
            self.figures.conflicts += 1
        elif not answer.ok:
            self.figures.errors[answer.code] += 1
        return answer


def _code(secret: str, steps_off: int) -> str:
    """The one-time code of a step before, at or after this one, as it would show on a phone."""
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), OTP_STEP_S)  # noqa: S303 - what the city asks for
    return totp.generate(int(time.time()) + steps_off * OTP_STEP_S).decode()
