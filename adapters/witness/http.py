"""A witness behind HTTP: each batch is one POST of JSON lines, and any answer of 200 to 299 says that it is kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.foundation import heads

log = logging.getLogger(__name__)

PATIENCE_S = 5.0


@dataclass(frozen=True)
class HttpWitness:
    """Somebody at an address, which may hold a name and password for him: `https://name:password@witness/heads`."""

    url: str

    def take(self, lines: Sequence[str]) -> bool:
        """Send the lines; False, and a line in the log, when they were not taken."""
        import httpx  # only whoever has such a witness needs it; every process knows of witnesses

        body = heads.bytes_of(lines)
        try:
            answer = httpx.post(
                self.url, content=body, headers={"Content-Type": "application/jsonl"}, timeout=PATIENCE_S
            )
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            log.warning("the witness does not answer: %s", trouble or type(trouble).__name__)
            return False
        if not answer.is_success:
            log.warning("the witness refuses the heads: %s", answer.status_code)
        return answer.is_success
