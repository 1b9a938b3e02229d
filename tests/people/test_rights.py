"""What a person may ask: to be looked at only for a reason, corrected, told everything, and forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from dispatch.foundation import log
from dispatch.foundation.access import ANONYMOUS, Actor
from dispatch.foundation.database import Database
from dispatch.foundation.errors import BadInput, NotAllowed, NotFound, NotSignedIn
from dispatch.foundation.ids import Keyring
from dispatch.people import citizens, reading, rights
from dispatch.people.citizens import PersonData
from dispatch.people.models import Person, PersonRead
from dispatch.people.refusals import StillInUse
from tests.people.conftest import NOW
from tests.standing_city import CLERK, DISTRICT_HALL, TOWN_PATH

PERSON = PersonData("王小明", "13800001234", "resident_id", "33108219900101001X")
SUPERVISOR = Actor("staff", "b" * 32, "supervisor", TOWN_PATH)


@pytest.fixture
def ref(city: Database, keys: Keyring) -> str:
    with city.work() as session:
        return citizens.keep(session, keys, PERSON, now=NOW).ref


def news(city: Database) -> list[log.LogEntry]:
    with city.reading() as session:
        assert list(log.faults(session, log.CITY)) == []
        return log.entries_after(session, log.CITY, 0)


def test_whoever_sees_her_in_full_leaves_a_row(city: Database, keys: Keyring, ref: str) -> None:
    with city.work() as session:
        data = reading.unmask(
            session, keys, ref, reason="service", note="电话确认", actor=CLERK, now=NOW, path=TOWN_PATH
        )
    assert data == PERSON
    with city.reading() as session:
        [row] = reading.reads_of(session, ref)
    assert (row.actor, row.kind, row.reason, row.note, row.at) == (
        CLERK.name,
        "unmask",
        "service",
        "电话确认",
        NOW,
    )
    assert row.fields == ["name", "phone", "id_number"]


def test_without_permission_or_reason_nothing_is_shown_and_no_row_left(
    city: Database, keys: Keyring, ref: str
) -> None:
    elsewhere = f"/{DISTRICT_HALL}/"
    street = Actor("staff", "d" * 32, "street", TOWN_PATH)
    wrong = [
        (ANONYMOUS, TOWN_PATH, "service", NotSignedIn),
        (CLERK, elsewhere, "service", NotAllowed),
        (street, TOWN_PATH, "service", NotAllowed),
        (CLERK, TOWN_PATH, "curiosity", BadInput),
        (CLERK, TOWN_PATH, "other", BadInput),
    ]
    for actor, path, reason, refusal in wrong:
        with city.work() as session, pytest.raises(refusal):
            reading.unmask(session, keys, ref, reason=reason, actor=actor, now=NOW, path=path)
    with city.reading() as session:
        assert session.scalar(select(func.count()).select_from(PersonRead)) == 0


def test_a_correction_is_bound_by_a_new_commitment(city: Database, keys: Keyring, ref: str) -> None:
    with city.work() as session:
        rights.correct(session, keys, ref, {"name": "王晓明"}, note=None, now=NOW, actor=CLERK)
    with city.reading() as session:
        assert citizens.read(session, keys, ref).name == "王晓明"
        assert citizens.refs_of_name(session, keys, "王晓明") == [ref]
        assert citizens.refs_of_name(session, keys, "王小明") == []
        assert [row.fields for row in reading.reads_of(session, ref)] == [["name"]]
    last = news(city)[-1]
    assert (last.kind, last.data["person"]) == ("PersonCorrected", ref)
    assert "王" not in last.body


def test_a_correction_that_changes_nothing_says_nothing(city: Database, keys: Keyring, ref: str) -> None:
    before = len(news(city))
    with city.work() as session:
        rights.correct(session, keys, ref, {"name": "王小明"}, note=None, now=NOW, actor=CLERK)
    assert len(news(city)) == before


def test_she_is_told_everything(city: Database, keys: Keyring, ref: str) -> None:
    with city.work() as session:
        reading.unmask(session, keys, ref, reason="service", actor=CLERK, now=NOW, path=TOWN_PATH)
    with city.work() as session:
        told = rights.export(session, keys, ref, now=NOW + timedelta(hours=1), actor=SUPERVISOR)
    assert told["data"] == {
        "name": "王小明",
        "phone": "13800001234",
        "id_kind": "resident_id",
        "id_number": "33108219900101001X",
    }
    assert [(read["kind"], read["by"]) for read in told["reads"]] == [
        ("export", SUPERVISOR.name),
        ("unmask", CLERK.name),
    ]


def test_erased_she_is_gone_and_the_log_still_holds(city: Database, keys: Keyring, ref: str) -> None:
    with city.work() as session:
        rights.erase(session, ref, in_use=False, now=NOW, actor=SUPERVISOR)
    with city.reading() as session:
        assert session.get(Person, ref) is None
        with pytest.raises(NotFound):
            citizens.masked(session, keys, ref)
        assert citizens.refs_of_name(session, keys, "王小明") == []
        assert [row.kind for row in reading.reads_of(session, ref)] == ["erase"]
    assert (news(city)[-1].kind, news(city)[-1].data) == ("PersonErased", {"person": ref})


def test_who_still_has_business_is_not_erased(city: Database, keys: Keyring, ref: str) -> None:
    with city.work() as session, pytest.raises(StillInUse):
        rights.erase(session, ref, in_use=True, now=NOW, actor=SUPERVISOR)
    with city.reading() as session:
        assert citizens.read(session, keys, ref) == PERSON
