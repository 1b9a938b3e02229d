"""How wrong the waits that were shown have been, for everybody to see."""

from datetime import date

from flask import Response
from pydantic import BaseModel, Field

from dispatch.foundation.errors import BadInput
from dispatch.halls import finding
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Code, Query
from dispatch.pages.shared.calls import Call, answer
from dispatch.waits import accuracy
from dispatch.waits.accuracy import Accuracy
from dispatch.waits.forecast import LEVEL


class AccuracyQuery(Query):
    """Of which days, both included, and of which hall: of the newest four weeks and the city, where nothing is said."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    hall: Code | None = None


class AccuracyShown(BaseModel):
    """What was announced, held against what happened. Days are scored by night; empty before the first."""

    first_day: date | None
    last_day: date | None
    level: float
    overall: list[Accuracy]
    halls: list[Accuracy]
    hours: list[Accuracy]


@api.get("/city/accuracy", **door("halls", "anyone", AccuracyShown, 404))
def show_accuracy(query: AccuracyQuery) -> Response:
    """How wrong the waits that were shown have been, by hall, hour and how long before."""

    def read(call: Call) -> AccuracyShown:
        if query.from_ is not None and query.to is not None and query.from_ > query.to:
            raise BadInput(reason=query.from_.isoformat(), field="from")
        if query.hall is not None:
            finding.hall(call.session, query.hall)
        asked = accuracy.asked(call.session, query.from_, query.to, query.hall)
        if asked is None:
            return AccuracyShown(
                first_day=query.from_, last_day=query.to, level=LEVEL, overall=[], halls=[], hours=[]
            )
        return AccuracyShown(
            first_day=asked.first,
            last_day=asked.last,
            level=LEVEL,
            overall=accuracy.overall(call.session, asked),
            halls=accuracy.by_hall(call.session, asked),
            hours=accuracy.by_hour(call.session, asked),
        )

    return answer(read)
