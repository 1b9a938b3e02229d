"""What rarely changes, kept in memory by every process, and read again once it is another.

Each such part of the city has a mark that every transaction that changes it replaces by a new one, as one of its last
acts. Mark and rows are seen together or not at all, so that whoever compares marks never goes by old rows: in no
process, on either database, after a restored backup neither.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, Literal, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, String, bindparam, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from dispatch.foundation.ids import new_id
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import Base, table_of

T = TypeVar("T")
Part = Literal["halls", "catalogue", "placements", "orders", "minutes"]
_READ, _CHANGED = "revisions", "revised"


class Revision(Base):
    """Which one of a part of the city it is; a part that was never changed since the table stands has no row."""

    __tablename__ = "revision"

    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))


_TABLE = table_of(Revision)
_MARKS = Prepared(select(_TABLE.c.part, _TABLE.c.mark))
_ROW: dict[str, Any] = {name: bindparam(name) for name in ("part", "mark")}


def _replacing(insert: Any) -> Any:  # noqa: ANN401 - either database's own
    given = insert(_TABLE).values(_ROW)
    return given.on_conflict_do_update(index_elements=["part"], set_={"mark": given.excluded.mark})


_REPLACE = Prepared(_replacing(postgresql.insert), sqlite=_replacing(sqlite.insert))


def part_of(part: Part, *models: type[Base]) -> None:
    """Have every change of rows of these models noted; what goes past the ORM says `changed` itself."""

    def _note(_mapper: Any, _connection: Any, row: Base) -> None:  # noqa: ANN401 - SQLAlchemy's own
        session = object_session(row)
        if session is not None:
            changed(session, part)

    for model in models:
        for moment in ("after_insert", "after_update", "after_delete"):
            event.listen(model, moment, _note)


def changed(session: Session, part: Part) -> None:
    """This transaction has changed the part."""
    session.info.setdefault(_CHANGED, set()).add(part)


def has_changed(session: Session, *parts: Part) -> bool:
    """Whether this transaction has changed one of these; nobody else may go by what it sees of them."""
    return not session.info.get(_CHANGED, set()).isdisjoint(parts)


def keep_marks(session: Session) -> None:
    """Give what was changed its new marks, late, since others that change the same wait for it."""
    for part in sorted(session.info.get(_CHANGED, ())):
        _REPLACE.run(session, part=part, mark=new_id())


def mark(session: Session, part: Part) -> str:
    """Which one of the part this transaction sees; all are read at once."""
    marks: dict[str, str] | None = session.info.get(_READ)
    if marks is None:
        marks = session.info[_READ] = {row.part: row.mark for row in _MARKS.all(session)}
    return marks.get(part, "")


class Kept(Generic[T]):
    """What each process keeps of some parts, as `read` reads it; nothing of it may ever be changed."""

    def __init__(self, parts: tuple[Part, ...], read: Callable[[Session], T]) -> None:
        self._parts, self._read = parts, read
        self._known: WeakKeyDictionary[Engine, tuple[tuple[str, ...], T]] = WeakKeyDictionary()
        self._reading = Lock()

    def of(self, session: Session) -> T:
        """What this transaction would read; one that has changed it reads for itself alone."""
        if has_changed(session, *self._parts):
            return self._read(session)
        engine, marks = engine_of(session), tuple(mark(session, part) for part in self._parts)
        known = self._known.get(engine)
        if known is None or known[0] != marks:
            with self._reading:
                known = self._known.get(engine)
                if known is None or known[0] != marks:
                    known = self._known[engine] = marks, self._read(session)
        return known[1]


def engine_of(session: Session) -> Engine:
    """Which city's database a session speaks to."""
    place = session.get_bind()
    return place.engine if isinstance(place, Connection) else place
