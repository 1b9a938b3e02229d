"""What the visitors' people are like. None of it is known to the city, which has to learn it from its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DAY = (
    (8.0, 0.0), (8.5, 0.2), (9.0, 0.32), (9.33, 0.52), (9.5, 0.85), (9.67, 1.0), (10.5, 1.0), (11.25, 0.6),
    (11.8, 0.2), (12.0, 0.05), (13.4, 0.1), (13.75, 0.5), (14.5, 0.65), (15.25, 0.55), (16.25, 0.35), (17.0, 0.03),
)  # fmt: skip
"""Hour of the day and the share of the peak's arrivals; straight lines between."""

WEIGHTS = MappingProxyType(
    {
        "HR-CARD": 9, "HR-CERT": 6, "HR-CARDRE": 5, "HR-RURALREG": 4, "HR-RURALPAY": 4, "HR-FLEXSUB": 3,
        "MI-REG": 6, "MI-OTHER": 5, "MI-REIMB": 4, "MI-CHRONIC": 3, "PSB-ID-RENEW": 7, "PSB-ID-LOST": 5,
        "PSB-RESID": 4, "PSB-HKB": 3, "PSB-PASS": 4, "PSB-HKMOQ": 4, "TRF-DL": 8, "TRF-VL": 4, "CIV-MARRY": 3,
        "CIV-ELDER": 3, "CIV-GAOLING": 3, "HF-RENT": 4, "HF-BUY": 3, "RE-QUERY": 6, "RE-NEW": 4, "RE-TRANSFER": 4,
        "RE-MORT": 3, "MS-IND": 7, "MS-CHANGE": 4, "MS-ENT": 4, "TAX-INVOICE": 6, "TAX-HOUSE": 4, "HC-BIRTHCERT": 4,
        "HC-BIRTHREG": 2,
    }
)  # fmt: skip
"""How often people come for an item; one that is not named counts 1."""

MINUTES = MappingProxyType(
    {
        "HR-CARD": 5.5, "HR-CERT": 2.2, "HR-CARDRE": 6.5, "HR-RURALREG": 7.5, "HR-RURALPAY": 8, "HR-FLEXSUB": 11,
        "MI-REG": 4.5, "MI-OTHER": 7.5, "MI-REIMB": 13, "MI-CHRONIC": 9, "PSB-ID-RENEW": 6, "PSB-ID-LOST": 7,
        "PSB-RESID": 9.5, "PSB-HKB": 8, "PSB-PASS": 9, "PSB-HKMOQ": 3, "TRF-DL": 6, "TRF-VL": 7, "CIV-MARRY": 19,
        "CIV-ELDER": 4, "CIV-GAOLING": 5, "HF-RENT": 8.5, "HF-BUY": 12, "RE-QUERY": 3, "RE-NEW": 17, "RE-TRANSFER": 22,
        "RE-MORT": 14, "MS-IND": 12, "MS-CHANGE": 17, "MS-ENT": 20, "TAX-INVOICE": 7, "TAX-HOUSE": 13,
        "HC-BIRTHCERT": 8, "HC-BIRTHREG": 4,
    }
)  # fmt: skip
"""How long an item takes here in the mean. They differ from the catalogue's minutes on purpose."""

OTHER_MINUTES = MappingProxyType(
    {"MS": 14, "RE": 16, "TAX": 11, "CN": 18, "TR": 12, "HF": 13, "HC": 10, "CIV": 11}
)
"""The same by department for the items not named."""

PRIORITIES = (
    ("elderly", 6), ("with_infant", 3), ("disabled", 2), ("pregnant", 2), ("soldier", 1), ("firefighter", 0.5),
)  # fmt: skip
CHANNELS = (("kiosk", 0.58), ("counter", 0.16), ("app", 0.16), ("web", 0.1))


@dataclass(frozen=True)
class Parameters:
    """Habits of citizens and clerks. Shares are of one; `_s` are seconds and `_min` minutes of city time."""

    # who comes
    day: tuple[tuple[float, float], ...] = DAY
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    channels: tuple[tuple[str, float], ...] = CHANNELS
    priorities: tuple[tuple[str, float], ...] = PRIORITIES
    with_priority: float = 0.08
    several: float = 0.04  # share of people who bring more than one of the same
    load: tuple[float, float] = (
        0.4,
        1.0,
    )  # peak demand of a hall over what its staff can do: lowest, highest
    village_load: float = 0.25
    loads: Mapping[str, float] = field(
        default_factory=lambda: {"H-331082112": 2.4, "H-331082": 0.86, "X-VEH": 1.15, "H-331082004": 1.1}
    )
    rush: Mapping[str, float] = field(
        default_factory=lambda: {"H-331082112": 0.95}
    )  # the least share till 10:30
    rush_ends: float = 10.5
    balk: tuple[int, int] = (16, 32)  # people in line at which the first, and at which everybody, turns round

    # who leaves
    leaves: float = 0.1  # share whose patience may end while they wait
    cancels: float = 0.55  # of these, who gives the ticket back; the others just go
    patience_min: float = 12.0
    deaf: float = 0.025  # does not come although she is there
    walk_s: tuple[float, float] = (5.0, 25.0)
    recall_s: tuple[float, float] = (25.0, 40.0)
    recalls: tuple[int, int] = (1, 2)

    # clerks
    staffing: float = 0.45  # share of windows with somebody; each queue has at least one
    stagger_s: tuple[float, float] = (-180.0, 240.0)  # around the hall's opening
    minutes: Mapping[str, float] = field(default_factory=lambda: MINUTES)
    other_minutes: Mapping[str, float] = field(default_factory=lambda: OTHER_MINUTES)
    any_minutes: float = 8.0
    spread: float = 0.55  # sigma of the lognormal service time
    clerk_spread: float = 0.16  # sigma of how fast the clerks are
    each_more: float = 0.6  # of the first one's minutes for each further one
    notices_s: tuple[float, float] = (2.0, 8.0)  # until a free clerk sees that somebody waits
    rests: float = 0.03  # share of services after which she rests
    rest_min: tuple[float, float] = (3.0, 9.0)
    pauses_at_noon: float = 0.3  # the other windows close
    overtime_min: float = 15.0  # how long they still serve who waits when the hall has closed
    left_alone_min: tuple[float, float] = (15.0, 30.0)  # a window somebody else closed stays so for a while

    # manners
    looks_every_s: float = 5.0  # real seconds between two looks at the halls' counts
    late_s: float = 60.0  # an arrival that comes later than this is not made up for
    call_overhead_s: float = 25.0  # of a window's time for each person

    def mean_minutes(self, item: str) -> float:
        """How long this item takes in the mean, one of it, with a clerk like any other."""
        by_department = self.other_minutes.get(item.split("-", 1)[0], self.any_minutes)
        return self.minutes.get(item, by_department)
