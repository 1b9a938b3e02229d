"""Accounts as those see them who look after accounts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from dispatch.people.models import Account, SignIn


def accounts(
    session: Session, paths: Sequence[str], *, part: str | None = None, after: int = 0, limit: int = 100
) -> list[Account]:
    """The accounts of halls at or below these paths, by name, `after` so many of them."""
    inside = or_(*(Account.scope.startswith(path, autoescape=True) for path in paths))
    wanted = select(Account).where(inside)
    if part:
        wanted = wanted.where(Account.username.contains(part, autoescape=True))
    return list(session.scalars(wanted.order_by(Account.username).offset(after).limit(limit)))


def sessions_of(session: Session, account: Account, *, real_now: datetime) -> int:
    """In how many places an account is signed in just now."""
    live = (SignIn.account == account.id) & SignIn.ended.is_(None) & (SignIn.expires > real_now)
    return session.scalar(select(func.count()).select_from(SignIn).where(live)) or 0
