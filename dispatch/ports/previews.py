"""What a change of the city would do, told before it is done: shown by pages, worked out by who knows all rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session

Part = Literal[
    "hall",
    "hours",
    "queue",
    "window",
    "zone",
    "policy",
    "placement",
    "notices",
    "calendar",
    "item",
    "bundle",
    "words",
]
What = Literal["added", "changed", "retired"]
TouchedKind = Literal["tickets", "windows", "bookings"]


@dataclass(frozen=True)
class Change:
    """One part that would become another; `before` and `after` hold the differing fields only."""

    part: Part
    code: str
    name: str
    what: What
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Touch:
    """Something alive that a change would touch: tickets by number, windows by name. One that `blocks` forbids it."""

    kind: TouchedKind
    part: Part
    code: str
    named: tuple[str, ...]
    blocks: bool


@dataclass(frozen=True)
class HallPreview:
    """What would change in one hall, and whom it would touch there."""

    hall: str
    name: str
    name_en: str
    new: bool
    changes: tuple[Change, ...]
    touches: tuple[Touch, ...]

    @property
    def blocked(self) -> bool:
        """Whether somebody is in the way for now."""
        return any(touch.blocks for touch in self.touches)


@dataclass(frozen=True)
class CityPreview:
    """What an import would do; with `problems` the files are no sound city and nothing else is told."""

    problems: tuple[str, ...]
    halls: tuple[HallPreview, ...]
    city: tuple[Change, ...]
    missing: tuple[str, ...]

    @property
    def touched(self) -> bool:
        """Whether anything alive would be touched."""
        return any(hall.touches for hall in self.halls)

    @property
    def blocked(self) -> bool:
        """Whether somebody is in the way for now."""
        return any(hall.blocked for hall in self.halls)


class Previews(Protocol):
    """Tells what would happen; changes nothing."""

    def of_city(self, session: Session, files: Mapping[str, str]) -> CityPreview:
        """What importing these files would do, by their names in a city's directory."""

    def of_template(self, session: Session, template: str, version: int) -> list[HallPreview]:
        """What this version would do in each hall that inherits it, were it live now."""
