"""What somebody asks: what she wants done, how she can, from where and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispatch.ports.maps import Mode, Point
from dispatch.tickets.wanting import Wanted

Answers = Mapping[str, str | Mapping[str, str]]
"""Question → answer, or item → question → answer where two items ask the same otherwise."""


@dataclass(frozen=True)
class Abilities:
    """What she can do, or is: whoever is `elderly` or has no phone of her own is served by people."""

    own_phone: bool = True
    elderly: bool = False
    company: bool = False

    @property
    def served_by_people(self) -> bool:
        """Whether she goes straight to a counter, and is offered help there."""
        return self.elderly or not self.own_phone


@dataclass(frozen=True)
class Ask:
    """A question for a route. `at` is when she sets out; `home` the hall of her own town, where she says so."""

    items: Sequence[Wanted]
    place: Point
    at: datetime
    answers: Answers = field(default_factory=dict)
    mode: Mode = "transit"
    abilities: Abilities = field(default_factory=Abilities)
    home: str | None = None
