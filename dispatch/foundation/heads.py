"""Signed heads: where a hall's log ended at a moment, said so that nobody can tell it otherwise later.

A head is one line, the RFC 8785 text of `{at, epoch, hall, hash, seq, signature}`; the signature is Ed25519 over the
RFC 8785 text of the same without `signature`, in base64. What is signed at once ends with a *seal*, a head of the
reserved name `heads`: its `seq` counts lines and seals, its `hash` ties the lines before it to the seal before, so that
no line is taken away unseen either. docs/log.md tells it to whoever checks from outside.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic_core import from_json

from dispatch.foundation.log import NO_HASH

SEALS = "heads"
"""The reserved name of the record's own log, as `city` is that of the city's. No hall has a code in small letters."""
KEY = "heads"
"""The name of the key that signs, in the city's keyring."""


class NoHead(ValueError):
    """A line that is no signed head."""


@dataclass(frozen=True)
class Head:
    """Where the log of `hall` ended at the real moment `at`."""

    hall: str
    epoch: int
    seq: int
    hash: str
    at: datetime

    @cached_property
    def text(self) -> bytes:
        """What is signed."""
        return rfc8785.dumps(self._fields())

    def line(self, key: Ed25519PrivateKey) -> str:
        """The head with its signature, without an end of line."""
        signature = base64.b64encode(key.sign(self.text)).decode()
        return rfc8785.dumps({**self._fields(), "signature": signature}).decode()

    def _fields(self) -> dict[str, str | int]:
        return {
            "hall": self.hall,
            "epoch": self.epoch,
            "seq": self.seq,
            "hash": self.hash,
            "at": self.at.isoformat(timespec="seconds"),
        }


FIRST_SEAL = Head(SEALS, 1, 0, NO_HASH, datetime.min.replace(tzinfo=UTC))
"""What the first seal of a record follows on; it stands nowhere."""


@dataclass(frozen=True)
class SignedHead:
    """A head as it was read; whose signature that is, is still to be asked."""

    head: Head
    signature: bytes

    @property
    def is_seal(self) -> bool:
        """Whether it speaks of the record itself."""
        return self.head.hall == SEALS

    def is_signed_by(self, keys: Collection[Ed25519PublicKey]) -> bool:
        """Whether one of these keys signed it."""
        return any(_verifies(key, self) for key in keys)


def read(line: str) -> SignedHead:
    """The head in this line; NoHead when it is none, or not written in the one way there is."""
    try:
        said = from_json(line)
        head = Head(
            said["hall"], said["epoch"], said["seq"], said["hash"], datetime.fromisoformat(said["at"])
        )
        signature = base64.b64decode(said["signature"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise NoHead from error
    if not all(isinstance(number, int) for number in (head.epoch, head.seq)) or head.at.tzinfo is None:
        raise NoHead
    return SignedHead(head, signature)


def is_canonical(line: str, signed: SignedHead) -> bool:
    """Whether the line is the very text that is signed, with the signature at its end."""
    signature = base64.b64encode(signed.signature).decode()
    try:
        return line == f'{signed.head.text.decode()[:-1]},"signature":"{signature}"}}'
    except (rfc8785.CanonicalizationError, UnicodeDecodeError):
        return False


def seal(last: Head, lines: Sequence[str], at: datetime) -> Head:
    """The head that ends a batch of lines, after one that ended with the seal `last`."""
    return Head(SEALS, 1, last.seq + len(lines) + 1, seal_hash(last.hash, lines), at)


def seal_hash(prev: str, lines: Iterable[str]) -> str:
    """The hash of a seal: of the seal's before it, and of each line with its end."""
    return hashlib.sha256(bytes.fromhex(prev) + bytes_of(lines)).hexdigest()


def bytes_of(lines: Iterable[str]) -> bytes:
    """Lines as they stand in a file."""
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")


def lines_of(content: bytes) -> list[str]:
    """The lines of a file; what is no text is kept as it is, since seals are over bytes."""
    lines = content.decode(errors="surrogateescape").split("\n")
    return lines if lines[-1] else lines[:-1]


def _verifies(key: Ed25519PublicKey, signed: SignedHead) -> bool:
    try:
        key.verify(signed.signature, signed.head.text)
    except (InvalidSignature, rfc8785.CanonicalizationError):
        return False
    return True
