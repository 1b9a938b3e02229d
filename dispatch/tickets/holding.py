"""One live ticket per person and item in the whole city: a row that the database keeps unique."""

from sqlalchemy import ForeignKey, String, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.tables import Base
from dispatch.halls import finding as halls
from dispatch.people.models import Person
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import AlreadyInLine

_HOLD = text(
    "INSERT INTO holding (person, item, ticket) VALUES (:person, :item, :ticket) ON CONFLICT DO NOTHING"
)


class Holding(Base):
    """Somebody holds a live ticket for an item. `person` is the keyed hash of a document, never the document."""

    __tablename__ = "holding"

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    item: Mapped[str] = mapped_column(String(40), primary_key=True)
    ticket: Mapped[str] = mapped_column(ForeignKey("ticket.id"), index=True)


def hold(session: Session, ticket: Ticket) -> None:
    """Note that the ticket's person holds it; AlreadyInLine where she has a live one for an item of it.

    A ticket without a person's document holds nothing. Two who try at once: the primary key lets one of them in.
    """
    person = session.scalar(select(Person.id_hash).where(Person.ref == ticket.person))
    for wanted in ticket.items if person else ():
        row = {"person": person, "item": wanted["item"], "ticket": ticket.id}
        if session.connection().execute(_HOLD, row).rowcount == 0:
            raise _second(session, str(person), wanted["item"])


def let_go(session: Session, ticket: Ticket) -> None:
    """The ticket is live no more; she may take another for the same items."""
    if ticket.person is not None:
        session.execute(delete(Holding).where(Holding.ticket == ticket.id))


def hold_instead(session: Session, ticket: Ticket, of: Ticket) -> None:
    """What `of` held is held by `ticket`: the same one with other items, or its continuation in another hall."""
    let_go(session, of)
    hold(session, ticket)


def _second(session: Session, person: str, item: str) -> AlreadyInLine:
    other = session.scalars(
        select(Ticket)
        .join(Holding, Holding.ticket == Ticket.id)
        .where(Holding.person == person, Holding.item == item)
    ).one()
    place = halls.hall(session, other.hall)
    return AlreadyInLine(
        number=other.number,
        hall={"code": place.code, "name": place.name, "name_en": place.name_en},
        ticket=other.id,
        field="person",
    )
