"""Holding signed heads against the logs: was a tail cut, or a chain written anew with hashes that fit?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from dispatch.foundation.heads import Head
from dispatch.foundation.log import NO_HASH, LogEntry
from dispatch.wiring.heads.reading import RecordFault, Trusted

AT_ONCE = 500


@dataclass(frozen=True)
class Contradiction:
    """Where a log is not what was signed: somewhere from entry `seq` to entry `until`; `file` and `line` show it."""

    hall: str
    seq: int
    until: int
    what: str
    file: str
    line: int


@dataclass
class _Hall:
    """What the heads of one hall have shown so far."""

    proven: int = 0
    latest: tuple[int, int] = (0, 0)
    contradicted: bool = False


@dataclass
class Proof:
    """Takes heads in the order of their record, and keeps how far each hall is proven."""

    session: Session
    halls: dict[str, _Hall] = field(default_factory=lambda: defaultdict(_Hall))
    heads: int = 0

    def proven(self, hall: str) -> int:
        """The last entry of this hall that a head proves, with all before it."""
        return self.halls[hall].proven if hall in self.halls else 0

    def hold(self, trusted: Sequence[Trusted]) -> Iterator[Contradiction | RecordFault]:
        """What these heads say against the log, and against the heads before them. Each break is told once."""
        self.heads += len(trusted)
        by_hall: dict[str, list[Trusted]] = defaultdict(list)
        for each in trusted:
            by_hall[each.head.hall].append(each)
        for hall, said in by_hall.items():
            found = self._entries(hall, {each.head.seq for each in said})
            for each in said:
                yield from self._backwards(each)
                yield from self._held(each, found)

    def _backwards(self, said: Trusted) -> Iterator[RecordFault]:
        head, hall = said.head, self.halls[said.head.hall]
        if (head.epoch, head.seq) < hall.latest:
            what = f"{head.hall} goes back from entry {hall.latest[1]} to {head.seq}"
            yield RecordFault(said.place.file, said.place.line, what)
        hall.latest = (head.epoch, head.seq)

    def _held(self, said: Trusted, found: dict[int, Row[int, str]]) -> Iterator[Contradiction]:
        head, hall = said.head, self.halls[said.head.hall]
        entry = found.get(head.seq)
        if head.hash == (entry.hash if entry else NO_HASH if head.seq == 0 else None):
            hall.proven, hall.contradicted = max(hall.proven, head.seq), False
        elif not hall.contradicted:
            hall.contradicted = True
            yield self._contradiction(said, hall.proven, replaced=entry is not None)

    def _contradiction(self, said: Trusted, proven: int, *, replaced: bool) -> Contradiction:
        head, place = said.head, said.place
        begun = self._begun_after(head)
        end = self.session.scalar(select(func.max(LogEntry.seq)).where(LogEntry.hall == head.hall)) or 0
        if begun is not None and begun <= head.seq:
            what = f"signed in epoch {head.epoch}, and lost when the next one began with entry {begun}"
        elif replaced:
            what = "rewritten: another hash was signed"
        elif end < head.seq:
            what = f"cut off: entry {head.seq} was signed, the log ends with {end}"
        else:
            what = "missing, though it was signed"
        first = min(proven + 1, head.seq)  # nothing proves what stands between the two heads
        return Contradiction(head.hall, first, head.seq, what, place.file, place.line)

    def _begun_after(self, head: Head) -> int | None:
        """The first entry of a later epoch than that of the head."""
        later = (LogEntry.hall == head.hall) & (LogEntry.epoch > head.epoch)
        return self.session.scalar(select(func.min(LogEntry.seq)).where(later))

    def _entries(self, hall: str, seqs: Iterable[int]) -> dict[int, Row[int, str]]:
        wanted, found = sorted(seqs), {}
        for first in range(0, len(wanted), AT_ONCE):
            some = wanted[first : first + AT_ONCE]
            rows = select(LogEntry.seq, LogEntry.hash).where(LogEntry.hall == hall, LogEntry.seq.in_(some))
            found.update({row.seq: row for row in self.session.execute(rows)})
        return found
