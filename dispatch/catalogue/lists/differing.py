"""How two versions of a list differ. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.catalogue.lists.drawing import Listed


@dataclass(frozen=True)
class Difference:
    """Items that came, that went, and that are done in another way; each by its code."""

    came: Sequence[str]
    went: Sequence[str]
    otherwise: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.otherwise)


def difference(before: Sequence[Listed], after: Sequence[Listed]) -> Difference:
    """What became of the items of the one in the other; how often they are done does not count."""
    was, now = ({each["item"]: each["mode"] for each in items} for items in (before, after))
    return Difference(
        [item for item in now if item not in was],
        [item for item in was if item not in now],
        [item for item in now if item in was and was[item] != now[item]],
    )
