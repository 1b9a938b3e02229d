"""A hall's discipline as data: the figures that `rules` works with, each with its default and its bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from dispatch.foundation.errors import BadInput


def _figure(default: int, least: int, most: int, unit: str, meaning: str) -> Any:  # noqa: ANN401 - a field
    told = {"least": least, "most": most, "unit": unit, "meaning": meaning}
    return field(default=default, metadata=told)


@dataclass(frozen=True)
class Policy:
    """How a hall orders its lines. Every figure is a whole number; `of` refuses what is out of bounds."""

    law_min: int = _figure(
        480, 60, 720, "min", "head start of those the law puts first: soldiers and firefighters"
    )
    care_min: int = _figure(
        60, 0, 480, "min", "head start of the disabled, the elderly, the pregnant, and people with an infant"
    )
    booked_credit_min: int = _figure(
        15, 0, 120, "min", "somebody booked stands as if she had come this long before her slot"
    )
    booked_grace_min: int = _figure(
        15, 0, 60, "min", "somebody booked who comes later than this after her slot is an ordinary arrival"
    )
    returned_behind: int = _figure(
        3, 0, 50, "people", "somebody who missed her call and came back stands behind so many"
    )
    remote_passes: int = _figure(
        10, 1, 1000, "calls", "so many tickets taken from afar may be called past a person standing here"
    )
    target_min: int = _figure(15, 1, 240, "min", "the wait that the hall promises")
    fastest_min: int = _figure(
        5, 1, 60, "min", "for the choice between queues, nobody counts as quicker to serve than this"
    )
    slowest_min: int = _figure(
        20, 1, 240, "min", "for the choice between queues, nobody counts as slower to serve than this"
    )

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Policy":
        """The policy these figures make, defaults where none is said; BadInput naming the field at fault."""
        known = {each.name: each for each in fields(cls)}
        for name, value in told.items():
            if name not in known:
                raise BadInput(reason=name, field=name)
            least, most = known[name].metadata["least"], known[name].metadata["most"]
            if type(value) is not int or not least <= value <= most:
                raise BadInput(reason=f"{least}–{most}", field=name)
        made = cls(**told)
        if made.care_min > made.law_min:
            raise BadInput(reason=f"≤ law_min ({made.law_min})", field="care_min")
        if made.fastest_min > made.slowest_min:
            raise BadInput(reason=f"≤ slowest_min ({made.slowest_min})", field="fastest_min")
        return made

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> "Policy":
        """The policy of a hall's row, judged when it was written; what this version does not know is left out."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})
