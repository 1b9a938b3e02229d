"""How Chinese is spelled in Latin letters."""

from collections.abc import Sequence
from typing import Any

_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("v", "u"))
"""What many people do not tell apart when they speak, and so not when they type."""


def spelled(text: str) -> list[str]:
    """The syllable of each Chinese character as it stands in its word, without tones; others stay as they are."""
    from pypinyin import lazy_pinyin  # its dictionary takes longer to load than half of the city's own code

    if text.isascii():
        return list(text)
    return lazy_pinyin(text, errors=_one_by_one)


def _one_by_one(text: str) -> Any:  # noqa: ANN401 - pypinyin takes a list, its types say a text
    return list(text)


def folded(letters: str) -> str:
    """The letters without the differences of dialects. What one text begins with, its folded form begins with too."""
    for fine, coarse in _ALIKE:
        letters = letters.replace(fine, coarse)
    return letters


def initials(syllables: Sequence[str]) -> str:
    """The first letter of each syllable."""
    return "".join(syllable[0] for syllable in syllables)
