"""What was learned, as a table."""

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.foundation.tables import Base


class Learned(Base):
    """A part of what was learned of a hall, or of the city as a whole, as JSON.

    `seq` is the entry of the hall's log after which it last changed, for the city the day. What another `format` wrote
    is learned anew from the log.
    """

    __tablename__ = "learned"

    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    format: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[str] = mapped_column(Text)
