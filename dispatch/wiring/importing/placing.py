"""Where in a hall people queue for an item, and what the hall does with it. Pure."""

from __future__ import annotations

from dispatch.wiring.importing.format import Accept, Hall, Item, Mode

# A hall without a zone of its own serves it in another: investment and real estate at the general
# windows (D), company registration too where a hall has no A.
STAND_INS = {"A": ("D",), "B": ("D",), "C": ("D",), "D": ()}
MODES: tuple[Mode, ...] = ("handle", "receive", "agent")


def mode_at(item: Item, hall: Hall) -> Mode | None:
    """What the hall does with the item (the fullest of its modes), or None if it takes it not at all."""
    modes = {rule.mode for rule in item.accept if fits(rule, hall)}
    return next((mode for mode in MODES if mode in modes), None)


def queue_for(item: Item, hall: Hall) -> str | None:
    """The code of the queue that takes the item in this hall, or None if the hall doesn't take it.

    A hall with one queue takes all it accepts there; one with several by the item's zone, with stand-ins.
    """
    if mode_at(item, hall) is None:
        return None
    return queue_of_zone(item.zone, hall)


def queue_of_zone(zone: str, hall: Hall) -> str | None:
    """The code of the hall's queue for a zone, or None where no queue can stand in for it."""
    by_letter = {queue.letter: queue.code for queue in hall.queues}
    if len(hall.queues) == 1:
        return hall.queues[0].code
    return next((by_letter[z] for z in (zone, *STAND_INS[zone]) if z in by_letter), None)


def fits(rule: Accept, hall: Hall) -> bool:
    """Levels speak of halls and partner kinds of partners; no rule speaks of a site with kiosks only."""
    if hall.kind == "partner":
        return rule.partner_kind is not None and rule.partner_kind == hall.partner_kind
    return hall.kind == "hall" and rule.level == hall.level
