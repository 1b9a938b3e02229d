"""What happens to journeys, as the hall's log tells it."""

from dataclasses import dataclass

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class JourneyBegun(Event):
    """Somebody is under way to this hall, counts for this queue first, and at `until` no longer."""

    journey: str
    queue: str
    arrives_at: str
    until: str


@dataclass(frozen=True)
class JourneyReplaces(Event):
    """She has changed her mind on the way: the journey `instead_of`, to another hall, is over."""

    journey: str
    instead_of: str


@dataclass(frozen=True)
class JourneyJoined(Event):
    """She has come, or has taken a number from afar: from now on her ticket counts."""

    journey: str
    queue: str
    ticket: str


@dataclass(frozen=True)
class JourneyCancelled(Event):
    """She will not come."""

    journey: str
    queue: str


@dataclass(frozen=True)
class JourneyExpired(Event):
    """She was not seen in time."""

    journey: str
    queue: str


@dataclass(frozen=True)
class JourneyServed(Event):
    """She was served where she had kept her place, and will not come."""

    journey: str
    queue: str
