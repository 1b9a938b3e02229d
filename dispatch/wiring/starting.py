"""What is made sure before a process of the city starts, so that nothing is ever half started.

Everything wrong is said in one line and ends the command with exit code 2, before a port is bound or a row written.
"""

import logging
from contextlib import suppress
from pathlib import Path

from dispatch.foundation import identity
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring.soundness import database as databases
from dispatch.wiring.soundness import keys, machine, redis

logger = logging.getLogger(__name__)
DATABASE_WITHIN_S = 4.0
REDIS_WITHIN_S = 2.0
CLOCK_OFF_S = 5.0
"""Too far off to start: leases and second factors would be wrong from the first minute."""


def sound(settings: Settings) -> Settings:
    """The settings with the city's name in them, once all that the process will stand on is sound; Trouble."""
    _make(settings.var)
    for folder in machine.folders(settings):
        machine.room_on(folder)
    _database_is_sound(settings)
    with Database(settings.database) as database:
        keys.taken(database, settings.var / "keys")
        city = identity.city_of(database)
    if settings.redis_url:
        _redis_is_ours(settings.redis_url, city)
    return settings.model_copy(update={"city": city})


def can_listen(settings: Settings, host: str, port: int, workers: int) -> None:
    """Trouble unless the port is free for us; warn of workers that would only wait for each other."""
    machine.free_port(host, port)
    if workers > 1 and settings.database.startswith("sqlite"):
        logger.warning("SQLite lets one process write at a time: %s workers do no more than one", workers)


def _make(folder: Path) -> None:
    with suppress(OSError):  # what becomes of it is looked at next, with words for it
        folder.mkdir(parents=True, exist_ok=True)


def _database_is_sound(settings: Settings) -> None:
    seen = databases.look(settings.database, seconds=DATABASE_WITHIN_S)
    databases.migrated(seen)
    databases.in_time(seen, within_s=CLOCK_OFF_S)


def _redis_is_ours(url: str, city: str) -> None:
    try:
        redis.owned(url, city, seconds=REDIS_WITHIN_S)
    except redis.Asleep as asleep:
        logger.warning("%s; the city starts without it", asleep.said)
