"""Which city this is: a random name in its database, and the same name beside its keys.

Every secret of the city is an HMAC with its keys, and the bus may be shared; so a process first makes sure that
database, keys and Redis are of one city.
"""

from pathlib import Path
from typing import Literal

from sqlalchemy import Boolean, CheckConstraint, Integer, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.database import Database
from dispatch.foundation.ids import new_id
from dispatch.foundation.tables import Base

KEPT_IN = "city"
"""The file in the folder of the keys that names their city."""

Belonging = Literal["ours", "new", "lost", "another"]


class CityIdentity(Base):
    """The one row that names the city. `keyed`: a folder of keys was once taken for this city's."""

    __tablename__ = "city_identity"
    __table_args__ = (CheckConstraint("id = 1", name="city_identity_one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    city: Mapped[str] = mapped_column(String(32))
    keyed: Mapped[bool] = mapped_column(Boolean, default=False)


def city_of(database: Database) -> str:
    """The name of this database's city, drawn when it is first asked for."""
    if (row := _row(database)) is not None:
        return row.city
    try:
        with database.work() as session:
            session.add(CityIdentity(id=1, city=new_id()))
    except IntegrityError:
        pass  # another process was first
    row = _row(database)
    assert row is not None
    return row.city


def belonging(database: Database, keys: Path) -> Belonging:
    """Whose the keys in this folder are: this city's, nobody's yet, gone although it had some, or another city's."""
    city, path = city_of(database), keys / KEPT_IN
    row = _row(database)  # before the file is looked for: whoever takes keys writes the file first
    if path.exists():
        return "ours" if path.read_text(encoding="ascii").strip() == city else "another"
    return "lost" if row and row.keyed else "new"


def take_keys(database: Database, keys: Path) -> None:
    """Say in both places that the keys in this folder are this city's."""
    city = city_of(database)
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = keys / f".{KEPT_IN}.{new_id()}"
    fresh.write_text(f"{city}\n", encoding="ascii")
    fresh.chmod(0o600)
    fresh.replace(keys / KEPT_IN)  # whole at every moment: several processes start together
    with database.work() as session:
        session.get_one(CityIdentity, 1).keyed = True


def _row(database: Database) -> CityIdentity | None:
    with database.reading() as session:
        return session.get(CityIdentity, 1)
