"""What callers send and are told about what a hall can do and often does."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from dispatch.catalogue.lists.models import KINDS
from dispatch.catalogue.models import MODES
from dispatch.pages.api.forms import Query
from dispatch.pages.api.words import OneOf

Day = date
"""A field of these shapes is called `date`."""


class HallItemsQuery(Query):
    """Which list of the hall, and of which day."""

    list: Annotated[str, OneOf(KINDS)] = Field("can", description="what it can do, or what it often does")
    date: Day | None = Field(None, description="the list that holds on that day; today's, if nothing is said")


class ItemListed(BaseModel):
    """An item of a list; `count` and `share` of what is done often, as they were counted for this version."""

    code: str
    name: str
    name_en: str
    department: str
    department_en: str
    mode: Annotated[str, OneOf(MODES)]
    count: int | None
    share: float | None


Listed = list[ItemListed]
"""And another `list`."""


class HallItems(BaseModel):
    """A hall's list as it holds on `date`: the version published last that was to hold by then."""

    hall: str
    list: Annotated[str, OneOf(KINDS)]
    date: Day
    version: int
    since: Day
    published_at: datetime
    counted_from: Day | None
    counted_to: Day | None
    items: Listed
