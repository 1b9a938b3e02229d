"""Where else somebody works for a while: the halls that posts add to an account's scope."""

from datetime import datetime

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from dispatch.halls.models import Hall
from dispatch.people.models import Post

_POSTS, _HALLS = Post.__table__, Hall.__table__
assert isinstance(_POSTS, Table)
assert isinstance(_HALLS, Table)
_RUNNING = (
    select(_HALLS.c.path)
    .join(_POSTS, _POSTS.c.hall == _HALLS.c.code)
    .where(
        _POSTS.c.account == bindparam("of"),
        _POSTS.c.starts <= bindparam("at"),
        _POSTS.c.ends > bindparam("at"),
    )
    .order_by(_HALLS.c.path)
)


def paths(session: Session, account: str, *, now: datetime) -> tuple[str, ...]:
    """The paths of the halls this account is posted to at this moment of city time, besides its own scope."""
    return tuple(session.connection().scalars(_RUNNING, {"of": account, "at": now}))
