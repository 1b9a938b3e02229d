"""Sending a short message to a number that somebody typed: the number is used once and kept nowhere."""

import re
from types import MappingProxyType

from flask import current_app

from dispatch.foundation import clock, limits
from dispatch.foundation.ids import digest
from dispatch.foundation.limits import Limit, TooMany
from dispatch.pages.shared import limiting
from dispatch.pages.shared.calls import effect, here
from dispatch.ports.messages import Messenger, NotSent

MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
"""Mainland mobile numbers only: nobody can make the city pay for calls abroad."""
A_NUMBER = Limit(burst=2, per_minute=0.05)
"""Nobody's telephone is to be plagued, whoever asks for it: two at once, three an hour."""
A_MACHINE = Limit(burst=10, per_minute=4)
SENTENCES = MappingProxyType(
    {
        "sent": "发出去了,一会儿手机上能看到",
        "number": "手机号不对:要 11 位,1 开头",
        "often": "发得太多了,过一会儿再发。也可以扫码或打印",
        "down": "现在发不出短信。请扫码或打印",
    }
)


def possible() -> bool:
    """Whether the city can send messages at all."""
    return _messenger() is not None


def send(said: str, words: str) -> str:
    """Send these words to the number that was typed; what became of it, a key of `SENTENCES`."""
    number, messenger = _number(said), _messenger()
    if messenger is None:
        return "down"
    if number is None:
        return "number"
    try:
        _take_a_turn(number)
    except TooMany:
        return "often"
    try:
        messenger.send(number, words)
    except NotSent:
        return "down"
    return "sent"


def _take_a_turn(number: str) -> None:
    """TooMany; what is counted under is a keyed digest, out of which nobody can read the number."""
    real_now = clock.real_now()
    with effect() as call:
        limiting.slow_down(call.session, call.actor, "sms", limiting.MESSAGING)
        if call.actor.kind == "device":
            limits.take(call.session, digest(f"sms:{call.actor.name}"), A_MACHINE, real_now=real_now)
        limits.take(call.session, here().keys.secret_of("sms", number), A_NUMBER, real_now=real_now)


def _number(said: str) -> str | None:
    found = MOBILE.fullmatch(re.sub(r"[\s-]", "", said))
    return found[1] if found else None


def _messenger() -> Messenger | None:
    found: Messenger | None = current_app.extensions["messenger"]
    return found
