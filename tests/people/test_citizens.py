"""Citizens: what is kept of a person, who can read it, and how she is found again."""

import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from cryptography.fernet import Fernet, InvalidToken

from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.people import citizens
from dispatch.people.citizens import Masked, PersonData
from dispatch.people.models import Person
from dispatch.people.sealing import PERSONS, unseal, version_of
from tests.people.conftest import NOW

PERSON = PersonData("王小明", "13800001234", "resident_id", "33108219900101001x")


def keep(city: Database, keys: Keyring, *people: PersonData) -> list[str]:
    with city.work() as session:
        return [citizens.keep(session, keys, person, now=NOW).ref for person in people]


def test_a_persons_data_come_back_for_who_has_the_key_and_for_nobody_else(
    city: Database, keys: Keyring, tmp_path: Path
) -> None:
    with city.work() as session:
        kept = citizens.keep(session, keys, PERSON, now=NOW)
    with city.reading() as session:
        assert citizens.read(session, keys, kept.ref) == PERSON
        sealed = session.get_one(Person, kept.ref).sealed
        with pytest.raises(InvalidToken):
            citizens.read(session, Keyring(tmp_path / "other"), kept.ref)
    assert "王小明".encode() not in sealed
    assert b"13800001234" not in sealed


def test_the_commitment_can_be_checked_with_the_salt_and_not_without(city: Database, keys: Keyring) -> None:
    with city.work() as session:
        kept = citizens.keep(session, keys, PERSON, now=NOW)
    with city.reading() as session:
        sealed = session.get_one(Person, kept.ref).sealed
    told = json.loads(unseal(keys, PERSONS, sealed))
    salt = bytes.fromhex(told.pop("salt"))
    assert len(salt) == 16
    assert hashlib.sha256(salt + rfc8785.dumps(told)).hexdigest() == kept.commitment
    assert hashlib.sha256(rfc8785.dumps(told)).hexdigest() != kept.commitment


def test_the_same_person_twice_cannot_be_told_by_reference_or_commitment(
    city: Database, keys: Keyring
) -> None:
    with city.work() as session:
        first, second = (citizens.keep(session, keys, PERSON, now=NOW) for _ in range(2))
    assert first.ref != second.ref
    assert first.commitment != second.commitment


def test_a_document_is_found_again_however_it_was_written(city: Database, keys: Keyring) -> None:
    upper = PersonData("王小明", None, "resident_id", "33108219900101001X")
    other = PersonData("王小明", None, "passport", "33108219900101001X")
    nothing = PersonData("王小明")
    with city.work() as session:
        refs = [
            citizens.keep(session, keys, person, now=NOW).ref for person in (PERSON, upper, other, nothing)
        ]
    with city.reading() as session:
        hashes = [session.get_one(Person, ref).id_hash for ref in refs]
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] is None


def test_a_person_is_shown_masked(city: Database, keys: Keyring) -> None:
    [ref] = keep(city, keys, PERSON)
    with city.reading() as session:
        shown = citizens.masked(session, keys, ref)
    assert shown == Masked(ref, "王*明", "resident_id", "331082********001X", "138****1234")
    with city.reading() as session, pytest.raises(NotFound):
        citizens.masked(session, keys, "0" * 32)


def test_she_is_found_by_document_and_by_name_as_people_write_them(city: Database, keys: Keyring) -> None:
    dotted = PersonData("阿依古丽·买买提")
    mine, hers = keep(city, keys, PERSON, dotted)
    with city.reading() as session:
        for written in ("33108219900101001X", " 33108219900101001x ", "33108219900101001X"):
            assert citizens.refs_of_id(session, keys, written) == [mine]
        assert citizens.refs_of_id(session, keys, "33108219900101001X", "passport") == []
        for written in ("王小明", " 王 小 明 "):
            assert citizens.refs_of_name(session, keys, written) == [mine]
        for written in ("阿依古丽·买买提", "阿依古丽 买买提", "阿依古丽•买买提"):
            assert citizens.refs_of_name(session, keys, written) == [hers]
        assert citizens.refs_of_name(session, keys, "王小") == []


def test_a_box_of_the_first_key_bore_no_number_and_still_opens(city: Database, keys: Keyring) -> None:
    import base64

    [ref] = keep(city, keys, PERSON)
    old = Fernet(base64.urlsafe_b64encode(keys.key(PERSONS)))
    with city.work() as session:
        row = session.get_one(Person, ref)
        row.sealed = old.encrypt(unseal(keys, PERSONS, row.sealed))
    with city.reading() as session:
        assert version_of(session.get_one(Person, ref).sealed) == 0
        assert citizens.read(session, keys, ref) == PERSON
