"""Accounts, tokens and sealed persons as tables."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column

from dispatch.foundation.access import DUTIES, ROLES
from dispatch.foundation.tables import Base, UtcTime, one_of
from dispatch.halls.models import Hall

READ_KINDS = ("unmask", "correct", "export", "erase")
REASONS = ("service", "enquiry", "complaint", "correction", "request", "audit", "other")
"""Why somebody needs a person's data: to serve her, to answer her, a complaint, a mistake, her own wish, an audit."""


class Person(Base):
    """A citizen's own data, readable only with the city's key. The log knows `ref` and a commitment.

    `key` and `index_key` say by which of the city's keys it is sealed and found.
    """

    __tablename__ = "person"

    ref: Mapped[str] = mapped_column(String(32), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key: Mapped[int] = mapped_column(Integer, default=0, index=True)
    id_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    name_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    index_key: Mapped[int] = mapped_column(Integer, default=0, index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)


class PersonRead(Base):
    """Somebody looked at, corrected or took out what is known of a person, and why. It outlives the person's row."""

    __tablename__ = "person_read"
    __table_args__ = (
        CheckConstraint(one_of("kind", READ_KINDS), name="person_read_kind"),
        CheckConstraint(one_of("reason", REASONS), name="person_read_reason"),
        Index("person_read_of", "ref", "at"),
        Index("person_read_by", "actor", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    ref: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(12))
    note: Mapped[str | None] = mapped_column(String(200))
    fields: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)


class Account(Base):
    """Somebody who works for the city. `hall` is where; with all below it, it is the account's `scope`.

    The scope is read from the hall, never copied: a hall that moves in the tree takes its staff along.

    An administrator has one `duty`. `totp` is the sealed secret of the second factor, in force since `enrolled_at`;
    `totp_step` is the last step a code was used of.
    """

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(one_of("role", ROLES), name="account_role"),
        CheckConstraint(
            f"(role = 'administrator' AND {one_of('duty', DUTIES)}) OR (role <> 'administrator' AND duty IS NULL)",
            name="account_duty",
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(14))
    duty: Mapped[str | None] = mapped_column(String(10))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    scope: Mapped[str] = column_property(
        select(Hall.path).where(Hall.code == hall).correlate_except(Hall).scalar_subquery()
    )


class RecoveryCode(Base):
    """One way in for whoever lost the second factor; the row goes with its use."""

    __tablename__ = "recovery_code"

    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class PermissionGrant(Base):
    """A permission given to one account, or taken from it, beyond what its role holds. City time.

    `hall` with all below it is where; without one it is wherever the account works.
    """

    __tablename__ = "permission_grant"
    __table_args__ = (Index("permission_grant_of", "account"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(String(30))
    hall: Mapped[str | None] = mapped_column(ForeignKey("hall.code"))
    allow: Mapped[bool] = mapped_column(Boolean)
    given_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)


class SignIn(Base):
    """A staff session, kept after its end as a record; the table holds the token's digest only. Real time."""

    __tablename__ = "sign_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    expires: Mapped[datetime] = mapped_column(UtcTime)
    ended: Mapped[datetime | None] = mapped_column(UtcTime)


class FailedSignIn(Base):
    """A wrong password or code. It counts for a quarter of an hour or until a success, and is kept as a record."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("failed_sign_in_of", "username", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    username: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    forgiven: Mapped[bool] = mapped_column(Boolean, default=False)


class Post(Base):
    """An account works for a while in another hall: until `ends` its scope holds that hall too. City time."""

    __tablename__ = "post"
    __table_args__ = (
        CheckConstraint("starts < ends", name="post_span"),
        Index("post_of", "account", "ends"),
        Index("post_at", "hall", "ends"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"))
    starts: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime] = mapped_column(UtcTime)
    given_by: Mapped[str] = mapped_column(String(40))
