"""Zones: letters, windows and a voice of their own."""

import pytest

from dispatch.foundation.errors import NotFound
from dispatch.halls import configuring, zones
from dispatch.halls.configuring import QueueSpec, WindowSpec
from dispatch.halls.zones import LetterOutsideZone, Voice, ZoneSpec, shown_in
from tests import standing_city
from tests.standing_city import BUILDER, TOWN_HALL, Town, town_spec

BUSINESS = ZoneSpec(
    "business", "涉企服务区", "Business zone", ["A"], Voice(["zh", "en"], rate=0.8, speaker="west")
)
CIVIL = ZoneSpec("civil", "社会事务区", "Civil zone", ["D"])
QUEUES = [QueueSpec("A", "A", "企业", "Business", "business"), QueueSpec("D", "D", "个人", "Civil", "civil")]
WINDOWS = [
    WindowSpec("1", "1", "1", "general", ["D"], "civil"),
    WindowSpec("2", "2", "2", "tidal", ["D", "A"]),
    WindowSpec("3", "3", "3", "payment", ["A"], "business"),
]


def configure(town: Town, *wanted: ZoneSpec, queues: list[QueueSpec] = QUEUES) -> bool:
    spec = town_spec(zones=list(wanted), queues=queues, windows=WINDOWS)
    return standing_city.configure(town.database, spec, now=town.now)


def known(town: Town) -> list[str]:
    with town.database.reading() as session:
        return [zone.code for zone in zones.zones_of(session, TOWN_HALL)]


def test_a_hall_tells_its_zones_in_its_log(town: Town) -> None:
    configure(town, BUSINESS, CIVIL)
    told = town.entries()[-1].data
    assert [zone["code"] for zone in told["zones"]] == ["business", "civil"]
    assert told["zones"][0]["voice"] == {
        "languages": ["zh", "en"],
        "rate": 0.8,
        "volume": 1.0,
        "speaker": "west",
    }
    assert {queue["code"]: queue["zone"] for queue in told["queues"]} == {"A": "business", "D": "civil"}
    assert [window["zone"] for window in told["windows"]] == ["civil", None, "business"]


def test_nothing_changes_where_nothing_differs(town: Town) -> None:
    assert configure(town, BUSINESS, CIVIL)
    before = town.head()
    assert not configure(town, BUSINESS, CIVIL)
    assert town.head() == before


def test_a_zone_that_is_gone_is_put_out_of_use(town: Town) -> None:
    configure(town, BUSINESS, CIVIL)
    plain = [QueueSpec(queue.code, queue.letter, queue.name, queue.name_en) for queue in QUEUES]
    spec = town_spec(zones=[], queues=plain, windows=[WindowSpec("1", "1", "1", "agent", ["A", "D"])])
    standing_city.configure(town.database, spec, now=town.now)
    assert known(town) == []
    with town.database.reading() as session, pytest.raises(NotFound):
        zones.zone(session, TOWN_HALL, "civil")


@pytest.mark.parametrize(
    "wanted",
    [
        [BUSINESS],
        [BUSINESS, ZoneSpec("civil", "区", "Zone", ["D", "A"])],
        [BUSINESS, ZoneSpec("civil", "区", "Zone", ["E"])],
    ],
)
def test_a_letter_belongs_to_its_queues_zone_and_to_no_other(town: Town, wanted: list[ZoneSpec]) -> None:
    before = town.head()
    with pytest.raises(LetterOutsideZone):
        configure(town, *wanted)
    assert town.head() == before


def test_a_window_stands_in_a_zone_that_there_is(town: Town) -> None:
    plain = [QueueSpec(queue.code, queue.letter, queue.name, queue.name_en) for queue in QUEUES]
    with pytest.raises(NotFound):
        configure(town, CIVIL, queues=plain)


def test_one_zone_is_changed_and_the_others_stay(town: Town) -> None:
    configure(town, BUSINESS, CIVIL)
    louder = ZoneSpec("civil", "社会事务区", "Civil zone", ["D", "E"], Voice(volume=0.3))
    with town.database.work() as session:
        assert configuring.set_zone(session, TOWN_HALL, louder, now=town.now, actor=BUILDER)
    with town.database.work() as session:
        assert not configuring.set_zone(session, TOWN_HALL, louder, now=town.now, actor=BUILDER)
    assert known(town) == ["business", "civil"]
    assert town.entries()[-1].data["zones"][1]["letters"] == ["D", "E"]
    mute = ZoneSpec("civil", "区", "Zone", ["E"])
    with town.database.work() as session, pytest.raises(LetterOutsideZone):
        configuring.set_zone(session, TOWN_HALL, mute, now=town.now, actor=BUILDER)


@pytest.mark.parametrize(
    ("wanted", "zone", "shown"),
    [
        (None, None, True),
        (None, "civil", True),
        ("civil", "civil", True),
        ("civil", None, True),
        ("civil", "business", False),
    ],
)
def test_a_screen_of_a_zone_shows_its_own_and_what_concerns_all(
    wanted: str | None, zone: str | None, shown: bool
) -> None:
    assert shown_in(wanted, zone) is shown


@pytest.mark.parametrize(
    ("voice", "sound"),
    [
        (Voice(), True),
        (Voice(["zh", "en"], 0.5, 0.0), True),
        (Voice([]), False),
        (Voice(["zh", "zh"]), False),
        (Voice(["fr"]), False),
        (Voice(rate=3), False),
        (Voice(volume=-0.1), False),
    ],
)
def test_a_voice_can_be_spoken(voice: Voice, sound: bool) -> None:
    assert voice.sound is sound
