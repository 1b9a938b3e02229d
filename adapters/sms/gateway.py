"""A city's message gateway over HTTP: `POST {"to", "text"}` as JSON, any answer of 2xx means it was taken.

Every provider has an interface of its own; a city puts one gateway before all of them. Neither number nor text is
logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from adapters.maps.breaker import Breaker
from dispatch.ports.messages import NotSent

if TYPE_CHECKING:
    import httpx

PATIENCE_S = 3.0


@dataclass(frozen=True)
class GatewayMessenger:
    """The gateway at an address, which may ask for a bearer token."""

    url: str
    token: str = field(default="", repr=False)
    breaker: Breaker = field(default_factory=Breaker)

    def send(self, number: str, text: str) -> None:
        """Hand it over; NotSent where nobody takes it."""
        import httpx

        if self.breaker.is_open():
            raise NotSent("left alone for a while")
        try:
            answer = self._client.post(self.url, json={"to": number, "text": text})
            answer.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.breaker.failed()
            # The error's own words hold the address, which may hold a key.
            raise NotSent(type(error).__name__) from None
        self.breaker.answered()

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # only a city that has a gateway needs it

        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.Client(timeout=PATIENCE_S, headers=headers)
