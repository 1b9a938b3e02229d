"""What a hall is there for first: companies, people, or doing it for them. Breaks ties only. Pure.

The halls of city and districts are for companies before people, those of towns for people, those of villages do things
for whoever comes.
"""

from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    "city": "enterprise",
    "district": "enterprise",
    "street": "people",
    "village": "agent",
}
"""By a hall's level."""
FOR_COMPANIES, FOR_PEOPLE = ("enterprise", "people", "agent"), ("people", "agent", "enterprise")


def rank(level: str, *, company: bool) -> int:
    """How well a hall of this level fits: 0 is best."""
    return (FOR_COMPANIES if company else FOR_PEOPLE).index(ROLES[level])
