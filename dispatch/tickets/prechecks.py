"""The pre-check at the guide desk: which papers of an item she has with her, before she sits at a window.

The log knows the result only; which papers there were lies beside the ticket.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import Refusal
from dispatch.foundation.log import Event, announce
from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket

PAPER_STATES = ("present", "copy", "missing", "later")
RESULTS = ("pass", "later", "not_yet")


class ItemNotOnTicket(Refusal):
    """The ticket was not taken for this item."""

    code = "item_not_on_ticket"
    status = 422
    sentence = "%(number)s 上没有这件事,先把它加到号上"


class PapersDiffer(Refusal):
    """Not each of the item's papers was named, or one that it does not ask for."""

    code = "papers_differ"
    status = 422
    sentence = "材料和“%(item)s”要的对不上,请重新打开这张单子"


class PapersContradict(Refusal):
    """The result is better than the papers allow."""

    code = "papers_contradict"
    status = 422
    sentence = "材料还没齐,预审不能这样通过"


@dataclass(frozen=True)
class TicketPrechecked(Event):
    """The papers of an item were looked through at the guide desk."""

    ticket: str
    number: str
    queue: str
    item: str
    result: str


class Precheck(Base):
    """One pre-check as it was found; a newer one of the same ticket and item takes its place."""

    __tablename__ = "precheck"
    __table_args__ = (CheckConstraint(one_of("result", RESULTS), name="precheck_result"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)
    item: Mapped[str] = mapped_column(ForeignKey("item.code"))
    papers: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    result: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(60))


@dataclass(frozen=True)
class PaperSeen:
    """A paper of the item and how it was found: present, a copy only, missing, or allowed to follow later."""

    name: str
    name_en: str
    state: str


@dataclass(frozen=True)
class Checked:
    """The latest pre-check of one item on one ticket."""

    item: str
    result: str
    papers: list[PaperSeen]
    at: datetime

    @property
    def lacking(self) -> list[PaperSeen]:
        """What the window still has to ask for."""
        return [paper for paper in self.papers if paper.state != "present"]


def result_of(states: Collection[str]) -> str:
    """The best result that these papers allow: nothing missing, and nothing still to follow, is a pass."""
    if "missing" in states:
        return "not_yet"
    return "later" if "later" in states else "pass"


def check(
    session: Session,
    ticket: Ticket,
    item: str,
    papers: Mapping[str, str],
    result: str,
    *,
    now: datetime,
    actor: Actor,
) -> Checked:
    """Keep what was found of an item's papers, each named once with its state.

    Raises WrongState when the ticket is over, ItemNotOnTicket, PapersDiffer when these are not the item's papers,
    and PapersContradict when the result is better than the papers allow.
    """
    if ticket.state not in LIVE:
        raise WrongState(state=ticket.state, verb="precheck", allowed=sorted(LIVE))
    if item not in {wanted["item"] for wanted in ticket.items}:
        raise ItemNotOnTicket(item=item, number=ticket.number, field="item")
    seen = _seen(catalogue.items_ever(session, [item])[0], papers)
    best = result_of({paper.state for paper in seen})
    if RESULTS.index(result) < RESULTS.index(best):
        raise PapersContradict(field="result", best=best)
    session.add(
        Precheck(
            ticket=ticket.id,
            item=item,
            papers=[asdict(paper) for paper in seen],
            result=result,
            at=now,
            actor=actor.name,
        )
    )
    news = TicketPrechecked(ticket.id, ticket.number, ticket.queue, item, result)
    announce(session, ticket.hall, news, at=now, actor=actor)
    return Checked(item, result, seen, now)


def of(session: Session, tickets: Collection[str]) -> dict[str, list[Checked]]:
    """The latest pre-checks of these tickets, one for each item, by ticket; tickets without one are not in it."""
    if not tickets:
        return {}
    rows = session.scalars(select(Precheck).where(Precheck.ticket.in_(tickets)).order_by(Precheck.id))
    latest: dict[str, dict[str, Checked]] = defaultdict(dict)
    for row in rows:
        papers = [PaperSeen(**paper) for paper in row.papers]
        latest[row.ticket][row.item] = Checked(row.item, row.result, papers, row.at)
    return {ticket: list(by_item.values()) for ticket, by_item in latest.items()}


def _seen(item: Item, papers: Mapping[str, str]) -> list[PaperSeen]:
    """The item's papers in the catalogue's order, each with the state it was found in."""
    known: Sequence[Mapping[str, Any]] = item.details.get("papers", ())
    if {paper["name"] for paper in known} != set(papers):
        raise PapersDiffer(item={"name": item.name, "name_en": item.name_en}, field="papers")
    return [
        PaperSeen(paper["name"], paper.get("name_en") or paper["name"], papers[paper["name"]])
        for paper in known
    ]
