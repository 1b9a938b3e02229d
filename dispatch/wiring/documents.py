"""Parts of the documents that the code itself writes, so that the two cannot differ.

A part stands between `<!-- generated: NAME -->` and `<!-- /generated -->`; whatever is between them is replaced.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from dispatch.halls import intake, windows
from dispatch.halls.templates import versioning
from dispatch.journeys import life as journeys
from dispatch.notices import models as notices
from dispatch.people import retention
from dispatch.queues import tables as discipline
from dispatch.routing.ordering import life as ordering
from dispatch.staffing import life as staffing
from dispatch.tickets import life as tickets
from dispatch.tickets import previews
from dispatch.wiring import who_may

ROOT = Path(__file__).parents[2]
REGENERATE = "tongban documents --write"


@dataclass(frozen=True)
class Part:
    """One generated part: the file it stands in, the name of its marker, and what writes it."""

    file: str
    marker: str
    render: Callable[[], str]

    @property
    def path(self) -> Path:
        """Where the file is."""
        return ROOT / self.file

    def written(self, text: str) -> str:
        """The document's text with this part as the code has it; ValueError without exactly one marker."""
        opening, closing = f"<!-- generated: {self.marker} -->", "<!-- /generated -->"
        pattern = re.compile(rf"{re.escape(opening)}\n.*?{re.escape(closing)}", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{self.file} needs one part between {opening} and {closing}")
        whole = f"{opening}\n{self.render().strip()}\n{closing}"
        return pattern.sub(lambda _: whole, text)


PARTS: tuple[Part, ...] = (
    Part("docs/discipline.md", "figures", discipline.figures),
    Part("docs/discipline.md", "classes", discipline.classes),
    Part("docs/states.md", "ticket", tickets.LIFE.as_markdown),
    Part("docs/states.md", "journey", journeys.LIFE.as_markdown),
    Part("docs/states.md", "window", windows.LIFE.as_markdown),
    Part("docs/states.md", "intake", intake.LIFE.as_markdown),
    Part("docs/states.md", "order proposal", ordering.LIFE.as_markdown),
    Part("docs/states.md", "leave", staffing.LEAVE.as_markdown),
    Part("docs/states.md", "template", versioning.LIFE.as_markdown),
    Part("docs/states.md", "policy preview", previews.LIFE.as_markdown),
    Part("docs/states.md", "print", notices.LIFE.as_markdown),
    Part("docs/permissions.md", "permissions", who_may.matrix),
    Part("docs/permissions.md", "calls", who_may.calls),
    Part("docs/persons.md", "retention", retention.table),
)


def untrue() -> list[str]:
    """The parts that do not say what the code does."""
    return [
        f"{part.file}: {part.marker}" for part in PARTS if part.written(_read(part.path)) != _read(part.path)
    ]


def write() -> list[str]:
    """Bring every part up to date; the files that changed."""
    changed = []
    for path in dict.fromkeys(part.path for part in PARTS):
        before = text = _read(path)
        for part in PARTS:
            text = part.written(text) if part.path == path else text
        if text != before:
            path.write_text(text, encoding="utf-8")
            changed.append(path.name)
    return changed


@click.command("documents")
@click.option("--write", "writing", is_flag=True, help="bring them up to date")
def documents(writing: bool) -> None:
    """Say which generated parts of the documents are out of date; exit code 1 when there are any."""
    if writing:
        click.echo(f"written: {', '.join(write()) or 'nothing, all were up to date'}")
        return
    stale = untrue()
    for each in stale:
        click.echo(f"{each} is out of date; run: {REGENERATE}", err=True)
    sys.exit(1 if stale else 0)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
