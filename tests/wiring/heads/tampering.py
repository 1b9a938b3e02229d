"""Ways of tampering with a city's logs and with the record of their heads, each with where it must be found."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import heads, log
from dispatch.foundation.access import system
from dispatch.foundation.log import EpochBegun, Fault, LogEntry, LogHead
from dispatch.wiring.heads.proving import Contradiction
from dispatch.wiring.heads.reading import RecordFault
from dispatch.wiring.verify_log import Verdict

assert isinstance(LogEntry.__table__, Table)
assert isinstance(LogHead.__table__, Table)
ENTRIES, HEADS = LogEntry.__table__, LogHead.__table__
FREE = 10_000
FOREIGN = Ed25519PrivateKey.from_private_bytes(b"f" * 32)

Row = dict[str, Any]
Found = Callable[[Verdict], bool]


@dataclass
class Log:
    """A hall's log as the tamperer sees it: every entry, and how far heads were signed."""

    session: Session
    chance: random.Random
    hall: str
    signed: int

    @property
    def rows(self) -> list[Row]:
        wanted = select(ENTRIES).where(ENTRIES.c.hall == self.hall).order_by(ENTRIES.c.seq)
        return [dict(row._mapping) for row in self.session.execute(wanted)]

    @property
    def length(self) -> int:
        return len(self.rows)

    def any(self, first: int = 1, last: int | None = None) -> int:
        return self.chance.randint(first, last or self.length)

    def put(self, number: int, **values: object) -> None:
        here = (ENTRIES.c.hall == self.hall) & (ENTRIES.c.seq == number)
        self.session.execute(update(ENTRIES).where(here).values(**values))

    def add(self, *rows: Row) -> None:
        self.session.execute(insert(ENTRIES), list(rows))

    def drop(self, first: int, last: int = FREE) -> None:
        here = (ENTRIES.c.hall == self.hall) & ENTRIES.c.seq.between(first, last)
        self.session.execute(delete(ENTRIES).where(here))

    def head(self, **values: object) -> None:
        self.session.execute(update(HEADS).where(HEADS.c.hall == self.hall).values(**values))

    def head_at(self, row: Row) -> None:
        self.head(**{name: row[name] for name in ("seq", "epoch", "hash", "at")})

    def rewrite(self, first: int) -> None:
        """Tell another story from there on, with hashes that fit and a head that goes with them."""
        rows = self.rows
        prev = rows[first - 1]["prev"]
        for row in rows[first - 1 :]:
            row["body"] = row["body"].replace('"data":{', '"data":{"another":1,')
            row["prev"], row["hash"] = prev, log.chain(prev, row["body"])
            prev = row["hash"]
            self.put(row["seq"], body=row["body"], prev=row["prev"], hash=row["hash"])
        self.head_at(row)


def at(hall: str, *seqs: int) -> Found:
    """A fault of the chain at one of these entries."""
    return lambda verdict: any(
        isinstance(fault, Fault) and fault.hall == hall and fault.seq in seqs for fault in verdict.faults
    )


def contradicted(hall: str, seq: int) -> Found:
    """Heads that show a break in a span with this entry."""
    return lambda verdict: any(
        isinstance(fault, Contradiction) and fault.hall == hall and fault.seq <= seq <= fault.until
        for fault in verdict.faults
    )


# --- the log ------------------------------------------------------------------------------------------


def edit_text(it: Log) -> Found:
    seq = it.any()
    body = it.rows[seq - 1]["body"]
    place = it.chance.randrange(len(body))
    letter = it.chance.choice([sign for sign in "a7{ 号" if sign != body[place]])
    it.put(seq, body=body[:place] + letter + body[place + 1 :])
    return at(it.hall, seq)


def edit_column(it: Log) -> Found:
    seq = it.any()
    row = it.rows[seq - 1]
    column, value = it.chance.choice(
        [
            ("kind", "Other"),
            ("epoch", row["epoch"] + 1),
            ("at", row["at"] + timedelta(microseconds=it.chance.choice([-1, 1, 10**9]))),
            ("prev", "e" * 64),
            ("hash", "e" * 64),
        ]
    )
    it.put(seq, **{column: value})
    return at(it.hall, seq)


def delete_entries(it: Log) -> Found:
    first = it.any()
    last = it.any(first, min(first + 3, it.length))
    length = it.length
    it.drop(first, last)
    return at(it.hall, first) if last < length else at(it.hall, *range(first, length + 1))


def insert_entry(it: Log) -> Found:
    """Between two others; what comes after moves up, its hashes made to fit or not."""
    seq, rows, fits = it.any(), it.rows, it.chance.random() < 0.5
    copy = {**it.chance.choice(rows), "seq": seq}
    it.drop(seq)
    later = [{**row, "seq": row["seq"] + 1} for row in rows[seq - 1 :]]
    prev = rows[seq - 1]["prev"]
    for row in [copy, *later]:
        if fits:
            row["prev"], row["hash"] = prev, log.chain(prev, row["body"])
            prev = row["hash"]
    it.add(copy, *later)
    it.head_at(later[-1])
    return at(it.hall, seq, seq + 1)


def swap_entries(it: Log) -> Found:
    one, other = sorted(it.chance.sample(range(1, it.length + 1), 2))
    it.put(one, seq=FREE)
    it.put(other, seq=one)
    it.put(FREE, seq=other)
    return at(it.hall, one)


def renumber_entry(it: Log) -> Found:
    seq = it.any()
    it.put(seq, seq=FREE + seq)
    return at(it.hall, seq)


def double_the_log(it: Log) -> Found:
    rows = it.rows
    twin = Log(it.session, it.chance, "TWIN", 0)
    twin.add(*({**row, "hall": "TWIN"} for row in rows))
    head = {name: rows[-1][name] for name in ("seq", "epoch", "hash", "at")}
    it.session.execute(insert(HEADS).values(hall="TWIN", **head))
    return at("TWIN", 1)


def take_anothers_entry(it: Log) -> Found:
    seq = it.any()
    other = select(ENTRIES).where(ENTRIES.c.hall != it.hall).order_by(ENTRIES.c.hall, ENTRIES.c.seq)
    rows = [dict(row._mapping) for row in it.session.execute(other)]
    it.drop(seq, seq)
    it.add({**it.chance.choice(rows), "hall": it.hall, "seq": seq})
    return at(it.hall, seq)


def edit_head(it: Log) -> Found:
    last = it.rows[-1]
    values: Row = it.chance.choice(
        [
            {"seq": last["seq"] + it.chance.choice([-1, 1, 40])},
            {"hash": "e" * 64},
            {"epoch": last["epoch"] + 1},
            {"at": last["at"] + timedelta(seconds=1)},
        ]
    )
    it.head(**values)
    return at(it.hall, last["seq"], *values.values()) if "seq" in values else at(it.hall, last["seq"])


def drop_head(it: Log) -> Found:
    it.session.execute(delete(HEADS).where(HEADS.c.hall == it.hall))
    return at(it.hall, it.length)


# --- what a chain alone does not show ------------------------------------------------------------------


def cut_tail(it: Log) -> Found:
    first = it.any(2, it.signed)
    it.head_at(it.rows[first - 2])
    it.drop(first)
    return contradicted(it.hall, first)


def drop_log(it: Log) -> Found:
    it.drop(1)
    it.session.execute(delete(HEADS).where(HEADS.c.hall == it.hall))
    return contradicted(it.hall, 1)


def rewrite_chain(it: Log) -> Found:
    first = it.any(1, it.signed)
    it.rewrite(first)
    return contradicted(it.hall, first)


def cut_and_write_on(it: Log) -> Found:
    """The tail cut, and other entries put in its place: by hand, or as if a backup had been restored."""
    first = it.any(2, it.signed)
    last = it.rows[first - 2]
    it.drop(first)
    restored = it.chance.random() < 0.5
    seq, prev, epoch = last["seq"], last["hash"], last["epoch"] + restored
    for _ in range(it.chance.choice([1, 2, 3, 40])):
        seq += 1
        body = log.body_of(it.hall, epoch, seq, EpochBegun("restored"), last["at"], system("test"))
        digest = log.chain(prev, body)
        it.add(
            {**last, "seq": seq, "epoch": epoch, "kind": "EpochBegun"}
            | {"prev": prev, "hash": digest, "body": body}
        )
        prev = digest
    it.head_at(it.rows[-1])
    return contradicted(it.hall, first)


LOGS = (
    edit_text,
    edit_column,
    delete_entries,
    insert_entry,
    swap_entries,
    renumber_entry,
    double_the_log,
    take_anothers_entry,
    edit_head,
    drop_head,
    cut_tail,
    drop_log,
    rewrite_chain,
    cut_and_write_on,
)


# --- the record of heads -------------------------------------------------------------------------------


@dataclass
class Lines:
    """One file of the record as the tamperer sees it. `last`: nothing follows it."""

    chance: random.Random
    path: Path
    later: Path | None

    def __post_init__(self) -> None:
        self.lines = self.path.read_text().splitlines()

    def any(self) -> int:
        """The place of a line; the first of a file only repeats the seal before."""
        return self.chance.randrange(1, len(self.lines))

    def write(self, lines: Sequence[str]) -> None:
        self.path.write_text("".join(f"{line}\n" for line in lines))

    def near(self, place: int) -> Found:
        """A fault that begins at or before this line, within the batch it stands in; or where the next file begins."""
        seals = [number for number, line in enumerate(self.lines) if '"hall":"heads"' in line]
        first = max((seal for seal in seals if seal < place), default=0) + 1
        last = min((seal for seal in seals if seal >= place), default=len(self.lines)) + 1
        after = (str(self.later), 1)
        return lambda verdict: any(
            isinstance(fault, RecordFault)
            and (
                (fault.file == str(self.path) and first <= fault.line <= last)
                or (fault.file, fault.line) == after
            )
            for fault in verdict.faults
        )


def edit_line(it: Lines) -> Found:
    place = it.any()
    line = it.lines[place]
    spot = it.chance.randrange(len(line))
    letter = it.chance.choice([sign for sign in "a7{ =" if sign != line[spot]])
    it.write([*it.lines[:place], line[:spot] + letter + line[spot + 1 :], *it.lines[place + 1 :]])
    return it.near(place)


def delete_lines(it: Lines) -> Found:
    place = it.any()
    count = it.chance.randint(1, 4)
    if it.later is None:  # the very end of a record is another matter
        count = min(count, len(it.lines) - 1 - place)
        if count == 0:
            place, count = place - 1, 1
    it.write([*it.lines[:place], *it.lines[place + count :]])
    return it.near(place)


def swap_lines(it: Lines) -> Found:
    one, other = sorted(it.chance.sample(range(1, len(it.lines)), 2))
    lines = it.lines.copy()
    lines[one], lines[other] = lines[other], lines[one]
    it.write(lines)
    return it.near(one)


def forge_line(it: Lines) -> Found:
    """A line that somebody else signed, in the place of another or beside it."""
    place, instead = it.any(), it.chance.random() < 0.5
    head = heads.read(it.lines[place]).head
    forged = heads.Head(head.hall, head.epoch, head.seq, "e" * 64, head.at).line(FOREIGN)
    it.write([*it.lines[:place], forged, *it.lines[place + instead :]])
    return it.near(place)


def repeat_line(it: Lines) -> Found:
    """A true line of another moment put in between two of a batch."""
    inside = [place for place in range(2, len(it.lines)) if '"hall":"heads"' not in it.lines[place - 1]]
    place = it.chance.choice(inside)
    other = [line for line in it.lines[1:place] if line != it.lines[place - 1]] or [it.lines[0]]
    it.write([*it.lines[:place], it.chance.choice(other), *it.lines[place:]])
    return it.near(place)


def sign_all_anew(it: Lines) -> Found:
    it.write([heads.read(line).head.line(FOREIGN) for line in it.lines])
    return it.near(1)


def delete_file(it: Lines) -> Found:
    """One in the middle."""
    if it.later is None:
        return edit_line(it)
    it.path.unlink()
    return it.near(1)


RECORDS = (edit_line, delete_lines, swap_lines, forge_line, repeat_line, sign_all_anew, delete_file)
