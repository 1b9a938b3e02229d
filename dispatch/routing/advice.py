"""An advice: the ways to get something done in their order, and why each other one is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.catalogue.models import Bundle
from dispatch.routing.asking import Ask
from dispatch.routing.channels import Matter
from dispatch.routing.sites import Site
from dispatch.routing.weighing import Weighed
from dispatch.routing.wording import Reason


@dataclass(frozen=True)
class Option:
    """One way to get it done; `weighed` says how it would go, where one goes anywhere."""

    rank: int
    channel: str
    items: Sequence[str]
    reasons: Sequence[Reason]
    weighed: Weighed | None = None


@dataclass(frozen=True)
class Excluded:
    """A channel, or a hall by a channel, that is not advised, and why; or `count` halls for the same reason."""

    channel: str
    site: Site | None
    reasons: Sequence[Reason]
    count: int | None = None


@dataclass(frozen=True)
class Advice:
    """The answer to an enquiry; `notes` are about all of it, and there are some wherever no hall can do it today.

    `order` is that of all channels, open or not.
    """

    ask: Ask
    matters: Sequence[Matter]
    bundles: Sequence[Bundle]
    options: Sequence[Option]
    excluded: Sequence[Excluded]
    notes: Sequence[Reason]
    order: Sequence[str]
