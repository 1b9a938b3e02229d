"""Sealed boxes: what only the city's key opens. The key changes now and then; a box says which one closed it."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet

from dispatch.foundation.ids import Keyring

PERSONS, INDEX, ACCOUNTS = "persons", "persons-search", "accounts"
"""The keys that rotate: for persons' data, for finding them again, for the secrets of second factors."""
_FIRST = b"gAAAA"


def seal(keys: Keyring, name: str, plain: bytes) -> tuple[bytes, int]:
    """The box, closed with the current version of this key, and that version."""
    version = keys.current(name)
    return b"%d:" % version + _fernet(keys, name, version).encrypt(plain), version


def unseal(keys: Keyring, name: str, box: bytes) -> bytes:
    """What is in the box. KeyLost, or cryptography's InvalidToken for another city's key."""
    version, token = _parts(box)
    return _fernet(keys, name, version).decrypt(token)


def version_of(box: bytes) -> int:
    """The version of the key that closed it."""
    return _parts(box)[0]


def keyed_hash(keys: Keyring, text: str, version: int) -> str:
    """A hash that nobody can make, or test guesses against, without the index key."""
    return hmac.new(keys.key(INDEX, version), text.encode(), hashlib.sha256).hexdigest()


def _parts(box: bytes) -> tuple[int, bytes]:
    """Boxes of the first key bore no number."""
    if box.startswith(_FIRST):
        return 0, box
    version, _, token = box.partition(b":")
    return int(version), token


def _fernet(keys: Keyring, name: str, version: int) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keys.key(name, version)))
