"""By which channels something can be done at all, and in which order they are offered. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.catalogue.models import Item
from dispatch.catalogue.situations import Situation
from dispatch.routing.asking import Abilities
from dispatch.routing.wording import Reason
from dispatch.tickets.life import CHANNELS
from dispatch.tickets.wanting import Wanted

ONLINE = ("app", "web")
IN_ORDER = ("app", "web", "kiosk", "counter")
BY_COMPUTER_FIRST = ("web", "app", "kiosk", "counter")
MANY_PAPERS = 5
"""More papers to send than this are sent from a computer."""
assert set(IN_ORDER) == set(BY_COMPUTER_FIRST) == set(CHANNELS)


@dataclass(frozen=True)
class Matter:
    """One of the things she wants done: the item, how often, and her situation in it."""

    item: Item
    wanted: Wanted
    situation: Situation

    @property
    def legal(self) -> bool:
        """Whether only companies want it."""
        return bool(self.item.details.get("service_object") == "legal")

    @property
    def presence(self) -> str:
        """Whether she has to come: see the catalogue's format."""
        return str(self.item.details.get("presence", "none"))

    @property
    def to_send(self) -> int:
        """How many papers nobody else has."""
        return sum(not paper.shared for paper in self.situation.papers)

    def may_lose(self, channel: str) -> bool:
        """Whether an answer to a question that is still open would take this channel away."""
        return any(
            channel not in (answer.get("channels") or (channel,))
            for question in self.item.details.get("situations", ())
            if question["code"] in self.situation.open
            for answer in question["answers"]
        )


def order(matters: Sequence[Matter], abilities: Abilities) -> tuple[str, ...]:
    """The channels as they are offered: app before web, but for companies and where many papers are to be sent."""
    return BY_COMPUTER_FIRST if by_computer(matters, abilities) is not None else IN_ORDER


def by_computer(matters: Sequence[Matter], abilities: Abilities) -> Reason | None:
    """Why a computer is better than a phone for this, if it is."""
    if is_company(matters, abilities):
        return Reason("company_by_web")
    many = max(matter.to_send for matter in matters) > MANY_PAPERS
    return Reason("many_papers") if many else None


def is_company(matters: Sequence[Matter], abilities: Abilities) -> bool:
    """Whether this is a company's business."""
    return abilities.company or all(matter.legal for matter in matters)


def against(channel: str, matters: Sequence[Matter], abilities: Abilities) -> list[Reason]:
    """What stands against a channel wherever it is; nothing where it can be used for all that she wants."""
    if channel != "counter" and abilities.served_by_people:
        return [Reason("straight_to_counter")]
    found: dict[str, list[Item]] = {}
    for matter in matters:
        for code in _against(channel, matter):
            found.setdefault(code, []).append(matter.item)
    return [Reason(code, {"items": items}) for code, items in found.items()]


def caveats(channel: str, matters: Sequence[Matter]) -> list[Reason]:
    """What is to be known before taking this channel."""
    return [Reason("depends_on_answers")] if any(matter.may_lose(channel) for matter in matters) else []


def _against(channel: str, matter: Matter) -> Iterator[str]:
    if channel not in matter.situation.channels:
        yield "closed_by_answers" if matter.item.channels.get(channel) else "not_offered"
    elif channel in ONLINE and matter.presence == "in_person":
        yield "in_person"
    elif channel in ONLINE and matter.presence == "first_time_in_person" and matter.situation.open:
        yield "first_time"
