"""How wrong the waits that were shown have been, for everybody to see."""

from dataclasses import asdict
from datetime import date

from flask import Response
from pydantic import BaseModel, Field

from dispatch.foundation.errors import BadInput
from dispatch.halls import finding
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Code, Query
from dispatch.pages.shared.calls import Call, answer
from dispatch.waits import accuracy
from dispatch.waits.forecast import LEVEL


class AccuracyQuery(Query):
    """Of which days, both included, and of which hall: of the newest four weeks and the city, where nothing is said."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    hall: Code | None = None


class Figures(BaseModel):
    """How good a predictor was `ahead_min` before people joined a queue; ours is `tongban`.

    Of one hall, of those who joined within one hour of the day, or of all. Shares are from 0 to 1; those of ranges are
    null for rules that tell none. `bias_s` is above 0 where more was foretold than waited, `late_90` the share that
    waited longer than the upper end.
    """

    predictor: str
    ahead_min: int
    hall: str | None
    hour: int | None
    n: int
    mae_s: float
    bias_s: float
    within_5_min: float
    coverage_90: float | None
    width_90_s: float | None
    late_90: float | None


class AccuracyShown(BaseModel):
    """What was announced, held against what happened. Days are scored by night; empty before the first."""

    first_day: date | None
    last_day: date | None
    level: float
    overall: list[Figures]
    halls: list[Figures]
    hours: list[Figures]


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
            overall=_figures(accuracy.overall(call.session, asked)),
            halls=_figures(accuracy.by_hall(call.session, asked)),
            hours=_figures(accuracy.by_hour(call.session, asked)),
        )

    return answer(read)


def _figures(found: list[accuracy.Accuracy]) -> list[Figures]:
    return [Figures(**asdict(each)) for each in found]
