"""The quick way writes what RFC 8785 says, or is not taken."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation.canonical import canonical

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda each: st.lists(each) | st.dictionaries(WORDS, each),
    max_leaves=20,
)


@given(VALUES)
def test_it_is_the_text_of_the_standard(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value).decode()  # type: ignore[arg-type]
