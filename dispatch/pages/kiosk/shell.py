"""What stands around every screen of the kiosk. Size and height travel in the address: the next one starts afresh."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request, url_for

from dispatch.halls.models import Hall
from dispatch.pages.kiosk import card, machine
from dispatch.pages.shared import telling
from dispatch.pages.shared.answering import ANSWERS, UNSURE
from dispatch.pages.shared.calls import Call, language

MODES = ("big", "low", "card")
"""What travels in the address: size, height, and that a card was read (the card itself does not)."""
SAME = ("s", "g", "q", "pad", "job", ANSWERS, UNSURE)
"""What else a screen is of, and keeps when it is shown larger, lower or in the other language."""

blueprint = Blueprint(
    "kiosk", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/kiosk"
)


def frame(call: Call, place: Hall, step: str, back: str = "") -> dict[str, Any]:
    """What stands around every step."""
    return {
        "hall": place,
        "step": step,
        "back": back,
        "mode": {mode: mode in request.args for mode in MODES},
        "machine": machine.told(call, place),
        "held": card.held() if "card" in request.args else None,
        "query": query(),
        "kept": modes(),
        "ways": _ways(),
        "city_now": telling.here_and_now(call, place),
        **telling.wire_of(call.session, place.code),
    }


def at(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - whatever stands in an address
    """An address of the kiosk that keeps size and height."""
    return url_for(endpoint, **{**values, **dict(modes())})


def modes() -> list[tuple[str, str]]:
    """Size and height, as the pairs of an address."""
    return [(mode, "1") for mode in MODES if mode in request.args]


def query(*more: tuple[str, object]) -> str:
    """The end of an address that keeps size and height."""
    text = urlencode([*modes(), *more])
    return f"?{text}" if text else ""


def _ways() -> dict[str, str]:
    """The same step larger, lower, or in the other language."""
    same = [(name, said) for name in (*SAME, *MODES) for said in request.args.getlist(name)]

    def turned(mode: str) -> str:
        if mode in request.args:
            return f"?{urlencode([pair for pair in same if pair[0] != mode])}"
        return f"?{urlencode([*same, (mode, '1')])}"

    other_language = "zh" if language() == "en" else "en"
    return {
        **{mode: turned(mode) for mode in MODES},
        "lang": f"?{urlencode([*same, ('lang', other_language)])}",
    }
