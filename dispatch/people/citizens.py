"""What a citizen says of herself: sealed at once, bound by a commitment, searchable only by a keyed hash."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

import rfc8785
from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from dispatch.foundation.ids import Keyring, new_id
from dispatch.people.models import Person


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


def keep(session: Session, keys: Keyring, data: PersonData, *, now: datetime) -> Kept:
    """Store a person's data sealed. Deleting the row deletes the salt: the commitment then says nothing."""
    salt = secrets.token_hex(16)
    told = {key: value for key, value in asdict(data).items() if value is not None}
    sealed = _box(keys).encrypt(json.dumps({"salt": salt, **told}, ensure_ascii=False).encode())
    ref = new_id()
    session.add(Person(ref=ref, sealed=sealed, id_hash=_id_hash(keys, data), at=now))
    session.flush()
    commitment = hashlib.sha256(bytes.fromhex(salt) + rfc8785.dumps(dict(told))).hexdigest()
    return Kept(ref, commitment)


def read(session: Session, keys: Keyring, ref: str) -> PersonData:
    """A person's data, for somebody who may see them."""
    told = json.loads(_box(keys).decrypt(session.get_one(Person, ref).sealed))
    del told["salt"]
    return PersonData(**told)


def _box(keys: Keyring) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keys.key("persons")))


def _id_hash(keys: Keyring, data: PersonData) -> str | None:
    if data.id_number is None:
        return None
    told = f"{data.id_kind}:{data.id_number.strip().upper()}".encode()
    return hmac.new(keys.key("persons-search"), told, hashlib.sha256).hexdigest()
