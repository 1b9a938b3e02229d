"""Routes that were advised, as a table."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base, UtcTime
from dispatch.ports.maps import Mode


class Route(Base):
    """What somebody was advised, until she is there or gives it up; neither who she is nor where she was.

    `mode` is how she travels, None where she did not say from where: her ways are then not known, whatever `options`
    say. `items` are codes with counts, as on a ticket. `options` are `{rank, channel, hall, items, travel_s, arrive_at,
    finish_at}` in their order; moments and the way are told to five minutes, so that nobody can work out from them
    where she set out.
    """

    __tablename__ = "route"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    mode: Mapped[Mode | None] = mapped_column(String(10))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
