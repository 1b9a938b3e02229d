"""Statements of the hot paths: built as all others are, compiled once, and then handed straight to the driver.

SQLAlchemy's own way of executing costs a process several times what the driver costs it, and a ticket's way consists
of little else. What administers the city goes by the ORM; what every ticket passes goes by these.
"""

import json
import re
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Select, Text, bindparam, cast, func, inspect, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, class_mapper
from sqlalchemy.orm.attributes import instance_state, manager_of_class
from sqlalchemy.sql.compiler import SQLCompiler

from dispatch.foundation.driver import Asked, Statement
from dispatch.foundation.tables import Base, UtcTime

T = TypeVar("T", bound=Base)


class Prepared:
    """One statement for whichever database the city has. Its parameters are `bindparam`s, given by name."""

    def __init__(self, statement: Any, *, sqlite: Any = None) -> None:  # noqa: ANN401 - what can be executed
        """Where SQLite says the same in another way, `sqlite` is that way."""
        self._statements = {"postgresql": statement, "sqlite": statement if sqlite is None else sqlite}
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: Session, **values: object) -> list[Any]:
        """Every row, its columns by name."""
        return self.soon(session, **values).all()

    def one(self, session: Session, **values: object) -> Any:  # noqa: ANN401 - a row
        """The only row; that there is none, or another, is a bug."""
        return self.soon(session, **values).one()

    def first(self, session: Session, **values: object) -> Any | None:  # noqa: ANN401 - a row
        """The first row, None where there is none."""
        return self.soon(session, **values).first()

    def run(self, session: Session, **values: object) -> int:
        """Do it; how many rows it touched."""
        return self.soon(session, **values).touched()

    def soon(self, session: Session, **values: object) -> "Soon":
        """Do it together with what is done next in this session, at the latest when somebody wants the answer.

        PostgreSQL is told several things at once that way; SQLite is told at once.
        """
        line = _line(session)
        name = line.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._statements[name], line.dialect)
        return Soon(self._compiled[name], line, values)


def of_all(make: Callable[[Select[Any]], Any]) -> Prepared:
    """A statement about many at once: `make` puts it together with what selects their keys.

    The keys are its parameter `of`, made by `listed`: the statement stays the same however many there are.
    """
    of = bindparam("of", type_=Text)
    return Prepared(
        make(select(func.jsonb_array_elements_text(cast(of, JSONB)))),
        sqlite=make(select(func.json_each(of).table_valued("value").c.value)),
    )


def listed(keys: Collection[str]) -> str:
    """Many keys as one parameter."""
    return json.dumps(list(keys))


class Soon:
    """A statement that was said, and its answer when it is wanted."""

    def __init__(self, compiled: "_Compiled", line: "_Line", values: Mapping[str, object]) -> None:
        given = compiled.bind(values)
        line.tell(compiled.text, given)
        self._compiled = compiled
        try:
            self._answer = compiled.say(line.driver, given)
        except compiled.errors as error:
            raise compiled.as_sqlalchemy_says(error) from error

    def all(self) -> list[Any]:
        """Every row, its columns by name."""
        try:
            return self._compiled.rows(self._answer)
        except self._compiled.errors as error:
            raise self._compiled.as_sqlalchemy_says(error) from error

    def one(self) -> Any:  # noqa: ANN401 - a row
        """The only row; that there is none, or another, is a bug."""
        (row,) = self.all()
        return row

    def first(self) -> Any | None:  # noqa: ANN401 - a row
        """The first row, None where there is none."""
        rows = self.all()
        return rows[0] if rows else None

    def touched(self) -> int:
        """How many rows it touched."""
        try:
            return self._answer.touched()
        except self._compiled.errors as error:
            raise self._compiled.as_sqlalchemy_says(error) from error


class _Answered:
    """What SQLite said at once, all of it: a cursor not read to its end would hold its connection to an old view."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401 - SQLite's
        self._rows: list[tuple[Any, ...]] = cursor.fetchall()
        self._kinds = [told[1] for told in cursor.description or ()]
        self._touched: int = cursor.rowcount

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows."""
        return self._rows

    def kinds(self) -> list[Any]:
        """What kind of thing stands in each column."""
        return self._kinds

    def touched(self) -> int:
        """How many rows it touched."""
        return self._touched


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
        self._order: list[str] = compiled.positiontup or _order_of(self.text)
        self._statement = _numbered(self.text, self._order) if dialect.name == "postgresql" else None
        self._columns = list(getattr(statement, "exported_columns", ()))
        self._row: Any = namedtuple("Row", [column.name for column in self._columns])  # type: ignore[misc]
        self._outward: list[tuple[int, Any]] | None = None

    def bind(self, values: Mapping[str, object]) -> list[Any]:
        """The values as the driver wants them, in the statement's order."""
        given: dict[str, Any] = {**self._given, **values}
        for name, way in self._inward:
            given[name] = way(given[name])
        return [given[name] for name in self._order]

    def say(self, driver: Any, given: list[Any]) -> "Asked | _Answered":  # noqa: ANN401 - of either database
        """Hand it to the driver."""
        if self._statement is None:
            return _Answered(driver.execute(self.text, given))
        asked: Asked = driver.ask(self._statement, given)
        return asked

    def rows(self, answer: "Asked | _Answered") -> list[Any]:
        """The rows as the city knows them."""
        if self._outward is None:
            self._outward = self._ways_out(answer.kinds())
        found: Iterable[Sequence[Any]] = answer.rows()
        if self._outward:
            found = (self._read(row, self._outward) for row in found)
        return list(map(self._row._make, found))

    def _ways_out(self, kinds: Sequence[Any]) -> list[tuple[int, Any]]:
        """What each column passes through; some kinds depend on what the driver says it is."""
        ways = []
        for place, (column, kind) in enumerate(zip(self._columns, kinds, strict=True)):
            way = column.type.dialect_impl(self._dialect).result_processor(self._dialect, kind)
            if way is not None and not self._is_told_right(column.type):
                ways.append((place, way))
        return ways

    def _is_told_right(self, kind: Any) -> bool:  # noqa: ANN401 - a column's type
        """PostgreSQL tells the city's connections all times in UTC, and a line of people has many of them."""
        return isinstance(kind, UtcTime) and self._dialect.name == "postgresql"

    @staticmethod
    def _read(row: Sequence[Any], ways: list[tuple[int, Any]]) -> list[Any]:
        values = list(row)
        for place, way in ways:
            values[place] = way(values[place])
        return values

    def as_sqlalchemy_says(self, error: Exception) -> Exception:
        """The driver's error as everybody above knows it."""
        return DBAPIError.instance(self.text, None, error, self.errors, dialect=self._dialect)


_NAMED = re.compile(r"%\((\w+)\)s|%%")


def _order_of(text: str) -> list[str]:
    """The names of a statement's parameters, each once."""
    return list(dict.fromkeys(name for name in _NAMED.findall(text) if name))


def _numbered(text: str, order: Sequence[str]) -> Statement:
    """The same with numbers for names, as PostgreSQL itself has it."""
    numbers = {name: f"${place}" for place, name in enumerate(order, 1)}
    return Statement.of(_NAMED.sub(lambda found: numbers.get(found[1], "%"), text), len(order))


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
    named = _key_of(model)
    key = named.of(tuple(values[name] for name in named.columns))
    known: Any = session.identity_map.get(key)
    row: T = known if known is not None else named.instance()
    state = instance_state(row)
    state.dict.update(values)
    state._commit_all(state.dict)  # what was read is not a change to be written
    if known is None:
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
        session.info.setdefault("at_hand", []).append(row)  # a session itself holds on to nothing unchanged
    return row


class _Key(NamedTuple):
    """How a model's rows are known to a session."""

    columns: tuple[str, ...]
    of: Callable[[tuple[Any, ...]], Any]
    instance: Callable[[], Any]


@cache
def _key_of(model: type[Base]) -> _Key:
    mapper: Any = class_mapper(model)  # ready for use, though nothing was loaded before
    columns = tuple(column.key for column in mapper.primary_key)
    return _Key(columns, mapper.identity_key_from_primary_key, manager_of_class(model).new_instance)


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
