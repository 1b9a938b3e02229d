"""The checker: what is wrong with a history, by the ten rules that the city promises to keep whatever fails.

H1  the numbers of acknowledged tickets differ.
H2  all numbers of a series are {1..n}.
H3  whoever was answered before another asked has the lower number.
H4  nobody holds a ticket while another does, and no window two tickets; fencing numbers grow.
H5  every acknowledged effect stands in the log as it was told, and no ticket is lost.
H6  within a class nobody is called before somebody who waited all the while with a lower number.
H7  only who holds a ticket now can start or finish it.
H8  a board hears every entry once, in order, and stands where the log ends.
H9  a deed has no more than one effect, a refused one none; asked again, it is answered the same.
H10 the log's chain verifies.

For a counter and a queue this is linearizability, without a search: each rule sorts and sweeps, O(n log n).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults import rules_of_holding, rules_of_numbers, rules_of_records
from tests.faults.history import History


@dataclass(frozen=True)
class Violation:
    """A rule that was broken, and how."""

    rule: str
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.rule}: {self.what}"


RULES: dict[str, Callable[[History], Iterator[str]]] = {
    "H1": rules_of_numbers.differ,
    "H2": rules_of_numbers.have_no_gaps,
    "H3": rules_of_numbers.follow_time,
    "H4": rules_of_holding.never_overlaps,
    "H5": rules_of_records.tell_everything,
    "H6": rules_of_holding.follows_the_line,
    "H7": rules_of_holding.ends_by_its_holder,
    "H8": rules_of_records.reach_every_board,
    "H9": rules_of_records.tell_nothing_twice,
    "H10": rules_of_records.are_chained,
}


def violations(history: History) -> list[Violation]:
    """Everything wrong with it; nothing, if all is as promised."""
    return [Violation(rule, what) for rule, broken in RULES.items() for what in broken(history)]


def check(history: History) -> None:
    """AssertionError naming what is wrong, if anything is."""
    found = violations(history)
    assert not found, "\n".join(map(str, found[:20]))
