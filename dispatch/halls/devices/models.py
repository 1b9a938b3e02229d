"""Machines and the pairings that are under way."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

KINDS = ("board", "kiosk", "caller", "printer", "pad")
AT_A_WINDOW = ("caller", "pad")
ABILITIES = ("print", "id_reader", "card", "pay", "certificates")
PAPER = ("ok", "low", "out")
FAULTS = (
    "printer",
    "jam",
    "cutter",
    "id_reader",
    "card_reader",
    "touch",
    "screen",
    "speaker",
    "network",
    "other",
)
PAIRING_STATES = ("pending", "approved", "denied", "taken")


class Device(Base):
    """A paired machine of one hall.

    The table holds digests only. `digest` is of the token that holds now. After a turn of the key the one before,
    `old_digest`, stays good until the new one has been heard, and `old_until` from then on; `salt` makes the new one
    out of it, so that a lost answer can be given again. `nonce` is what the machine has to bring next, `spent` what
    it brought last and `spent_key` the key of that call. `receipt` is the last call that a board said it showed. All
    times are real time.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="device_kind"),
        CheckConstraint(one_of("paper", PAPER), name="device_paper"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), index=True)
    scope: Mapped[str] = mapped_column(String(200))
    window: Mapped[str | None] = mapped_column(ForeignKey("window.id"))
    name: Mapped[str] = mapped_column(String(40))
    abilities: Mapped[list[str]] = mapped_column(JSON, default=list)
    items: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    address: Mapped[str | None] = mapped_column(String(120))
    paper: Mapped[str] = mapped_column(String(4), default="ok")
    faults: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str | None] = mapped_column(String(20))
    skew_s: Mapped[float | None] = mapped_column(Float)
    heard_at: Mapped[datetime | None] = mapped_column(UtcTime)
    help_at: Mapped[datetime | None] = mapped_column(UtcTime)
    receipt: Mapped[int | None] = mapped_column(BigInteger)
    receipt_at: Mapped[datetime | None] = mapped_column(UtcTime)
    session: Mapped[str] = mapped_column(String(32))
    generation: Mapped[int] = mapped_column(Integer, default=1)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    turned_at: Mapped[datetime] = mapped_column(UtcTime)
    salt: Mapped[str | None] = mapped_column(String(64))
    old_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    old_until: Mapped[datetime | None] = mapped_column(UtcTime)
    nonce: Mapped[str | None] = mapped_column(String(32))
    spent: Mapped[str | None] = mapped_column(String(32))
    spent_key: Mapped[str | None] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    cloned_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SpentToken(Base):
    """A token that a machine held before its last two: whoever still comes with it is not that machine."""

    __tablename__ = "spent_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    device: Mapped[str] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)


class Pairing(Base):
    """A machine that shows a code and waits for somebody to approve it. Codes as digests, times real."""

    __tablename__ = "device_pairing"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="pairing_kind"),
        CheckConstraint(one_of("state", PAIRING_STATES), name="pairing_state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    device_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8), default="pending")
    device: Mapped[str | None] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime)
    polled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    interval_s: Mapped[int] = mapped_column(Integer)


class WrongCode(Base):
    """A code that somebody tried and that is none, remembered for a quarter of an hour. Real time."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("wrong_code_of", "who", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    who: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)
