"""The one mechanism for lives made of states."""

import pytest

from dispatch.foundation.transitions import TransitionTable, WrongState

DOOR = TransitionTable(
    "door",
    ("shut", "ajar", "gone"),
    [
        ("open", "shut", "ajar", "clerk supervisor"),
        ("knock", "shut ajar", "ajar", "citizen"),
        ("remove", "ajar", "gone", "administrator"),
    ],
)


def test_a_verb_leads_where_the_table_says() -> None:
    assert DOOR.target("open", "shut") == "ajar"
    assert DOOR.target("knock", "ajar") == "ajar"


def test_a_verb_from_another_state_is_refused_with_all_that_one_needs_to_know() -> None:
    with pytest.raises(WrongState) as refused:
        DOOR.target("remove", "shut")
    assert refused.value.data == {"state": "shut", "verb": "remove", "allowed": ["ajar"]}
    assert (refused.value.code, refused.value.status) == ("wrong_state", 409)


def test_a_row_tells_sources_target_and_who_may() -> None:
    row = DOOR["knock"]
    assert (set(row.sources), row.target, row.who) == ({"shut", "ajar"}, "ajar", ("citizen",))


def test_verbs_stand_in_the_tables_order() -> None:
    assert DOOR.verbs == ("open", "knock", "remove")


def test_a_final_state_is_one_that_nothing_leads_out_of() -> None:
    assert DOOR.final == {"gone"}


@pytest.mark.parametrize(
    "row", [("fly", "sky", "shut", "citizen"), ("fly", "shut", "sky", "citizen")], ids=["from", "to"]
)
def test_a_table_with_an_unknown_state_cannot_be_made(row: tuple[str, str, str, str]) -> None:
    with pytest.raises(ValueError, match="door: unknown states"):
        TransitionTable("door", ("shut",), [row])


def test_an_unknown_verb_is_a_bug_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        DOOR.target("paint", "shut")
