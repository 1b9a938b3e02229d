"""`tongban verify-log`: is every log what was once written, and is it what was signed?"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from adapters.witness.file import FileWitness
from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.log import Fault, LogEntry, LogHead
from dispatch.foundation.settings import Settings
from dispatch.wiring import migrating
from dispatch.wiring.heads import keys
from dispatch.wiring.heads.proving import Contradiction, Proof
from dispatch.wiring.heads.reading import Record, RecordFault, differences
from dispatch.wiring.soundness.trouble import Trouble

Wrong = Fault | Contradiction | RecordFault


@dataclass
class Verdict:
    """What was found. `unproven` are the entries that are newer than any head of theirs."""

    entries: int = 0
    faults: list[Wrong] = field(default_factory=list)
    heads: int = 0
    remarks: list[str] = field(default_factory=list)
    unproven: int | None = None

    def as_json(self) -> str:
        """For machines."""
        return json.dumps(
            {**vars(self), "faults": [vars(fault) for fault in self.faults]}, ensure_ascii=False
        )


@click.command("verify-log")
@click.option("--hall", "only", help="one hall; default all, and the city's own log")
@click.option(
    "--heads",
    "records",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="signed heads: a folder of daily files, or a file; a second one is compared with the first",
)
@click.option(
    "--public-key",
    "public",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="the keys that sign heads, in PEM; default those of var/keys",
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify_log(
    settings: Settings, only: str | None, records: tuple[Path, ...], public: tuple[Path, ...], as_json: bool
) -> None:
    """Name every edited, deleted or reordered entry; with signed heads, every cut or rewritten tail too.

    Exit code 1 when there is one.
    """
    database = Database(settings.database)
    try:
        if migrating.pending(database.engine):
            raise Trouble("the database lacks migrations", "run: tongban migrate")
        read = _records(records, _keys(settings, public)) if records else []
        with database.reading() as session:
            verdict = verify(session, read, only)
    finally:
        database.dispose()
    click.echo(verdict.as_json() if as_json else "\n".join(_sentences(verdict, with_heads=bool(read))))
    sys.exit(1 if verdict.faults else 0)


def verify(session: Session, records: Sequence[Record], only: str | None = None) -> Verdict:
    """Go through the logs, all or that of one hall, and hold the records against them."""
    ends = {hall: seq for hall, seq in _ends(session).items() if only in (None, hall)}
    if not (ends or records):
        raise Trouble(f"no log of {only}" if only else "there is no log yet", "name a city that was started")
    verdict = Verdict(sum(ends.values()), [fault for hall in ends for fault in log.faults(session, hall)])
    proven = dict.fromkeys(ends, 0)
    for record in records:
        proof = Proof(session)
        for trusted in record.read():
            verdict.faults += proof.hold([each for each in trusted if only in (None, each.head.hall)])
        verdict.heads += proof.heads
        verdict.remarks += record.remarks
        verdict.faults += record.faults
        proven = {hall: max(seq, proof.proven(hall)) for hall, seq in proven.items()}
    for other in records[1:]:
        verdict.faults += differences(records[0], other)
    if records:
        verdict.unproven = sum(max(0, ends[hall] - seq) for hall, seq in proven.items())
    return verdict


def _ends(session: Session) -> dict[str, int]:
    """Every log with its last number, one without its head too."""
    ends = dict.fromkeys(session.scalars(select(LogEntry.hall).distinct()), 0)
    for hall, seq in session.execute(select(LogHead.hall, LogHead.seq)):
        ends[hall] = seq if isinstance(seq, int) else 0  # SQLite keeps whatever it is given
    return dict(sorted(ends.items()))


def _keys(settings: Settings, public: Sequence[Path]) -> list[Ed25519PublicKey]:
    try:
        known = [key for path in public for key in keys.read_public(path)]
    except (ValueError, UnicodeDecodeError) as error:
        raise Trouble(str(error), "give the file that `tongban keys heads` wrote") from error
    known = known or keys.public_keys(settings.var / "keys")
    if not known:
        raise Trouble(f"no public key of heads in {settings.var / 'keys'}", "give one by --public-key")
    return known


def _records(paths: Sequence[Path], known: Sequence[Ed25519PublicKey]) -> list[Record]:
    return [Record(_files(path), known) for path in paths]


def _files(path: Path) -> list[Path]:
    """The files of a record; Trouble when there is no line in them."""
    files = FileWitness(path).files() if path.is_dir() else [path]
    if not any(file.stat().st_size for file in files):
        raise Trouble(f"{path} holds no signed heads", "give a folder like var/heads, or one of its files")
    return files


def _sentences(verdict: Verdict, *, with_heads: bool) -> list[str]:
    lines = [_sentence(fault) for fault in verdict.faults]
    lines += [f"note: {remark}" for remark in verdict.remarks]
    if with_heads:
        lines.append(
            f"{verdict.heads} signed heads read, {verdict.unproven} entries newer than the last of theirs"
        )
    return [*lines, f"{verdict.entries} entries, {len(verdict.faults)} faults"]


def _sentence(fault: Wrong) -> str:
    if isinstance(fault, Fault):
        return f"{fault.hall} {fault.seq}: {fault.what}"
    if isinstance(fault, RecordFault):
        return f"{fault.file} line {fault.line}: {fault.what}"
    span = f"{fault.seq}–{fault.until}" if fault.until > fault.seq else f"{fault.seq}"
    return f"{fault.hall} {span}: {fault.what} ({fault.file} line {fault.line})"
