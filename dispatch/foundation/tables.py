"""What every table is made of."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Table
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import String, TypeDecorator, TypeEngine


class Base(DeclarativeBase):
    """Every table of the city."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time. PostgreSQL keeps it as timestamptz, SQLite as sortable ISO-8601 text in UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of this database."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """To the database; a time without a zone is a bug and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401
        """From the database, always in UTC."""
        if value is None:
            return None
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(UTC)


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements that go past the ORM."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK that a column holds one of these words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
