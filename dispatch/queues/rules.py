"""The order of a line, first rule: legal priority groups before everybody else, each class in order of place."""

from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

PRIORITY_CLASS = MappingProxyType(
    {"soldier": 0, "firefighter": 0, "disabled": 1, "elderly": 1, "pregnant": 1, "with_infant": 1, "none": 2}
)
"""Priority groups by law and their class; a lower class is served first."""

PRIORITIES = tuple(PRIORITY_CLASS)


def rank(
    classes: NDArray[np.int64], places: NDArray[np.float64], numbers: NDArray[np.int64]
) -> NDArray[np.intp]:
    """The order in which people are served.

    Args:
        classes: (n,) priority class of each person, lower first.
        places: (n,) place in line as a time in seconds, earlier first.
        numbers: (n,) ticket numbers, which settle equal places.

    Returns:
        (n,) indices into the inputs, the next person first.
    """
    return np.lexsort((numbers, places, classes))
