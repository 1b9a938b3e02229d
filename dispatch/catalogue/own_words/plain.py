"""One plain form for all ways to type the same: width, case, traditional characters, punctuation."""

import re
import unicodedata
from functools import cache
from typing import Any

LONGEST = 80
"""Characters of a question that are looked at; nobody needs more to say what she comes for."""
_APOSTROPHES = re.compile("['’‘`´]")
_NO_WORD = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """The text without what makes no difference: words of letters, digits and Han characters, single spaces between."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    simplified = _simplified(folded)
    return _NO_WORD.sub(" ", _APOSTROPHES.sub("", simplified)).strip()[:LONGEST].strip()


def is_han(character: str) -> bool:
    """Whether this is a Chinese character."""
    return "㐀" <= character <= "鿿" or "豈" <= character <= "﫿" or character >= "\U00020000"


def _simplified(text: str) -> str:
    return text if text.isascii() else str(_converter().convert(text))


@cache
def _converter() -> Any:  # noqa: ANN401 - a class of OpenCC's
    """OpenCC, loaded when the first Chinese is typed."""
    from opencc import OpenCC

    return OpenCC("t2s")
