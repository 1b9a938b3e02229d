"""Zones: parts of a hall with letters, screens and a speaker of their own."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.errors import NotFound, Refusal
from dispatch.halls.models import Zone

LANGUAGES = ("zh", "en")
RATE, VOLUME = (0.5, 2.0), (0.0, 1.0)


class LetterOutsideZone(Refusal):
    """A queue stands in a zone whose letters do not hold its own, or two zones want the same letter."""

    code = "letter_outside_zone"
    status = 422
    sentence = "字母 %(letter)s 不归分区 %(zone)s"


@dataclass(frozen=True)
class Voice:
    """How calls are spoken in a zone: languages in their order, speed and loudness, and the speaker they come from."""

    languages: Sequence[str] = LANGUAGES[:1]
    rate: float = 1.0
    volume: float = 1.0
    speaker: str = ""

    @property
    def sound(self) -> bool:
        """Whether it can be spoken so."""
        known = bool(self.languages) and set(self.languages) <= set(LANGUAGES)
        once = len(set(self.languages)) == len(self.languages)
        return known and once and RATE[0] <= self.rate <= RATE[1] and VOLUME[0] <= self.volume <= VOLUME[1]

    def told(self) -> dict[str, Any]:
        """As tables and screens have it."""
        return {**asdict(self), "languages": list(self.languages)}


@dataclass(frozen=True)
class ZoneSpec:
    """A zone as it should be."""

    code: str
    name: str
    name_en: str
    letters: Sequence[str]
    voice: Voice = field(default_factory=Voice)


def zones_of(session: Session, hall: str) -> list[Zone]:
    """The hall's zones, in their order."""
    return list(session.scalars(select(Zone).where(Zone.hall == hall, Zone.active).order_by(Zone.position)))


def zone(session: Session, hall: str, code: str) -> Zone:
    """One zone of a hall; NotFound."""
    found = session.get(Zone, (hall, code))
    if found is None or not found.active:
        raise NotFound(what=f"{hall} {code}", field="zone")
    return found


def configure(session: Session, hall: str, specs: Sequence[ZoneSpec]) -> bool:
    """Make the hall's zones these; whether anything changed. A zone not named any more is put out of use."""
    known = {row.code: row for row in session.scalars(select(Zone).where(Zone.hall == hall))}
    changed = False
    for position, spec in enumerate(specs):
        told = {
            "name": spec.name,
            "name_en": spec.name_en,
            "letters": list(spec.letters),
            "voice": spec.voice.told(),
            "position": position,
            "active": True,
        }
        row = known.pop(spec.code, None)
        if row is None:
            session.add(Zone(hall=hall, code=spec.code, **told))
            changed = True
            continue
        for name, value in told.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                changed = True
    for left in known.values():
        changed |= left.active
        left.active = False
    return changed


def refuse_foreign_letters(
    letters: Mapping[str, Sequence[str]], queues: Iterable[tuple[str, str | None]]
) -> None:
    """LetterOutsideZone unless each letter is of one zone at most, and each queue in a zone has a letter of it.

    `letters` are those of each zone; each of the queues is its letter and its zone.
    """
    owner: dict[str, str] = {}
    for zone, own in letters.items():
        for letter in own:
            if owner.setdefault(letter, zone) != zone:
                raise LetterOutsideZone(letter=letter, zone=zone, field="letters")
    for letter, zone_of_queue in queues:
        if zone_of_queue is not None and letter not in letters.get(zone_of_queue, ()):
            raise LetterOutsideZone(letter=letter, zone=zone_of_queue, field="zone")


def refuse_unknown(known: Container[str], wanted: Iterable[str | None]) -> None:
    """NotFound for a zone that the hall has not."""
    for zone in wanted:
        if zone is not None and zone not in known:
            raise NotFound(what=zone, field="zone")


def shown_in(wanted: str | None, zone: str | None) -> bool:
    """Whether a queue or window of this zone belongs on a screen of the wanted one.

    A screen of the whole hall shows everything; what stands in no zone concerns everybody, so every screen shows it.
    """
    return wanted is None or zone is None or zone == wanted
