"""Keys change while the city works: nobody is lost, everybody is found, and old keys go when nothing needs them."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.ids import KeyLost, Keyring
from dispatch.people import citizens, drill, rotating
from dispatch.people.citizens import PersonData
from dispatch.people.models import Account, Person
from dispatch.people.sealing import ACCOUNTS, INDEX, PERSONS, seal, unseal, version_of
from tests.people.conftest import NOW

ME = system("test")
PERSON = PersonData("王小明", "13800001234", "resident_id", "33108219900101001X")


def renew(city: Database, keys: Keyring, *names: str) -> None:
    for name in names:
        with city.work() as session:
            rotating.renew(session, keys, name, now=NOW, actor=ME)


def renew_rows(city: Database, keys: Keyring, limit: int = 500) -> int:
    with city.work() as session:
        return rotating.renew_rows(session, keys, limit=limit)


def retire(city: Database, keys: Keyring, after: timedelta = timedelta(hours=2)) -> list[str]:
    with city.work() as session:
        gone = rotating.retire(session, keys, now=NOW, real_now=clock.real_now() + after, actor=ME)
    return [f"{state.name} {state.version}" for state in gone]


def keep(city: Database, keys: Keyring, person: PersonData = PERSON) -> str:
    with city.work() as session:
        return citizens.keep(session, keys, person, now=NOW).ref


def test_she_is_read_and_found_before_while_and_after_the_keys_change(city: Database, keys: Keyring) -> None:
    early = keep(city, keys)
    renew(city, keys, PERSONS, INDEX)
    late = keep(city, keys)

    def check() -> None:
        with city.reading() as session:
            for ref in (early, late):
                assert citizens.read(session, keys, ref) == PERSON
            assert set(citizens.refs_of_id(session, keys, "33108219900101001x")) == {early, late}
            assert set(citizens.refs_of_name(session, keys, "王小明")) == {early, late}

    check()
    assert renew_rows(city, keys) == 1
    check()
    assert retire(city, keys) == ["persons 0", "persons-search 0"]
    check()
    with city.reading() as session:
        assert {version_of(row.sealed) for row in session.scalars(select(Person))} == {1}


def test_an_old_key_stays_until_nothing_needs_it_and_it_has_rested(city: Database, keys: Keyring) -> None:
    keep(city, keys)
    keep(city, keys)
    renew(city, keys, PERSONS)
    assert renew_rows(city, keys, limit=1) == 1
    assert retire(city, keys) == []
    assert renew_rows(city, keys) == 1
    assert renew_rows(city, keys) == 0
    assert retire(city, keys, after=timedelta(minutes=59)) == []
    assert retire(city, keys) == ["persons 0"]
    assert keys.versions(PERSONS) == [1]
    with pytest.raises(ValueError, match="current"):
        keys.forget(PERSONS, 1)


def test_the_second_factors_secrets_change_their_seal_too(city: Database, keys: Keyring) -> None:
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        row.totp, _ = seal(keys, ACCOUNTS, b"secret")
    renew(city, keys, ACCOUNTS)
    renew_rows(city, keys)
    assert retire(city, keys) == ["accounts 0"]
    with city.reading() as session:
        box = session.scalars(select(Account.totp)).one()
    assert box is not None
    assert unseal(keys, ACCOUNTS, box) == b"secret"


def test_a_correction_made_meanwhile_is_not_lost(city: Database, keys: Keyring) -> None:
    """Two write at once: whoever read the row before it was corrected must not write it back."""
    ref = keep(city, keys)
    renew(city, keys, PERSONS)
    with city.work() as session:
        row = session.get_one(Person, ref)  # as the rotation has read it
        fresh, _ = seal(keys, PERSONS, b"{}")
        other = update(Person).where(Person.ref == ref).values(sealed=fresh)
        session.execute(other, execution_options={"synchronize_session": False})
        assert row.sealed != fresh
        rotating.renew_rows(session, keys)
    with city.reading() as session:
        assert session.get_one(Person, ref).sealed == fresh


def test_another_process_sees_the_new_key_at_once(city: Database, keys: Keyring, tmp_path: Path) -> None:
    elsewhere = Keyring(tmp_path / "keys")
    keep(city, elsewhere)
    renew(city, keys, PERSONS, INDEX)
    ref = keep(city, elsewhere)
    with city.reading() as session:
        row = session.get_one(Person, ref)
        assert (version_of(row.sealed), row.key, row.index_key) == (1, 1, 1)


def test_a_lost_version_is_named(city: Database, keys: Keyring, tmp_path: Path) -> None:
    keep(city, keys)
    renew(city, keys, PERSONS)
    ref = keep(city, keys)
    (tmp_path / "keys" / "persons.1").unlink()
    with city.reading() as session, pytest.raises(KeyLost, match=r"persons\.1"):
        citizens.read(session, Keyring(tmp_path / "keys"), ref)


def test_the_drill_tells_what_is_lost_and_changes_nothing(
    city: Database, keys: Keyring, tmp_path: Path
) -> None:
    keep(city, keys)
    with city.reading() as session:
        told = list(drill.practise(session, keys, Keyring(tmp_path / "none")))
    assert told == [
        "1 persons; of the last 1 these keys open 1",
        "without them: 0 can be read",
        "a name is found 1 times with the keys, 0 times without",
        "0 second factors; without the keys 0 have to be set up again",
        "queues, calls and logs need none of these keys: the halls go on",
    ]


people = st.builds(
    PersonData,
    name=st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=8),
    phone=st.none() | st.from_regex(r"1[0-9]{10}", fullmatch=True),
    id_kind=st.just("resident_id"),
    id_number=st.none() | st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
)
deeds = st.lists(
    st.one_of(
        people,
        st.sampled_from(["renew persons", "renew persons-search", "renew some", "retire"]),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds)
def test_whatever_the_order_of_deeds_everybody_stays_readable_and_findable(
    city: Database, deeds: list[PersonData | str]
) -> None:
    with city.work() as session:
        for row in session.scalars(select(Person)):
            session.delete(row)
    with tempfile.TemporaryDirectory() as folder:
        keys, kept = Keyring(Path(folder)), dict[str, PersonData]()
        for deed in deeds:
            if isinstance(deed, PersonData):
                kept[keep(city, keys, deed)] = deed
            elif deed == "renew some":
                renew_rows(city, keys, limit=2)
            elif deed == "retire":
                retire(city, keys)
            else:
                renew(city, keys, deed.removeprefix("renew "))
            with city.reading() as session:
                for ref, person in kept.items():
                    assert citizens.read(session, keys, ref) == person
                    assert ref in citizens.refs_of_name(session, keys, person.name)
                    if person.id_number:
                        assert ref in citizens.refs_of_id(session, keys, person.id_number)
