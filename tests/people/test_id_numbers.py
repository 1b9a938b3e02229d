"""Numbers of documents: the check digit finds every single misread digit, and knows nothing of regions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.people import id_numbers

SEVENTEEN = st.text("0123456789", min_size=17, max_size=17)


def completed(seventeen: str) -> str:
    return next(full for last in id_numbers.CHECKS if id_numbers.is_right(full := seventeen + last))


@pytest.mark.parametrize("number", ["33108219900101001X", "11010519491231002X", "440524188001010014"])
def test_numbers_of_any_region_are_right(number: str) -> None:
    assert id_numbers.is_right(number)


@given(SEVENTEEN)
def test_every_seventeen_digits_have_exactly_one_last(seventeen: str) -> None:
    assert sum(id_numbers.is_right(seventeen + last) for last in id_numbers.CHECKS) == 1


@given(SEVENTEEN, st.integers(0, 16), st.integers(1, 9))
def test_one_misread_digit_is_always_found(seventeen: str, place: int, shift: int) -> None:
    number = completed(seventeen)
    misread = str((int(number[place]) + shift) % 10)
    assert not id_numbers.is_right(number[:place] + misread + number[place + 1 :])


@pytest.mark.parametrize(
    "number", ["", "X", "3310821990010100", "33108219900101001x", "３３108219900101001X"]
)
def test_what_is_no_number_is_not_right(number: str) -> None:
    assert not id_numbers.is_right(number)


def test_a_number_is_tidied_before_it_is_looked_at() -> None:
    assert id_numbers.tidy(" 331082 19900101 001x ") == "33108219900101001X"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("33108219900101001X", "resident_id"),
        ("810000199001010019", "hk_macao_taiwan_permit"),
        ("830000199001010019", "hk_macao_taiwan_permit"),
        ("911156198901010019", "foreign_permanent_resident"),
    ],
)
def test_the_kind_of_document_is_told_by_how_its_number_begins(number: str, kind: str) -> None:
    assert id_numbers.kind_of(number) == kind
