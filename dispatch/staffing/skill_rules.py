"""Grades of skills, and when one is about to expire. Pure."""

from datetime import datetime, timedelta

GRADES = (1, 2, 3, 4, 5)
EXPIRES_SOON = timedelta(days=30)
STANDINGS = ("valid", "expiring", "expired")


def standing(expires: datetime | None, now: datetime) -> str:
    """Whether a skill holds now, holds but not for long, or holds no more."""
    if expires is None or expires - now > EXPIRES_SOON:
        return "valid"
    return "expiring" if expires > now else "expired"
