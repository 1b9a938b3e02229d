"""What an import would do, in lines for a terminal."""

import json
from collections.abc import Iterator, Mapping

from dispatch.ports.previews import Change, CityPreview, HallPreview, Touch

MARKS = {"added": "+", "changed": "~", "retired": "-"}
MOST_NAMED = 12
LONGEST_VALUE = 60


def lines(found: CityPreview) -> Iterator[str]:
    """Each hall with its changes and whom they touch, the city's own, and how it all stands."""
    for hall in found.halls:
        yield from _hall(hall)
    if found.city:
        yield "the city"
        yield from (_change(change) for change in found.city)
    if found.missing:
        yield f"not in the files, so left as they are: {', '.join(found.missing)}"
    changes = sum(len(hall.changes) for hall in found.halls) + len(found.city)
    touches = [touch for hall in found.halls for touch in hall.touches]
    counted = {
        kind: sum(len(touch.named) for touch in touches if touch.kind == kind)
        for kind in ("tickets", "bookings", "windows")
    }
    blocked = sum(hall.blocked for hall in found.halls)
    yield (
        f"{changes} changes in {len(found.halls)} halls and the city; "
        + ", ".join(f"{count} {kind}" for kind, count in counted.items())
        + f" touched; {blocked} halls blocked"
    )


def _hall(hall: HallPreview) -> Iterator[str]:
    yield f"{hall.hall} {hall.name}" + (" (new)" if hall.new else "")
    yield from (_change(change) for change in hall.changes)
    yield from (_touch(touch) for touch in hall.touches)


def _change(change: Change) -> str:
    told = f"  {MARKS[change.what]} {change.part} {change.code}"
    if change.what == "changed":
        parts = [
            f"{key}: {_value(change.before.get(key))} → {_value(change.after.get(key))}"
            for key in change.after
        ]
        return f"{told}: {'; '.join(parts)}"
    return f"{told} {_values(change.after or change.before)}".rstrip()


def _touch(touch: Touch) -> str:
    named = ", ".join(touch.named[:MOST_NAMED])
    more = f" and {len(touch.named) - MOST_NAMED} more" if len(touch.named) > MOST_NAMED else ""
    mark = "■ blocked by" if touch.blocks else "▲ touches"
    return f"    {mark} {len(touch.named)} {touch.kind} of {touch.part} {touch.code}: {named}{more}"


def _values(told: Mapping[str, object]) -> str:
    return "; ".join(f"{key}: {_value(value)}" for key, value in told.items())


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
