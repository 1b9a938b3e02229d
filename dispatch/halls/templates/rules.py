"""How templates, a hall's own description and its overrides become one. Pure.

A layer says values by path (`queues.D.name`) and locks paths, each with all below it. Layers are laid over each other
from the top of the tree down: the lower wins, except where a layer above it holds the path locked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal

Kind = Literal["own", "inherited", "overridden", "locked"]
DEEPEST = 8
KINDS: tuple[Kind, ...] = ("own", "inherited", "overridden", "locked")


@dataclass(frozen=True)
class Said:
    """A value and who said it."""

    value: Any
    source: str


@dataclass(frozen=True)
class Layer:
    """What one source, or several laid over each other, say; `locked` names who locked a path first."""

    values: Mapping[str, Said] = field(default_factory=dict)
    locked: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: str, values: Mapping[str, Any], locked: Iterable[str] = ()) -> "Layer":
        """What one source says."""
        said = {path: Said(value, source) for path, value in values.items()}
        return cls(said, dict.fromkeys(locked, source))

    def lock_on(self, path: str) -> str | None:
        """Who locked this path, or one above it."""
        parts = path.split(".")
        above = (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
        return next((self.locked[each] for each in above if each in self.locked), None)


@dataclass(frozen=True)
class Origin:
    """Where a field's value comes from, and from whom."""

    kind: Kind
    source: str


@dataclass(frozen=True)
class Merged:
    """All values by path with where each comes from. `given` are those that a template or an override decides."""

    values: dict[str, Any]
    origins: dict[str, Origin]

    @property
    def given(self) -> set[str]:
        """The paths at which the hall is not left to itself."""
        return {path for path, origin in self.origins.items() if origin.kind != "own"}


def laid_over(upper: Layer, lower: Layer) -> Layer:
    """The lower layer upon the upper: as one layer. Associative, and a layer upon itself is itself."""
    free = {path: said for path, said in lower.values.items() if upper.lock_on(path) is None}
    return Layer({**upper.values, **free}, {**lower.locked, **upper.locked})


def merged(own: Layer, chain: Sequence[Layer], overrides: Layer) -> Merged:
    """What holds in a hall: its own description below, then the chain of templates from the top, then its overrides.

    The hall's own description is what remains where nobody else speaks, so it can neither be locked out nor lock.
    """
    templates = reduce(laid_over, chain, Layer())
    given = laid_over(templates, overrides)
    values = {**own.values, **given.values}
    origins = {path: _origin(path, own, templates, given) for path in values}
    return Merged({path: said.value for path, said in values.items()}, origins)


def expanded(layer: Layer, kinds: Mapping[str, str]) -> Layer:
    """What the layer says of a kind of window said of every window of that kind, unless it names the window itself.

    `kinds` are the hall's windows with their kinds.
    """
    values, locked = dict(layer.values), dict(layer.locked)
    for window, kind in kinds.items():
        of_kind, of_window = f"kinds.{kind}.queues", f"windows.{window}.queues"
        if of_kind in layer.values:
            values.setdefault(of_window, layer.values[of_kind])
        if locker := layer.lock_on(of_kind):
            locked.setdefault(of_window, locker)
    return Layer(values, locked)


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by path as a body."""
    body: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split(".")
        place = body
        for part in above:
            place = place.setdefault(part, {})
        place[last] = value
    return body


def flattened(body: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """A body as values by path; an object is a step, everything else a value, and so is what lies too deep."""
    values: dict[str, Any] = {}
    for name, value in body.items():
        path = f"{above}{name}"
        steps = isinstance(value, Mapping) and path.count(".") < DEEPEST
        values.update(flattened(value, f"{path}.") if steps else {path: value})
    return values


def _origin(path: str, own: Layer, templates: Layer, given: Layer) -> Origin:
    locker = templates.lock_on(path)
    if locker is not None:
        return Origin("locked", locker)
    if path not in given.values:
        return Origin("own", own.values[path].source)
    said = given.values[path]
    inherited = path in templates.values and said is templates.values[path]
    return Origin("inherited" if inherited else "overridden", said.source)
