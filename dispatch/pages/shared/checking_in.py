"""Checking in where one was referred to: the old place is held first, and given back where no number is given out."""

from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.foundation.access import system
from dispatch.foundation.errors import Refusal
from dispatch.journeys import finding
from dispatch.journeys.models import Journey
from dispatch.pages.shared.calls import Call, effect, here
from dispatch.pages.shared.limiting import SETTING_OUT, slow_down
from dispatch.tickets import referring


@contextmanager
def leaving(journey: str, secret: str, hall: str) -> Iterator[None]:
    """Whoever takes a number in this hall by a referral leaves her old place with it, or keeps it.

    Two halls never share a transaction: the hold has one of its own, before that of the number. A process that dies
    in between leaves a hold that expires. Raises NotYourJourney, ServedThere, HoldOver.
    """
    with effect() as call:
        row = finding.journey_of_holder(call.session, here().keys, journey, secret)
        held = row.hall == hall and _hold(call, row)
    try:
        yield
    except Refusal as refusal:
        if held:
            _give_back(row, refusal.code)
        raise


def _hold(call: Call, row: Journey) -> bool:
    if row.from_ticket is None:
        return False
    slow_down(call.session, call.actor, "journey", SETTING_OUT)
    return referring.check_out(call.session, row, now=call.now, actor=call.actor)


def _give_back(row: Journey, because: str) -> None:
    with effect() as call:
        referring.give_back(call.session, row, because, now=call.now, actor=system("moves"))
