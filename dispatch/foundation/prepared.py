"""Statements of the hot paths: built as all others are, compiled once, and then handed straight to the driver.

SQLAlchemy's own way of executing costs a process several times what the driver costs it, and a ticket's way consists
of little else. What administers the city goes by the ORM; what every ticket passes goes by these.
"""

from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Dialect, bindparam, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, class_mapper
from sqlalchemy.orm.attributes import instance_state, manager_of_class
from sqlalchemy.sql.compiler import SQLCompiler

from dispatch.foundation.tables import Base

T = TypeVar("T", bound=Base)


class Prepared:
    """One statement for whichever database the city has. Its parameters are `bindparam`s, given by name."""

    def __init__(self, statement: Any, *, sqlite: Any = None) -> None:  # noqa: ANN401 - what can be executed
        """Where SQLite says the same in another way, `sqlite` is that way."""
        self._statements = {"postgresql": statement, "sqlite": statement if sqlite is None else sqlite}
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: Session, **values: object) -> list[Any]:
        """Every row, its columns by name."""
        compiled, cursor = self._execute(session, values)
        return compiled.rows(cursor)

    def one(self, session: Session, **values: object) -> Any:  # noqa: ANN401 - a row
        """The only row; that there is none, or another, is a bug."""
        (row,) = self.all(session, **values)
        return row

    def first(self, session: Session, **values: object) -> Any | None:  # noqa: ANN401 - a row
        """The first row, None where there is none."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def run(self, session: Session, **values: object) -> int:
        """Do it; how many rows it touched."""
        touched: int = self._execute(session, values)[1].rowcount
        return touched

    def _execute(self, session: Session, values: Mapping[str, object]) -> "tuple[_Compiled, Any]":
        line = _line(session)
        name = line.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statements[name], line.dialect)
        compiled = self._compiled[name]
        given = compiled.bind(values)
        line.tell(compiled.text, given)
        try:
            return compiled, line.driver.execute(compiled.text, given)
        except compiled.errors as error:
            raise compiled.as_sqlalchemy_says(error) from error


class _Compiled:
    """The statement's text for one kind of database, and what its values pass through on their way in and out."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:  # noqa: ANN401
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._dialect = dialect
        self.errors: type[Exception] = dialect.loaded_dbapi.Error
        self._given: dict[str, Any] = dict(compiled.params)
        kinds = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
        ways = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        self._inward = [(name, way) for name, way in ways.items() if way]
        self._order: list[str] | None = compiled.positiontup
        self._columns = list(getattr(statement, "exported_columns", ()))
        self._row: Any = namedtuple("Row", [column.name for column in self._columns])  # type: ignore[misc]
        self._outward: list[tuple[int, Any]] | None = None

    def bind(self, values: Mapping[str, object]) -> Any:  # noqa: ANN401 - what the driver takes
        """The values as the driver wants them."""
        given: dict[str, Any] = {**self._given, **values}
        for name, way in self._inward:
            given[name] = way(given[name])
        return given if self._order is None else [given[name] for name in self._order]

    def rows(self, cursor: Any) -> list[Any]:  # noqa: ANN401 - the driver's
        """The rows as the city knows them."""
        if self._outward is None:
            self._outward = self._ways_out(cursor)
        found = cursor.fetchall()
        return [self._row._make(self._read(row, self._outward)) for row in found]

    def _ways_out(self, cursor: Any) -> list[tuple[int, Any]]:  # noqa: ANN401
        """What each column passes through; some kinds depend on what the driver says it is."""
        ways = []
        for place, (column, told) in enumerate(zip(self._columns, cursor.description, strict=True)):
            way = column.type.dialect_impl(self._dialect).result_processor(self._dialect, told[1])
            if way is not None:
                ways.append((place, way))
        return ways

    @staticmethod
    def _read(row: tuple[Any, ...], ways: list[tuple[int, Any]]) -> tuple[Any, ...] | list[Any]:
        if not ways:
            return row
        values = list(row)
        for place, way in ways:
            values[place] = way(values[place])
        return values

    def as_sqlalchemy_says(self, error: Exception) -> Exception:
        """The driver's error as everybody above knows it."""
        return DBAPIError.instance(self.text, None, error, self.errors, dialect=self._dialect)


class ByKey(Generic[T]):
    """The row of a primary key: the session's own, or read as the ORM would have read it."""

    def __init__(self, model: type[T]) -> None:
        self._model = model
        self._mapper: Any = inspect(model)
        table = model.__table__
        self._keys = [column.name for column in self._mapper.primary_key]
        wanted = select(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in self._keys))
        self._read = Prepared(wanted)

    def get(self, session: Session, *key: object, fresh: bool = False) -> T | None:
        """The row of this key, None where there is none; a `fresh` one is read in any case."""
        if not fresh:
            known: T | None = session.identity_map.get(self._mapper.identity_key_from_primary_key(key))
            if known is not None:
                return known
        named = {f"key_{name}": value for name, value in zip(self._keys, key, strict=True)}
        row = self._read.first(session, **named)
        return None if row is None else put(session, self._model, row._asdict())


def put(session: Session, model: type[T], values: Mapping[str, Any]) -> T:
    """A row that was read by a prepared statement, as if the ORM had loaded it."""
    mapper: Any = class_mapper(model)  # ready for use, though nothing was loaded before
    key = mapper.identity_key_from_primary_key(tuple(values[column.key] for column in mapper.primary_key))
    known: Any = session.identity_map.get(key)
    row: T = known if known is not None else manager_of_class(model).new_instance()
    state = instance_state(row)
    state.dict.update(values)
    state._commit_all(state.dict)  # what was read is not a change to be written
    if known is None:
        state.key = key
        session.add(row)
        session.info.setdefault("at_hand", []).append(row)  # a session itself holds on to nothing unchanged
    return row


def is_postgresql(session: Session) -> bool:
    """Which of the two databases this is."""
    return _line(session).dialect.name == "postgresql"


@dataclass(frozen=True)
class _Line:
    """The session's line to the database: SQLAlchemy's connection, and the driver's own within it."""

    connection: Connection
    driver: Any
    dialect: Dialect

    def tell(self, text: str, given: Any) -> None:  # noqa: ANN401
        """Whoever listens to what is sent hears of this too."""
        for listener in self.connection.dispatch.before_cursor_execute:
            listener(self.connection, None, text, given, None, False)


def _line(session: Session) -> _Line:
    known: _Line | None = session.info.get("line")
    if known is None:
        connection = session.connection()
        known = _Line(connection, connection.connection.driver_connection, connection.dialect)
        session.info["line"] = known
    return known
