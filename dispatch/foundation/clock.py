"""What time it is. The only place that looks at a real clock.

Business runs on city time: real time, unless this is the demo, whose clock is a row that anybody reads and an
administrator may push forward. Sessions, tokens and rate limits run on real time.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Float, Integer, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.errors import BadInput, Refusal
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import Base, UtcTime

FURTHEST = timedelta(days=400)
"""How far the demo's clock may be pushed at once."""


class DemoClock(Base):
    """City time of the demo: `city` at the real moment `real`, running `speed` times as fast since."""

    __tablename__ = "demo_clock"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    city: Mapped[datetime] = mapped_column(UtcTime)
    real: Mapped[datetime] = mapped_column(UtcTime)
    speed: Mapped[float] = mapped_column(Float)


class Hands(NamedTuple):
    """The demo's clock as it was read."""

    city: datetime
    real: datetime
    speed: float


_CLOCK = Prepared(select(*(DemoClock.__table__.c[name] for name in Hands._fields)))


class ClockBackwards(Refusal):
    """City time only advances."""

    code = "clock_backwards"
    status = 409
    sentence = "时钟只能往前走:现在是 %(now)s"


def real_now() -> datetime:
    """Real time, for what real time governs."""
    return datetime.now(UTC)


def now(session: Session) -> datetime:
    """City time, the time of all business."""
    row = _CLOCK.first(session)
    return by(session, Hands(*row) if row else None, real_now())


def this_moment(session: Session) -> datetime:
    """City time by the clock as this transaction has read it, if it has."""
    if "demo_clock" not in session.info:
        return now(session)
    return by(session, session.info["demo_clock"], real_now())


def by(session: Session, hands: Hands | None, real: datetime) -> datetime:
    """City time at this real moment, by the demo's clock where there is one; the transaction goes by it from now on."""
    session.info["demo_clock"] = hands
    if hands is None:
        return real
    return hands.city + max(real - hands.real, timedelta(0)) * hands.speed


def speed(session: Session) -> float:
    """How many seconds of city time pass in one real second, as this transaction read it first."""
    if "demo_clock" not in session.info:
        now(session)
    hands: Hands | None = session.info["demo_clock"]
    return hands.speed if hands else 1.0


def in_demo(session: Session) -> bool:
    """Whether this city is the demo: its secrets lie open, for several programs at once to use."""
    return session.get(DemoClock, 1) is not None


def begin_demo(session: Session, at: datetime, *, speed: float = 1.0) -> None:
    """Start the demo's clock at this moment, whatever it showed when the demo ended last.

    The caller has made sure that nothing in the city happened later than that.
    """
    session.merge(DemoClock(id=1, city=at, real=real_now(), speed=speed))
    session.flush()
    session.info.pop("demo_clock", None)


def set_demo(session: Session, *, to: datetime | None = None, speed: float | None = None) -> DemoClock:
    """Push the demo's clock forward, or change its speed; ClockBackwards when `to` lies in the past."""
    row = session.get_one(DemoClock, 1, with_for_update=True)
    current = now(session)
    if to is not None and to < current:
        raise ClockBackwards(now=current.isoformat(), field="now")
    if to is not None and to - current > FURTHEST:
        raise BadInput(reason=f"≤ {(current + FURTHEST).isoformat()}", field="now")
    row.city, row.real = to or current, real_now()
    row.speed = row.speed if speed is None else speed
    session.flush()
    session.info.pop("demo_clock", None)
    return row
