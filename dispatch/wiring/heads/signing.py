"""Writing down, signed, where every log ends: a job of the clock.

A line goes to the disk first and the cursors move after it. Killed in between, the job says the same once more,
which does no harm; it never believes to have signed what is not in the record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import and_, bindparam, insert, select, update

from adapters.witness.file import FileWitness, lines_since
from dispatch.foundation import clock, heads
from dispatch.foundation.database import Database
from dispatch.foundation.heads import Head
from dispatch.foundation.listening import Cursor
from dispatch.foundation.log import LogHead
from dispatch.foundation.settings import Settings
from dispatch.wiring.heads import keys

SIGNER = "sign_heads"
"""The signer is a listener to every log, with a cursor for each."""


@dataclass(frozen=True)
class _End:
    """Where a log ends, and whether the signer has been there at all."""

    head: Head
    moved: bool
    known: bool


def record_of(settings: Settings) -> FileWitness:
    """The city's own record of its heads."""
    return FileWitness(settings.var / "heads")


def sign_heads(database: Database) -> None:
    """Write down every log that moved since it was last signed, and all of them first thing in a day's file."""
    settings, record = Settings(), record_of(Settings())
    key = keys.signing_key(settings.var / "keys")
    with record.locked():
        now = clock.real_now()
        last = _last_seal(record, keys.public_keys(settings.var / "keys"))
        begins = not record.file_for(now.astimezone(UTC).date().isoformat()).exists()
        ends = [end for end in _ends(database, now) if end.moved or begins]
        lines = [end.head.line(key) for end in ends]
        seal = heads.seal(heads.read(last).head if last else heads.FIRST_SEAL, lines, now)
        # a day's file stands by itself: it begins with the seal that its first one follows on
        carried = [last] if begins and last else []
        record.append([*carried, *lines, seal.line(key)])
        _note(database, [end for end in ends if end.moved])


def _last_seal(record: FileWitness, known: Sequence[Ed25519PublicKey]) -> str | None:
    """The last seal of ours. What stands after it is the rest of a batch that was cut off, and stays unsealed."""
    newest = record.files()[-1:]
    lines = lines_since(newest[0], lambda line: _is_seal(line, known)) if newest else []
    return lines[0] if lines and _is_seal(lines[0], known) else None


def _is_seal(line: str, known: Sequence[Ed25519PublicKey]) -> bool:
    """Whether this line is a seal that one of these keys signed."""
    try:
        signed = heads.read(line)
    except heads.NoHead:
        return False
    return signed.is_seal and signed.is_signed_by(known)


def _ends(database: Database, now: datetime) -> list[_End]:
    """Where every log ends, all at one moment."""
    ours = and_(Cursor.hall == LogHead.hall, Cursor.listener == SIGNER)
    place = (LogHead.hall, LogHead.epoch, LogHead.seq, LogHead.hash)
    wanted = select(*place, Cursor.epoch, Cursor.seq).outerjoin(Cursor, ours).order_by(LogHead.hall)
    with database.reading() as session:
        rows = session.execute(wanted).all()
    return [
        _End(
            Head(hall, epoch, seq, digest, now),
            moved=(epoch, seq) != (told_epoch, told),
            known=told is not None,
        )
        for hall, epoch, seq, digest, told_epoch, told in rows
    ]


def _note(database: Database, ends: Sequence[_End]) -> None:
    """Move the cursors to what the record holds now."""
    fresh = [_cursor(end.head) for end in ends if not end.known]
    moved = [_cursor(end.head) for end in ends if end.known]
    cursors = Cursor.__table__
    with database.work() as session:
        connection = session.connection()
        if fresh:
            connection.execute(insert(Cursor).values(listener=SIGNER), fresh)
        if moved:
            here = (cursors.c.listener == SIGNER) & (cursors.c.hall == bindparam("of"))
            connection.execute(update(Cursor).where(here), [{**each, "of": each["hall"]} for each in moved])


def _cursor(head: Head) -> dict[str, str | int]:
    return {"hall": head.hall, "epoch": head.epoch, "seq": head.seq}
