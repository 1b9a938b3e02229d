"""Numbers of documents: what kind a number is, and whether it was read right.

Only the check digit of GB 11643 is looked at. The region is not: codes of places that are no longer there stay valid,
and no list of them is complete.
"""

import re

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
_EIGHTEEN = re.compile(r"\d{17}[\dX]", re.ASCII)
_RESIDENCE_PERMITS = ("81", "82", "83")
"""How the numbers of residents from Hong Kong, Macao and Taiwan begin."""


def tidy(number: str) -> str:
    """A number as it is compared: without blanks, letters large."""
    return "".join(number.split()).upper()


def has_eighteen(number: str) -> bool:
    """Whether it has the form of an 18-digit number, right or wrong."""
    return _EIGHTEEN.fullmatch(number) is not None


def is_right(number: str) -> bool:
    """Whether an 18-digit number's last digit is what the others make it."""
    if not has_eighteen(number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))
    return CHECKS[total % 11] == number[-1]


def kind_of(number: str) -> str:
    """Which kind of document an 18-digit number is of."""
    if number.startswith(_RESIDENCE_PERMITS):
        return "hk_macao_taiwan_permit"
    return "foreign_permanent_resident" if number.startswith("9") else "resident_id"
