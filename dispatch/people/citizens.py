"""What a citizen says of herself: sealed at once, bound by a commitment, found again only by keyed hashes."""

import hashlib
import json
import re
import secrets
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring, new_id
from dispatch.people import masking
from dispatch.people.models import Person
from dispatch.people.sealing import INDEX, PERSONS, keyed_hash, seal, unseal

_BETWEEN = re.compile(r"[\s·・•.\-]+")


@dataclass(frozen=True)
class PersonData:
    """Name and, where given, phone and document."""

    name: str
    phone: str | None = None
    id_kind: str | None = None
    id_number: str | None = None


@dataclass(frozen=True)
class Kept:
    """A person as the log may know her: a random reference and a salted commitment to her data."""

    ref: str
    commitment: str


@dataclass(frozen=True)
class Masked:
    """A person as staff see her without a reason: `张*三`, `331082********001X`, `138****5678`."""

    ref: str
    name: str
    id_kind: str | None
    id: str | None
    phone: str | None


def keep(session: Session, keys: Keyring, data: PersonData, *, now: datetime) -> Kept:
    """Store a person's data sealed. Deleting the row deletes the salt: the commitment then says nothing."""
    row = Person(ref=new_id(), at=now)
    commitment = write(keys, row, data)
    session.add(row)
    session.flush()
    return Kept(row.ref, commitment)


def write(keys: Keyring, row: Person, data: PersonData) -> str:
    """Seal data into a person's row, and make her findable; the commitment to what was written."""
    salt = secrets.token_hex(16)
    told = {key: value for key, value in asdict(data).items() if value is not None}
    row.sealed, row.key = seal(keys, PERSONS, json.dumps({"salt": salt, **told}, ensure_ascii=False).encode())
    index(keys, row, data)
    return hashlib.sha256(bytes.fromhex(salt) + rfc8785.dumps(dict(told))).hexdigest()


def index(keys: Keyring, row: Person, data: PersonData) -> None:
    """Make a person findable under the current index key."""
    version = keys.current(INDEX)
    row.index_key = version
    row.name_hash = keyed_hash(keys, _name_text(data.name), version)
    row.id_hash = data.id_number and keyed_hash(keys, _id_text(data.id_kind, data.id_number), version)


def read(session: Session, keys: Keyring, ref: str) -> PersonData:
    """A person's data, for the city's own use; what is shown to somebody goes through `reading`. NotFound."""
    return opened(keys, person(session, ref))


def opened(keys: Keyring, row: Person) -> PersonData:
    """The data of a row."""
    told = json.loads(unseal(keys, PERSONS, row.sealed))
    del told["salt"]
    return PersonData(**told)


def person(session: Session, ref: str) -> Person:
    """The row of a person; NotFound, also after she was erased."""
    row = session.get(Person, ref)
    if row is None:
        raise NotFound(what=ref, field="person")
    return row


def masked(session: Session, keys: Keyring, ref: str) -> Masked:
    """A person as she may be shown to staff without a reason; NotFound."""
    return mask(keys, person(session, ref))


def mask(keys: Keyring, row: Person) -> Masked:
    """The same, of a row."""
    data = opened(keys, row)
    return Masked(
        ref=row.ref,
        name=masking.name(data.name),
        id_kind=data.id_kind,
        id=data.id_number and masking.id_number(data.id_number),
        phone=data.phone and masking.phone(data.phone),
    )


def id_hash(keys: Keyring, id_kind: str | None, id_number: str) -> str:
    """The keyed hash that a document is written under now."""
    return keyed_hash(keys, _id_text(id_kind, id_number), keys.current(INDEX))


def id_hashes(keys: Keyring, id_kind: str | None, id_number: str) -> list[str]:
    """Every hash a document may stand under, the current first: while the index key changes, two."""
    return _hashes(keys, _id_text(id_kind, id_number))


def refs_of_id(
    session: Session, keys: Keyring, id_number: str, id_kind: str | None = "resident_id"
) -> list[str]:
    """The references of whoever showed this document, the latest first."""
    found = id_hashes(keys, id_kind, id_number)
    wanted = select(Person.ref).where(Person.id_hash.in_(found)).order_by(Person.at.desc(), Person.ref)
    return list(session.scalars(wanted))


def refs_of_name(session: Session, keys: Keyring, name: str) -> list[str]:
    """The references of whoever gave this very name, the latest first; blanks and dots do not count."""
    found = _hashes(keys, _name_text(name))
    wanted = select(Person.ref).where(Person.name_hash.in_(found)).order_by(Person.at.desc(), Person.ref)
    return list(session.scalars(wanted))


def delete_row(session: Session, ref: str) -> None:
    """Row and salt are gone: what the log holds of her says nothing any more."""
    session.execute(delete(Person).where(Person.ref == ref))


def _hashes(keys: Keyring, text: str) -> list[str]:
    versions = keys.versions(INDEX) or [keys.current(INDEX)]
    return [keyed_hash(keys, text, version) for version in reversed(versions)]


def _id_text(id_kind: str | None, id_number: str) -> str:
    return f"{id_kind}:{unicodedata.normalize('NFKC', id_number).strip().upper()}"


def _name_text(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return f"name:{_BETWEEN.sub('', plain)}"
