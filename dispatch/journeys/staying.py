"""Somebody under way is told of another hall and goes on as she meant to."""

from sqlalchemy.orm import Session

from dispatch.halls.models import Hall
from dispatch.journeys.models import Journey
from dispatch.journeys.refusals import NotUnderWay


def pass_over(session: Session, journey: Journey, place: Hall) -> None:
    """She will not go to this hall instead: it is not told of again. NotUnderWay; said again, nothing changes."""
    if journey.state != "under_way":
        raise NotUnderWay(state=journey.state, field="journey")
    if place.code not in journey.passed_over:
        journey.passed_over = [*journey.passed_over, place.code]
    session.flush()
