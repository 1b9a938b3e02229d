"""The ID card that lies on the reader: kept for three minutes in a sealed cookie, never in an address."""

import base64
import json
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from flask import request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.errors import BadInput
from dispatch.foundation.ids import KeyLost
from dispatch.pages.shared.calls import here
from dispatch.people import id_numbers
from dispatch.people.citizens import PersonData
from dispatch.people.sealing import seal, unseal

COOKIE, PATH, KEY = "tongban_card", "/kiosk", "kiosk-card"
LASTS_S = 180


class Unread(BadInput):
    """The reader gave something that is no number of an ID card."""

    code = "card_unread"
    sentence = "没读出来,请把身份证再放一次"


@dataclass(frozen=True)
class Card:
    """What was read. A number typed by hand proves nothing: with it nobody's tickets are shown."""

    number: str
    by_reader: bool

    @property
    def kind(self) -> str:
        """Which kind of document it is."""
        return id_numbers.kind_of(self.number)

    @property
    def tail(self) -> str:
        """All of it that is ever shown."""
        return self.number[-4:]

    @property
    def person(self) -> PersonData:
        """What is known of the person by the card alone."""
        return PersonData(name="", id_kind=self.kind, id_number=self.number)


def read(said: str, by_reader: bool) -> Card:
    """The card that a reader typed; Unread."""
    number = id_numbers.tidy(said)
    if not id_numbers.is_right(number):
        raise Unread(reason="", field="number")
    return Card(number, by_reader)


def keep(response: AnyResponse, card: Card) -> None:
    """Remember the card for this person's next steps."""
    until = int(clock.real_now().timestamp()) + LASTS_S
    box, _ = seal(here().keys, KEY, json.dumps([card.number, card.by_reader, until]).encode())
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(box).decode(),
        max_age=LASTS_S,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=here().secure_cookies,
    )


def held() -> Card | None:
    """The card of whoever stands here, while this is still she."""
    try:
        box = base64.urlsafe_b64decode(request.cookies.get(COOKIE, ""))
        number, by_reader, until = json.loads(unseal(here().keys, KEY, box))
    except (ValueError, InvalidToken, KeyLost):
        return None
    return Card(number, by_reader) if clock.real_now().timestamp() < until else None


def drop(response: AnyResponse) -> None:
    """Forget the card: the next person is another one."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path=PATH)
