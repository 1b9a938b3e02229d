"""Accounts, tokens and sealed persons as tables."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.access import ROLES
from dispatch.foundation.tables import Base, UtcTime, one_of

DEVICE_KINDS = ("board", "kiosk", "caller", "printer")


class Person(Base):
    """A citizen's own data, readable only with the city's key. The log knows `ref` and a commitment."""

    __tablename__ = "person"

    ref: Mapped[str] = mapped_column(String(32), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    id_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)


class Account(Base):
    """Somebody who works for the city. `scope` is a path in the tree of halls, `hall` the hall it names."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="account_role"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(14))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    scope: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class SignIn(Base):
    """A staff session; the table holds the token's digest only. Times are real time."""

    __tablename__ = "sign_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    expires: Mapped[datetime] = mapped_column(UtcTime)


class Device(Base):
    """A paired machine of one hall."""

    __tablename__ = "device"
    __table_args__ = (CheckConstraint(one_of("kind", DEVICE_KINDS), name="device_kind"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    scope: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    at: Mapped[datetime] = mapped_column(UtcTime)


class FailedSignIn(Base):
    """A wrong password, remembered for a quarter of an hour. Real time."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("failed_sign_in_of", "username", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)
