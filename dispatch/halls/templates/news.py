"""What templates say of themselves: in the city's log, and in the log of the hall that they change."""

from dataclasses import dataclass

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class TemplateDefined(Event):
    """There is a new template, without a version yet."""

    template: str
    level: str
    parent: str | None
    hall: str


@dataclass(frozen=True)
class TemplateDrafted(Event):
    """A version was written or rewritten; `restores` is the one it goes back to. Fields and locks by their paths."""

    template: str
    version: int
    fields: list[str]
    locked: list[str]
    restores: int | None


@dataclass(frozen=True)
class TemplatePlanned(Event):
    """A version takes effect at this moment."""

    template: str
    version: int
    effective_from: str


@dataclass(frozen=True)
class TemplateWithdrawn(Event):
    """A planned version is a draft again."""

    template: str
    version: int


@dataclass(frozen=True)
class TemplateTookEffect(Event):
    """A version is the live one; the halls follow one by one."""

    template: str
    version: int
    instead_of: int | None


@dataclass(frozen=True)
class TemplateApplied(Event):
    """The hall now is what this version makes of it; HallConfigured beside it, where that changed anything."""

    template: str
    version: int


@dataclass(frozen=True)
class TemplateAssigned(Event):
    """The hall inherits from this template, or from none any more."""

    template: str | None


@dataclass(frozen=True)
class HallOverrode(Event):
    """The hall goes its own way in these fields, and in no others."""

    template: str
    fields: list[str]
