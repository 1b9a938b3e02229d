"""Redis: whether it answers, and whose it is. It only wakes, so without it a city goes on."""

from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dispatch.wiring.soundness.trouble import Trouble

OWNER = "tongban:city"
LOOKS_LIKE = "redis://:password@host:6379/0"


class Asleep(Trouble):
    """It does not answer: meanwhile boards look each second."""


def owned(url: str, city: str, *, seconds: float) -> str:
    """Say that this Redis is our city's; Trouble when another's, Asleep when it does not answer.

    Whoever comes first to an empty one owns it.
    """
    place = _place(url)
    try:
        with _client(url, seconds) as client:
            client.set(OWNER, city, nx=True)
            owner = client.get(OWNER)
    except redis.ReadOnlyError as error:
        raise Trouble(
            f"the Redis at {place} is a copy that takes nothing", "name the one it copies"
        ) from error
    except (redis.RedisError, OSError) as error:
        raise _trouble(error, place) from error
    if owner != city:
        said = f"the Redis at {place} belongs to another city ({str(owner)[:8]}, ours is {city[:8]})"
        raise Trouble(said, f"give each city one, such as {_next_to(url)}; if that city is gone: DEL {OWNER}")
    return "Redis answers and is ours"


def _client(url: str, seconds: float) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


def _place(url: str) -> str:
    """Where it is, without its password; Trouble when that cannot be read."""
    try:
        redis.Redis.from_url(url).close()
        parts = urlsplit(url)
        return f"{parts.hostname or parts.path}:{parts.port or 6379}"
    except ValueError as error:
        raise Trouble(
            "the address of Redis cannot be read", f"TONGBAN_REDIS_URL looks like {LOOKS_LIKE}"
        ) from error


def _next_to(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}:{parts.port or 6379}/1"


def _trouble(error: Exception, place: str) -> Trouble:
    if isinstance(error, redis.AuthenticationError | redis.exceptions.NoPermissionError):
        return Trouble(
            f"the Redis at {place} does not let us in", "correct the password in TONGBAN_REDIS_URL"
        )
    return Asleep(f"the Redis at {place} does not answer", "start it; meanwhile boards look each second")
