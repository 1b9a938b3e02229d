"""The discipline's tables, as its document shows them."""

from dataclasses import fields

from dispatch.queues.policy import Policy
from dispatch.queues.rules import CARE, LAW, ORDINARY, PRIORITY_CLASS

_HEAD_START = {LAW: "`law_min`", CARE: "`care_min`", ORDINARY: "none"}


def figures() -> str:
    """Every figure of a policy with its default, bounds and meaning."""
    rows = [
        f"| `{each.name}` | {each.default} {each.metadata['unit']} "
        f"| {each.metadata['least']}–{each.metadata['most']} | {each.metadata['meaning']} |"
        for each in fields(Policy)
    ]
    return "\n".join(["| figure | default | bounds | meaning |", "|---|---|---|---|", *rows])


def classes() -> str:
    """Which priority groups share a class, and the head start of it."""
    rows = [
        f"| {', '.join(f'`{name}`' for name, its in PRIORITY_CLASS.items() if its == each)} | {start} |"
        for each, start in _HEAD_START.items()
    ]
    return "\n".join(["| priority | head start |", "|---|---|", *rows])
