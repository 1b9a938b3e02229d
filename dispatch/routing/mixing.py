"""Among near-equal counters one goes first by a draw, so that not all who ask are sent to one. Pure."""

from collections.abc import Sequence
from datetime import datetime

from dispatch.journeys import rules
from dispatch.journeys.rules import Prospect
from dispatch.routing.weighing import Weighed


def mix(counters: Sequence[Weighed], at: datetime, draw: float) -> list[Weighed]:
    """The counters, given the best first, in the order in which they are advised to somebody who sets out then.

    Only those are mixed that do as much for her as the best, as soon, and whose waits are known; a `draw` of 0 leaves
    everything as it stands.
    """
    alike = [each for each in counters if _does(each) == _does(counters[0])]
    prospects = [prospect(each, at) for each in alike]
    if len(alike) < 2 or None in prospects:
        return list(counters)
    first = alike[rules.mixed([each for each in prospects if each], draw)[0]]
    return [first, *(each for each in counters if each is not first)]


def _does(one: Weighed) -> tuple[object, ...]:
    """What must be the same of two counters before a draw may choose between them."""
    candidate = one.candidate
    known = one.foretold.wait is not None
    return candidate.visits, candidate.extra_days, candidate.later, set(candidate.items), known


def prospect(one: Weighed, at: datetime) -> Prospect | None:
    """When she would be done who asks at that moment; None where the wait is not known."""
    wait = one.foretold.wait
    if wait is None:
        return None
    done = (one.finish_at - at).total_seconds()
    return Prospect(done, done - (wait["point_s"] - wait["low_s"]), done + (wait["high_s"] - wait["point_s"]))
