"""The one mechanism for lives made of states: a table says which verb leads from where to where."""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.foundation.errors import Refusal

STAYS = "(stays)"
BACK = "(as before)"


class WrongState(Refusal):
    """The verb is known, the state forbids it."""

    code = "wrong_state"
    status = 409
    sentence = "情况已经变了,现在不能这样做"


@dataclass(frozen=True)
class Transition:
    """`verb` leads from any of `sources` to `target`; `who` are the roles that may.

    A `target` may be STAYS, where something else than the state changes, or BACK, which leads to where it was
    before the last verb.
    """

    verb: str
    sources: frozenset[str]
    target: str
    who: tuple[str, ...]


class TransitionTable:
    """All states and transitions of one kind of thing; documents, OpenAPI enums and tests are made from it."""

    def __init__(
        self, name: str, states: Iterable[str], transitions: Iterable[tuple[str, str, str, str]]
    ) -> None:
        """`transitions` are rows (verb, sources, target, who), the middle lists and roles parted by blanks."""
        self.name = name
        self.states = tuple(states)
        self.transitions = tuple(
            Transition(verb, frozenset(sources.split()), target, tuple(who.split()))
            for verb, sources, target, who in transitions
        )
        self._by_verb = {row.verb: row for row in self.transitions}
        named = {s for row in self.transitions for s in (*row.sources, row.target)}
        unknown = named - set(self.states) - {STAYS, BACK}
        if unknown:
            raise ValueError(f"{name}: unknown states {sorted(unknown)}")

    def __getitem__(self, verb: str) -> Transition:
        return self._by_verb[verb]

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every verb, in the table's order."""
        return tuple(self._by_verb)

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leads out of; a mis-click undone does not count."""
        leaving = {source for row in self.transitions if row.target != BACK for source in row.sources}
        return frozenset(set(self.states) - leaving)

    def as_markdown(self) -> str:
        """The table as a document shows it."""
        rows = []
        for row in self.transitions:
            sources = " ".join(state for state in self.states if state in row.sources)
            rows.append(f"| `{row.verb}` | {sources} | {row.target} | {' '.join(row.who)} |")
        return "\n".join(["| verb | from | to | who |", "|---|---|---|---|", *rows])

    def target(self, verb: str, state: str, *, before: str | None = None) -> str:
        """Where `verb` leads from `state`; WrongState when it leads nowhere. `before` is where BACK leads."""
        row = self._by_verb[verb]
        if state not in row.sources or (row.target == BACK and before is None):
            raise WrongState(state=state, verb=verb, allowed=sorted(row.sources))
        return {STAYS: state, BACK: str(before)}.get(row.target, row.target)
