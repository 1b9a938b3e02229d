"""What may be shown of a person without a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.people import masking


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳小三", "欧阳*三"),
        ("张", "*"),
        ("阿依古丽买买提", "阿依****提"),
        ("John Smith", "John *****"),
        (" 张三 ", "张*"),
    ],
)
def test_a_name(full: str, shown: str) -> None:
    assert masking.name(full) == shown


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("33108219900101001x", "331082*******" + "*001X"),
        ("331082900101001", "331082*****1001"),
        ("E12345678", "*****5678"),
        ("12", "*2"),
        ("1", "*"),
    ],
)
def test_a_document(full: str, shown: str) -> None:
    assert masking.id_number(full) == shown


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("85123456", "******56"),
        ("1", "*"),
    ],
)
def test_a_phone(full: str, shown: str) -> None:
    assert masking.phone(full) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=30))
def test_something_is_always_hidden_and_no_length_is_added(full: str) -> None:
    for mask in (masking.name, masking.id_number, masking.phone):
        shown = mask(full)
        assert masking.STAR in shown
        assert shown.upper() != full.upper()
