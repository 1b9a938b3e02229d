"""A city's template in the halls below it: laid over, overridden, locked, planned, gone back on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dispatch.catalogue import placing
from dispatch.foundation import clock
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, Refusal
from dispatch.foundation.log import CITY, LogEntry
from dispatch.foundation.transitions import WrongState
from dispatch.halls import (
    configuring,
    finding,
    policies,
    rescheduling,
)
from dispatch.halls.models import Hall
from dispatch.halls.templates import content, inheriting, versioning
from dispatch.halls.templates.models import TemplateRollout, TemplateVersion
from dispatch.halls.templates.refusals import (
    FieldLocked,
    MomentTaken,
    NoSuchField,
    NotAfterNow,
    NoTemplate,
    OutsideTemplate,
    TemplateExists,
)
from dispatch.tickets import rearranging
from dispatch.tickets.refusals import PeopleInTheWay
from dispatch.wiring import templating
from tests.standing_city import CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL, Town

MAKER = Actor("staff", "a" * 32, "administrator", f"/{CITY_HALL}/")
LATE = [["08:30", "12:00"], ["14:00", "18:00"]]
SHORT = [["09:00", "12:00"]]


class Desk:
    """Somebody who makes templates, each deed its own transaction."""

    def __init__(self, town: Town) -> None:
        self.town, self.database = town, town.database

    def define(self, code: str = "T-CITY", **different: str) -> None:
        told = {"name": "全市", "name_en": "City", "level": "city", "hall": CITY_HALL, **different}
        with self.database.work() as session:
            versioning.define(session, code=code, now=self.town.now, actor=MAKER, **told)

    def draft(self, body: dict[str, Any], *locked: str, code: str = "T-CITY") -> int:
        with self.database.work() as session:
            of = versioning.template(session, code)
            return versioning.draft(session, of, body, locked, now=self.town.now, actor=MAKER).version

    def plan(self, number: int, at: datetime | None = None, code: str = "T-CITY") -> None:
        with self.database.work() as session:
            row = versioning.version(session, code, number)
            versioning.plan(session, row, at, now=self.town.now, actor=MAKER)

    def live(self, body: dict[str, Any], *locked: str, code: str = "T-CITY") -> int:
        """A version that is live at once, and brought to its halls."""
        number = self.draft(body, *locked, code=code)
        self.plan(number, code=code)
        self.tick()
        return number

    def withdraw(self, number: int, code: str = "T-CITY") -> None:
        with self.database.work() as session:
            row = versioning.version(session, code, number)
            versioning.withdraw(session, row, now=self.town.now, actor=MAKER)

    def revise(self, number: int, body: dict[str, Any], code: str = "T-CITY") -> None:
        with self.database.work() as session:
            row = versioning.version(session, code, number)
            versioning.revise(session, row, body, (), now=self.town.now, actor=MAKER)

    def by_hand(self, deed: Callable[[Session, Hall, dict[str, Any]], object]) -> None:
        """A verb of somebody else's that changes the town's hall."""
        with self.database.work() as session:
            deed(session, finding.hall(session, TOWN_HALL), {"now": self.town.now, "actor": MAKER})

    def inherit(self, hall: str = TOWN_HALL, code: str | None = "T-CITY") -> None:
        with self.database.work() as session:
            of = versioning.template(session, code) if code else None
            place = finding.hall(session, hall)
            inheriting.assign(session, place, of, now=self.town.now, actor=MAKER)
            rearranging.take_over(session, hall, now=self.town.now, actor=MAKER)

    def override(self, values: dict[str, Any], hall: str = TOWN_HALL) -> None:
        with self.database.work() as session:
            place = finding.hall(session, hall)
            inheriting.override(session, place, values, now=self.town.now, actor=MAKER)
            rearranging.take_over(session, hall, now=self.town.now, actor=MAKER)

    def roll_back(self, to: int, code: str = "T-CITY") -> int:
        with self.database.work() as session:
            of = versioning.template(session, code)
            row = versioning.roll_back(session, of, to, now=self.town.now, actor=MAKER)
        self.tick()
        return row.version

    def tick(self) -> None:
        """The scheduled job, at the town's time."""
        with self.database.work() as session:
            clock.begin_demo(session, self.town.now, speed=0)
        templating.take_effect(self.database)

    def spec(self, hall: str = TOWN_HALL) -> configuring.HallSpec:
        with self.database.reading() as session:
            found = configuring.spec_of(session, hall)
            return replace(found, policy=content.figures_of(found.policy))

    def monday(self, hall: str = TOWN_HALL) -> Any:  # noqa: ANN401 - a JSON value
        return self.spec(hall).hours["weekly"]["mon"]

    def origin(self, path: str, hall: str = TOWN_HALL) -> tuple[str, str]:
        with self.database.reading() as session:
            placed = placing.queues_by_item(session, hall)
            found = inheriting.fit(session, hall, placed).fields.origins[path]
            return found.kind, found.source

    def placed(self, hall: str = TOWN_HALL) -> dict[str, str]:
        with self.database.reading() as session:
            return placing.queues_by_item(session, hall)

    def states(self, code: str = "T-CITY") -> list[str]:
        with self.database.reading() as session:
            return [row.state for row in reversed(versioning.versions(session, code))]

    def kinds(self, hall: str) -> list[str]:
        with self.database.reading() as session:
            return [row.kind for row in session.query(LogEntry).filter_by(hall=hall).order_by(LogEntry.seq)]

    def rollouts(self, hall: str = TOWN_HALL) -> list[TemplateRollout]:
        with self.database.reading() as session:
            rows = session.query(TemplateRollout).filter_by(hall=hall)
            return list(rows.order_by(TemplateRollout.version))


@pytest.fixture
def desk(town: Town) -> Desk:
    """A city template without a version, inherited by the town's hall."""
    made = Desk(town)
    made.define()
    made.inherit()
    return made


def monday(spans: list[list[str]]) -> dict[str, Any]:
    return {"hours": {"weekly": {"mon": spans}}}


def test_a_template_without_a_version_changes_nothing(town: Town) -> None:
    desk = Desk(town)
    before = desk.spec()
    desk.define()
    desk.inherit()
    assert desk.spec() == before


def test_a_version_comes_to_every_hall_that_inherits(desk: Desk) -> None:
    desk.inherit(DISTRICT_HALL)
    untouched = desk.spec(CITY_HALL)
    desk.live(monday(LATE))
    assert desk.monday() == desk.monday(DISTRICT_HALL) == LATE
    assert desk.spec(CITY_HALL) == untouched
    assert desk.origin("hours.weekly.mon") == ("inherited", "T-CITY")
    assert desk.origin("hours.weekly.tue") == ("own", TOWN_HALL)
    assert desk.kinds(TOWN_HALL)[-2:] == ["HallConfigured", "TemplateApplied"]
    assert [row.state for row in desk.rollouts()] == ["done"]


def test_the_citys_log_says_who_did_what(desk: Desk) -> None:
    desk.live(monday(LATE))
    assert desk.kinds(CITY)[-4:] == [
        "TemplateDefined",
        "TemplateDrafted",
        "TemplatePlanned",
        "TemplateTookEffect",
    ]


def test_a_hall_goes_its_own_way_and_comes_back(desk: Desk) -> None:
    desk.live(monday(LATE))
    desk.override({"hours.weekly.mon": SHORT})
    assert desk.monday() == SHORT
    assert desk.origin("hours.weekly.mon") == ("overridden", TOWN_HALL)
    desk.override({})
    assert desk.monday() == LATE


def test_a_later_version_leaves_overrides_alone(desk: Desk) -> None:
    desk.live(monday(LATE))
    desk.override({"hours.weekly.mon": SHORT})
    desk.live(monday([["10:00", "16:00"]]))
    assert desk.monday() == SHORT


def test_a_lock_takes_an_override_back(desk: Desk) -> None:
    desk.live(monday(LATE))
    desk.override({"hours.weekly.mon": SHORT})
    desk.live(monday(LATE), "hours.weekly")
    assert desk.monday() == LATE
    assert desk.origin("hours.weekly.mon") == ("locked", "T-CITY")


def test_a_locked_field_is_not_overridden(desk: Desk) -> None:
    desk.live(monday(LATE), "hours")
    with pytest.raises(FieldLocked) as refused:
        desk.override({"hours.weekly.mon": SHORT})
    assert refused.value.field == "values.hours.weekly.mon"
    assert desk.monday() == LATE


def test_a_window_of_a_locked_kind_is_not_overridden(desk: Desk) -> None:
    desk.live({"kinds": {"general": {"queues": ["D", "A"]}}}, "kinds.general")
    assert {tuple(window.queues) for window in desk.spec().windows} == {("D", "A")}
    with pytest.raises(FieldLocked):
        desk.override({"windows.1.queues": ["D"]})


def test_a_district_stands_between_city_and_hall(desk: Desk) -> None:
    desk.define("T-DISTRICT", level="district", hall=DISTRICT_HALL, parent="T-CITY")
    desk.inherit(TOWN_HALL, "T-DISTRICT")
    desk.live({**monday(LATE), "policy": {"target_min": 20}})
    desk.live(monday(SHORT), code="T-DISTRICT")
    assert desk.monday() == SHORT
    assert desk.spec().policy == {"target_min": 20}
    assert desk.origin("policy.target_min") == ("inherited", "T-CITY")
    desk.live(monday(LATE), "hours")
    assert desk.monday() == LATE
    with pytest.raises(FieldLocked):
        desk.draft(monday(SHORT), code="T-DISTRICT")


def test_a_version_waits_for_its_moment(desk: Desk) -> None:
    before = desk.monday()
    desk.plan(desk.draft(monday(LATE)), MORNING + timedelta(hours=2))
    desk.plan(desk.draft(monday(SHORT)), MORNING + timedelta(hours=1))
    desk.tick()
    assert (desk.monday(), desk.states()) == (before, ["planned", "planned"])
    desk.town.pass_time(hours=1)
    desk.tick()
    assert (desk.monday(), desk.states()) == (SHORT, ["planned", "live"])
    desk.town.pass_time(hours=1)
    desk.tick()
    assert (desk.monday(), desk.states()) == (LATE, ["live", "superseded"])


def test_two_moments_missed_at_once_come_in_their_order(desk: Desk) -> None:
    desk.plan(desk.draft(monday(LATE)), MORNING + timedelta(hours=2))
    desk.plan(desk.draft(monday(SHORT)), MORNING + timedelta(hours=1))
    desk.town.pass_time(hours=5)
    desk.tick()
    assert (desk.monday(), desk.states()) == (LATE, ["live", "superseded"])
    assert [row.state for row in desk.rollouts()] == ["done", "overtaken"]


def test_a_planned_version_is_withdrawn_and_planned_again(desk: Desk) -> None:
    number = desk.draft(monday(LATE))
    desk.plan(number, MORNING + timedelta(hours=1))
    desk.withdraw(number)
    assert desk.states() == ["draft"]
    desk.revise(number, monday(SHORT))
    desk.plan(number)
    desk.tick()
    assert desk.monday() == SHORT


def test_what_took_effect_is_neither_withdrawn_nor_revised(desk: Desk) -> None:
    number = desk.live(monday(LATE))
    with pytest.raises(WrongState):
        desk.plan(number)
    with pytest.raises(WrongState):
        desk.withdraw(number)
    with pytest.raises(WrongState):
        desk.revise(number, {})


def test_rolling_back_restores_the_hall_exactly(desk: Desk) -> None:
    first = desk.live({**monday(LATE), "queues": {"D": {"name": "办事"}}}, "hours")
    before, origins = desk.spec(), desk.origin("queues.D.name")
    desk.live(
        {
            "hours": {"weekly": {"tue": SHORT, "mon": SHORT}},
            "queues": {"A": {"present": False}, "E": brought()},
            "policy": {"care_min": 90},
            "notices": [{"text": "今天热", "text_en": "Hot today"}],
        }
    )
    assert desk.spec() != before
    assert [queue.code for queue in desk.spec().queues if queue.code in "AE"] == ["E"]
    third = desk.roll_back(first)
    assert (desk.spec(), desk.origin("queues.D.name")) == (before, origins)
    with desk.database.reading() as session:
        old, new = (versioning.version(session, "T-CITY", number) for number in (first, third))
        assert (new.body, new.locked, new.restores) == (old.body, old.locked, first)


def brought() -> dict[str, Any]:
    return {"present": True, "letter": "E", "name": "新业务", "name_en": "New business"}


def test_leaving_a_template_gives_the_hall_its_own_back(desk: Desk) -> None:
    before, placed = desk.spec(), desk.placed()
    desk.live(
        {
            **monday(LATE),
            "queues": {"A": {"present": False}, "E": {**brought(), "zone": "hall"}},
            "placements": {"MS-IND": "E", "PSB-ID-RENEW": "E"},
            "zones": {"hall": {"present": True, "name": "大厅", "name_en": "Hall", "letters": ["E"]}},
        }
    )
    assert desk.placed() == {"HR-CARD": "D", "MS-IND": "E", "PSB-ID-RENEW": "E"}
    desk.inherit(TOWN_HALL, None)
    assert (desk.spec(), desk.placed()) == (before, placed)
    desk.live(monday(SHORT))
    assert desk.spec() == before


def test_people_in_a_queue_keep_it_until_they_are_gone(desk: Desk) -> None:
    ticket = desk.town.take("A")
    desk.live({"queues": {"A": {"present": False}}})
    (waiting,) = desk.rollouts()
    assert waiting.state == "held"
    assert waiting.held == [{"part": "queue", "code": "A", "name": "A", "numbers": [ticket.number]}]
    assert "A" in [queue.code for queue in desk.spec().queues]
    desk.town.do("cancel", ticket.id)
    desk.tick()
    assert "A" not in [queue.code for queue in desk.spec().queues]
    assert [row.state for row in desk.rollouts()] == ["done"]


def test_an_override_that_people_forbid_changes_nothing(desk: Desk) -> None:
    desk.town.take("A")
    before = desk.spec()
    with pytest.raises(PeopleInTheWay):
        desk.override({"queues.A.present": False})
    assert desk.spec() == before
    with desk.database.reading() as session:
        row = inheriting.of_hall(session, TOWN_HALL)
        assert row is not None
        assert row.overrides == {}


def test_one_hall_in_the_way_does_not_hold_the_others(desk: Desk) -> None:
    desk.inherit(DISTRICT_HALL)
    desk.town.take("A")
    desk.live({**monday(LATE), "queues": {"A": {"present": False}}})
    assert desk.monday() != LATE
    assert desk.monday(DISTRICT_HALL) == LATE


def test_a_crash_on_the_way_leaves_whole_halls_and_the_job_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.inherit(DISTRICT_HALL)
    whole = templating.bring

    def crash(database: Any, hall: str) -> bool:  # noqa: ANN401 - passed on
        if hall == TOWN_HALL:
            raise KeyboardInterrupt
        return whole(database, hall)

    monkeypatch.setattr(templating, "bring", crash)
    with pytest.raises(KeyboardInterrupt):
        desk.live(monday(LATE))
    assert (desk.monday(DISTRICT_HALL), desk.monday() == LATE) == (LATE, False)
    monkeypatch.undo()
    desk.tick()
    assert desk.monday() == LATE
    before = desk.kinds(DISTRICT_HALL)
    desk.tick()
    assert desk.kinds(DISTRICT_HALL) == before


def test_what_a_hall_sets_by_hand_becomes_an_override(desk: Desk) -> None:
    desk.live({**monday(LATE), "policy": {"care_min": 60, "target_min": 15}}, "policy.care_min")
    desk.by_hand(
        lambda session, place, told: rescheduling.set_week(session, place, weekly={"mon": SHORT}, **told)
    )
    desk.by_hand(
        lambda session, place, told: policies.change(
            session, place, {"care_min": 60, "target_min": 9}, **told
        )
    )
    assert desk.origin("hours.weekly.mon") == ("overridden", TOWN_HALL)
    assert desk.origin("policy.target_min") == ("overridden", TOWN_HALL)
    with pytest.raises(FieldLocked):
        desk.by_hand(lambda session, place, told: policies.change(session, place, {"care_min": 10}, **told))
    desk.live({**monday(LATE), "policy": {"care_min": 60, "target_min": 12}}, "policy.care_min")
    assert (desk.monday(), desk.spec().policy) == (SHORT, {"care_min": 60, "target_min": 9})


@pytest.mark.parametrize(
    "body",
    [
        {"hours": {"weekly": {"someday": []}}},
        {"nonsense": 1},
        {"queues": {"A": 3}},
        {"kinds": {"magic": {"queues": ["A"]}}},
        {"": 1},
        {"queues": {"A B": {"name": "x"}}},
    ],
)
def test_what_no_hall_has_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    with pytest.raises(NoSuchField):
        desk.draft(body)


@pytest.mark.parametrize(
    "body",
    [
        {"hours": {"weekly": {"mon": [["12:00", "09:00"]]}}},
        {"hours": {"weekly": {"mon": [["9", "12:00"]]}}},
        {"hours": {"weekly": {"mon": "09:00"}}},
        {"hours": {"public_holidays": 1}},
        {"queues": {"A": {"letter": "AB"}}},
        {"queues": {"A": {"name": " "}}},
        {"policy": {"care_min": True}},
        {"policy": {"care_min": 1.5}},
        {"zones": {"z": {"voice": {"languages": ["fr"]}}}},
        {"zones": {"z": {"voice": {"volume": 2}}}},
        {"windows": {"1": {"kind": "magic"}}},
        {"notices": [{"text": "x"}]},
    ],
)
def test_a_value_that_makes_no_sense_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        desk.draft(body)


def test_only_fields_can_be_locked(desk: Desk) -> None:
    for path in ("nonsense", "hours.weekly.mon.first", ""):
        with pytest.raises(NoSuchField):
            desk.draft({}, path)
    desk.draft({}, "hours", "queues.A", "policy.care_min", "notices")


def test_a_queue_that_lacks_a_name_is_not_opened(desk: Desk) -> None:
    with pytest.raises(BadInput):
        desk.override({"queues.E.present": True})
    desk.override({f"queues.E.{name}": value for name, value in brought().items()})
    assert "E" in [queue.code for queue in desk.spec().queues]


def test_refusals_have_their_reasons(desk: Desk) -> None:
    def refused(kind: type[Refusal], deed: Any) -> None:  # noqa: ANN401 - a deed
        with pytest.raises(kind):
            deed()

    refused(TemplateExists, desk.define)
    desk.define("T-DISTRICT", level="district", hall=DISTRICT_HALL)
    refused(OutsideTemplate, lambda: desk.inherit(CITY_HALL, "T-DISTRICT"))
    refused(
        OutsideTemplate,
        lambda: desk.define("T-X", parent="T-DISTRICT", hall=CITY_HALL),
    )
    refused(NoTemplate, lambda: desk.override({}, CITY_HALL))
    first, second = desk.draft(monday(LATE)), desk.draft(monday(SHORT))
    refused(NotAfterNow, lambda: desk.plan(first, MORNING - timedelta(seconds=1)))
    desk.plan(first, MORNING + timedelta(days=1))
    refused(MomentTaken, lambda: desk.plan(second, MORNING + timedelta(days=1)))


def test_versions_are_numbered_without_a_gap(desk: Desk) -> None:
    assert [desk.draft(monday(LATE)) for _ in range(3)] == [1, 2, 3]
    with desk.database.reading() as session:
        assert session.query(TemplateVersion).count() == 3
