"""Reading a record of signed heads: is every line as it was written, and are they all there?

Most lines need no signature of their own to be checked: the seal after them binds them by hash, and is signed. Where a
seal does not fit, its lines are asked one by one, so that what was changed is named.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dispatch.foundation import heads
from dispatch.foundation.heads import FIRST_SEAL, Head, SignedHead

SILENT = timedelta(minutes=5)
BEHIND = timedelta(minutes=2)
"""So much later than the city's own record a witness may have a batch."""


@dataclass(frozen=True)
class Place:
    """A line of a record."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} line {self.line}"


@dataclass(frozen=True)
class RecordFault:
    """A place where the record is not what was once written."""

    file: str
    line: int
    what: str


@dataclass(frozen=True)
class _Line:
    place: Place
    text: str
    signed: SignedHead | None

    @property
    def is_seal(self) -> bool:
        return self.signed is not None and self.signed.is_seal


@dataclass(frozen=True)
class Trusted:
    """A head that one of the keys signed, and where it stands."""

    head: Head
    place: Place


@dataclass(frozen=True)
class _Seal:
    head: Head
    follows: Head
    place: Place


@dataclass
class Record:
    """One record: daily files in their order, or a single file of a witness.

    `read` goes through it once and fills the rest: `faults` are somebody's doing, `remarks` are not.
    """

    files: Sequence[Path]
    keys: Sequence[Ed25519PublicKey]
    faults: list[RecordFault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lines: int = 0
    seal: Head = FIRST_SEAL
    _seals: dict[int, _Seal] = field(default_factory=dict)
    _silences: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.files[0]) if len(self.files) == 1 else str(self.files[0].parent)

    @property
    def seals(self) -> dict[int, str]:
        """The hash of every sound seal, by the line of the record that it is."""
        return {seq: seal.head.hash for seq, seal in self._seals.items()}

    def place_of(self, seq: int) -> Place:
        """Where the first sound seal stands that is not before this line of the record."""
        return self._seals[min(later for later in self._seals if later >= seq)].place

    def read(self) -> Iterator[list[Trusted]]:
        """The heads to be believed, file by file, in the order of the record."""
        for path in self.files:
            yield [each for batch in self._read_file(path) for each in batch]
        if self._silences:
            begin, end = max(self._silences, key=lambda silence: silence[1] - silence[0])
            self.remarks.append(
                f"{self.name}: nothing was signed for more than {SILENT.seconds // 60} minutes "
                f"{len(self._silences)} times, the longest from {_shown(begin)} to {_shown(end)}"
            )

    def _read_file(self, path: Path) -> Iterator[list[Trusted]]:
        content = path.read_bytes()
        texts = heads.lines_of(content)
        lines = [_Line(Place(str(path), number), text, _read(text)) for number, text in enumerate(texts, 1)]
        self.lines += len(lines)
        batch: list[_Line] = []
        for line in lines:
            if line is lines[0]:
                batch = [] if self._begins_file(path, line) else [line]
            elif line.is_seal and self._is_ours(line):
                yield self._sealed(batch, line)
                batch = []
            else:
                batch.append(line)
        if batch:
            yield self._unsealed(batch, torn=not content.endswith(b"\n"))

    def _begins_file(self, path: Path, line: _Line) -> bool:
        """A file begins with the seal that its first one follows on, but for the very first. Whether it does."""
        if not (line.is_seal and self._is_ours(line)):
            if self.seal is not FIRST_SEAL:
                self._fault(line.place, "the seal that a file begins with is missing")
            return False
        assert line.signed is not None
        head = line.signed.head
        if _own([], FIRST_SEAL, head) is not None:
            pass  # a city without any log yet
        elif self.seal is FIRST_SEAL:
            self._begins_record(path, line.place, head)
        elif head.seq != self.seal.seq or head.hash != self.seal.hash:
            self._fault(
                line.place, f"lines {self.seal.seq + 1}–{head.seq} of the record are missing before it"
            )
        self.seal = head
        return True

    def _begins_record(self, path: Path, place: Place, head: Head) -> None:
        if path.name == f"heads-{head.at.astimezone(UTC).date()}.jsonl":
            self._fault(place, f"what was written before it on that day is missing, up to line {head.seq}")
        else:
            self.remarks.append(
                f"{path}: goes on where line {head.seq} of the record ended, on {_shown(head.at)}"
            )

    def _sealed(self, batch: Sequence[_Line], line: _Line) -> list[Trusted]:
        """What a seal says of the lines before it; the heads among them that are to be believed."""
        assert line.signed is not None
        seal, last = line.signed.head, self.seal
        if not batch and (seal.seq, seal.hash) == (last.seq, last.hash):
            return []  # a day's file began here, in a copy that is one file
        again = self._seals.get(seal.seq)
        if again and again.head.hash == seal.hash and _own(batch, again.follows, seal) is not None:
            return []  # handed on twice, after a crash
        own = _own(batch, last, seal)
        if own is None:
            return self._does_not_fit(batch, line, last)
        self.seal, self._seals[seal.seq] = seal, _Seal(seal, last, line.place)
        if last is not FIRST_SEAL and seal.at - last.at > SILENT:
            self._silences.append((last.at, seal.at))
        rest = batch[: len(batch) - len(own)]
        trusted = self._cut_off(rest, torn=bool(rest) and not rest[-1].text.endswith("}"))
        return [*trusted, *(Trusted(each.signed.head, each.place) for each in own if each.signed is not None)]

    def _does_not_fit(self, batch: Sequence[_Line], line: _Line, last: Head) -> list[Trusted]:
        assert line.signed is not None
        seal = line.signed.head
        trusted, named = self._one_by_one(batch)
        place = batch[0].place if batch else line.place
        span = f"lines {place.line}–{line.place.line}" if batch else f"line {place.line}"
        missing = seal.seq - last.seq - 1 - len(batch)
        if seal.seq <= last.seq:
            self._fault(
                line.place, f"a seal of line {seal.seq} of the record stands after that of line {last.seq}"
            )
        elif missing > 0:
            self._fault(place, f"{missing} lines of the record are missing in {span}")
        elif not named:
            self._fault(place, f"{span} are not the lines that were sealed, or not in their order")
        self.seal = max(seal, last, key=lambda head: head.seq)
        return trusted

    def _cut_off(self, lines: Sequence[_Line], *, torn: bool) -> list[Trusted]:
        """Lines that no seal binds: what a power cut left of a batch, its last line torn as a rule."""
        if torn:
            self.remarks.append(f"{lines[-1].place}: torn, as a power cut leaves it")
            lines = lines[:-1]
        trusted, _ = self._one_by_one(lines)
        self.remarks += [f"{each.place}: bound by no seal, as a power cut leaves it" for each in trusted]
        return trusted

    def _unsealed(self, batch: Sequence[_Line], *, torn: bool) -> list[Trusted]:
        """The end of a file without a seal."""
        if not torn:
            self._fault(batch[-1].place, "the seal that was written after it is missing")
        return self._cut_off(batch, torn=torn)

    def _one_by_one(self, batch: Iterable[_Line]) -> tuple[list[Trusted], bool]:
        """The heads among these lines that are signed, and whether any line was named that is not."""
        trusted, named = [], False
        for line in batch:
            if line.signed is None:
                self._fault(line.place, "cannot be read as a head")
            elif not self._is_ours(line):
                self._fault(line.place, "its signature is by none of the keys, or its text was edited")
            else:
                trusted.append(Trusted(line.signed.head, line.place))
                continue
            named = True
        return [each for each in trusted if each.head.hall != heads.SEALS], named

    def _is_ours(self, line: _Line) -> bool:
        return (
            line.signed is not None
            and heads.is_canonical(line.text, line.signed)
            and line.signed.is_signed_by(self.keys)
        )

    def _fault(self, place: Place, what: str) -> None:
        self.faults.append(RecordFault(place.file, place.line, what))


def differences(one: Record, other: Record) -> Iterator[RecordFault]:
    """Where two copies of a record part, or where one ends too early: which of them was changed, they cannot say."""
    mine, theirs = one.seals, other.seals
    if not (mine and theirs):
        return
    first, last = max(min(mine), min(theirs)), min(max(mine), max(theirs))
    apart = {
        seq
        for seq in mine.keys() | theirs.keys()
        if mine.get(seq) != theirs.get(seq) and first <= seq <= last
    }
    if apart:
        here, there = one.place_of(min(apart)), other.place_of(min(apart))
        what = f"from here on it is not what stands in {there.file} from line {there.line} on"
        yield RecordFault(here.file, here.line, what)
        return
    short, long = (one, other) if max(mine) < max(theirs) else (other, one)
    if long.seal.at - short.seal.at > BEHIND:
        what = f"ends with line {short.seal.seq} of the record, {long.name} with {long.seal.seq}"
        yield RecordFault(str(short.files[-1]), short.lines, f"{what}: its tail was cut, or not handed on")


def _own(batch: Sequence[_Line], last: Head, seal: Head) -> Sequence[_Line] | None:
    """The lines at the end of the batch that the seal binds; None when it does not fit them."""
    count = seal.seq - last.seq - 1
    own = batch[len(batch) - count :] if 0 <= count <= len(batch) else None
    if own is None or heads.seal_hash(last.hash, [line.text for line in own]) != seal.hash:
        return None
    return own


def _read(text: str) -> SignedHead | None:
    try:
        return heads.read(text)
    except heads.NoHead:
        return None


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ", "minutes").replace("+00:00", " UTC")
