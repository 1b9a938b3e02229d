"""Who acts: the actor of a call and the part of the city he may act in."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["clerk", "guide", "street", "supervisor", "administrator", "auditor"]
ROLES: tuple[Role, ...] = ("clerk", "guide", "street", "supervisor", "administrator", "auditor")


@dataclass(frozen=True)
class Actor:
    """Somebody who acts. `scope` is a path prefix in the tree of halls; None means no hall at all."""

    kind: Literal["citizen", "staff", "device", "system"]
    id: str
    role: str | None = None
    scope: str | None = None

    @property
    def name(self) -> str:
        """How the log names him: a kind and a random reference, never a person's name."""
        return f"{self.kind}:{self.id}"

    def covers(self, path: str) -> bool:
        """Whether a hall's path lies within this actor's scope."""
        return self.scope is not None and path.startswith(self.scope)


ANONYMOUS = Actor("citizen", "anonymous")


def system(job: str) -> Actor:
    """The city itself, doing a named job, anywhere."""
    return Actor("system", job, scope="/")
