"""Reading city directories: the demo city is sound, and what is not sound is told with its place."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.demo import CITY
from dispatch.wiring.importing.format import City, Queue
from dispatch.wiring.importing.placing import mode_at, queue_for, queue_of_zone
from dispatch.wiring.importing.problems import CityRefused
from dispatch.wiring.importing.reading import read_city

Files = dict[str, Any]
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


# --- the demo city ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> City:
    return read_city(CITY)


def test_the_demo_city_has_every_kind_of_hall(demo: City) -> None:
    kinds = Counter((hall.kind, hall.level) for hall in demo.halls)
    assert kinds["hall", "city"] == 1
    assert kinds["hall", "district"] == 9
    assert kinds["hall", "street"] == 19
    assert kinds["hall", "village"] == 15
    assert sum(hall.kind == "partner" for hall in demo.halls) == 9
    assert sum(hall.kind == "kiosk_site" for hall in demo.halls) >= 6
    streets = [h for h in demo.halls if h.kind == "hall" and h.level == "street"]
    assert {hall.parent for hall in streets} == {"H-331082"}


def test_the_demo_catalogue_has_its_items_and_bundles(demo: City) -> None:
    assert (len(demo.items), len(demo.bundles)) == (86, 14)
    assert sum(bool(item.situations) for item in demo.items) >= 30
    assert all(bundle.situations for bundle in demo.bundles)


def test_halls_stand_parents_before_children(demo: City) -> None:
    seen: set[str | None] = {None}
    for hall in demo.halls:
        assert hall.parent in seen
        seen.add(hall.code)


def test_every_item_is_taken_and_every_partner_takes_one(demo: City) -> None:
    taken = {(item.code, hall.code) for item in demo.items for hall in demo.halls if queue_for(item, hall)}
    assert {item for item, _ in taken} == {item.code for item in demo.items}
    partners = {hall.code for hall in demo.halls if hall.kind == "partner"}
    assert partners <= {hall for _, hall in taken}


def test_the_windows_people_read_about(demo: City) -> None:
    windows = {hall.code: len(hall.windows) for hall in demo.halls}
    assert windows["H-331082"] >= 10
    assert windows["H-331082112"] == 8
    assert all(windows[h.code] >= 12 for h in demo.halls if h.level == "district" and h.kind == "hall")


def test_the_calendar_has_the_make_up_days(demo: City) -> None:
    kinds = {day.date.isoformat(): day.kind for day in demo.calendar}
    assert kinds["2026-10-01"] == "holiday"
    assert kinds["2026-02-28"] == "workday"
    assert Counter(kinds.values()) == {"holiday": 33, "workday": 6}


@pytest.mark.parametrize(
    ("item", "hall", "queue", "mode"),
    [
        ("PSB-ID-RENEW", "H-331082", "D", "handle"),
        ("MS-IND", "H-331082112", "A", "handle"),
        ("UT-WATER", "H-331082112", "D", "handle"),  # investment, at a hall without B
        ("RE-TRANSFER", "H-331082112", "D", "receive"),  # real estate, at a hall without C
        ("RE-TRANSFER", "X-RE", "A", "handle"),  # a single queue takes all
        ("CIV-DIBAO", "H-331082112201-13", "A", "agent"),
        ("CIV-MARRY", "H-331082", None, None),
        ("PSB-ID-RENEW", "K-331082-1", None, None),
    ],
)
def test_where_people_queue(demo: City, item: str, hall: str, queue: str | None, mode: str | None) -> None:
    the_item = next(i for i in demo.items if i.code == item)
    the_hall = next(h for h in demo.halls if h.code == hall)
    assert (queue_for(the_item, the_hall), mode_at(the_item, the_hall)) == (queue, mode)


@pytest.mark.parametrize(
    ("zone", "letters", "queue"),
    [("C", "ABCD", "C"), ("B", "AD", "D"), ("A", "CD", "D"), ("D", "AB", None), ("D", "A", "A")],
)
def test_other_queues_stand_in_for_a_missing_zone(
    demo: City, zone: str, letters: str, queue: str | None
) -> None:
    queues = tuple(Queue(code=x, letter=x, name=x, name_en=x) for x in letters)
    hall = demo.halls[0].model_copy(update={"queues": queues})
    assert queue_of_zone(zone, hall) == queue


# --- a small sound city, and ways to break it -----------------------------------------------------------


def _hall(code: str, level: str, parent: str | None, **more: object) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"大厅{code}",
        "name_en": f"Hall {code}",
        "level": level,
        "kind": "hall",
        "parent": parent,
        "lat": 28.8,
        "lon": 121.1,
        "hours": {
            "weekly": {day: [["08:30", "12:00"], ["13:30", "17:00"]] for day in WORKDAYS},
            "makeup_workdays": True,
            "public_holidays": False,
        },
        "queues": [
            {"code": letter, "letter": letter, "name": f"队列{letter}", "name_en": f"Queue {letter}"}
            for letter in "AD"
        ],
        "windows": [
            {"code": "1", "name": "1", "name_en": "1", "kind": "general", "queues": ["A", "D"]},
            {"code": "2", "name": "2", "name_en": "2", "kind": "tidal", "queues": ["D"]},
        ],
        "kiosks": 1,
        **more,
    }


def _zone(code: str, letters: str, **more: object) -> dict[str, Any]:
    return {"code": code, "name": f"{code}区{letters}", "name_en": code, "letters": list(letters), **more}


def _item(code: str, **more: object) -> dict[str, Any]:
    return {
        "code": code,
        "name": f"事项{code}",
        "name_en": f"Item {code}",
        "department": "公安局",
        "department_en": "Public Security Bureau",
        "service_object": "person",
        "accept": [{"level": "district", "mode": "handle"}, {"level": "street", "mode": "receive"}],
        "zone": "D",
        "channels": {"app": True, "web": False, "kiosk": True, "counter": True},
        "minutes": 8,
        "promise_days": 5,
        "statutory_days": 20,
        "day_unit": "working",
        "presence": "none",
        "territory": "any",
        "bookable": True,
        "papers": [{"name": "身份证", "name_en": "ID card", "shared": True, "deferrable": False}],
        "situations": [
            {
                "code": "reason",
                "question": "为什么?",
                "question_en": "Why?",
                "answers": [
                    {"code": "lost", "label": "遗失", "label_en": "Lost"},
                    {"code": "worn", "label": "损坏", "label_en": "Damaged", "channels": ["counter"]},
                ],
            }
        ],
        "aliases": [f"别名{code}"],
        **more,
    }


def _member(item: str | None, stage: int, **more: object) -> dict[str, Any]:
    return {
        "item": item,
        "name": f"联办{item}{stage}",
        "name_en": f"Member {stage}",
        "department": "公安局",
        "department_en": "Public Security Bureau",
        "need": "must",
        "stage": stage,
        "level": "district",
        **more,
    }


@pytest.fixture
def files() -> Files:
    bundle = {
        "code": "B-ONE",
        "name": "一件事",
        "name_en": "One thing",
        "number": 1,
        "service_object": "person",
        "lead_department": "公安局",
        "lead_department_en": "Public Security Bureau",
        "key_item": "ID",
        "members": [_member("ID", 1), _member("HUKOU", 2)],
        "figures": None,
    }
    kiosk = _hall("K-1", "street", "H-2", kind="kiosk_site", queues=[], windows=[])
    return {
        "city.json": {
            "name": "小城",
            "name_en": "Small Town",
            "tz": "Asia/Shanghai",
            "box": [[28.0, 120.0], [29.0, 122.0]],
        },
        "halls.json": {
            "halls": [
                _hall("H-1", "city", None),
                _hall("H-2", "district", "H-1"),
                _hall("H-3", "street", "H-2"),
                kiosk,
            ]
        },
        "items.json": {"items": [_item("ID"), _item("HUKOU")]},
        "bundles.json": {"bundles": [bundle]},
        "calendar.csv": "date,kind,name,name_en\n2026-01-01,holiday,元旦,New Year's Day\n",
    }


def _write(directory: Path, files: Files) -> Path:
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def _problems(directory: Path) -> list[str]:
    with pytest.raises(CityRefused) as refused:
        read_city(directory)
    return [str(problem) for problem in refused.value.problems]


def test_the_small_city_is_sound(tmp_path: Path, files: Files) -> None:
    city = read_city(_write(tmp_path, files))
    assert [hall.code for hall in city.halls] == ["H-1", "H-2", "H-3", "K-1"]


def test_children_may_stand_before_their_parents_in_the_file(tmp_path: Path, files: Files) -> None:
    files["halls.json"]["halls"].reverse()
    assert read_city(_write(tmp_path, files)).halls[0].code == "H-1"


def _set(file: str, *path: str | int, to: object) -> Callable[[Files], None]:
    def breaking(files: Files) -> None:
        target = files[file]
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = to

    return breaking


def _hall_with(*path: str | int, to: object) -> Callable[[Files], None]:
    return _set("halls.json", "halls", 2, *path, to=to)


def _item_with(*path: str | int, to: object) -> Callable[[Files], None]:
    return _set("items.json", "items", 1, *path, to=to)


def _bundle_with(*path: str | int, to: object) -> Callable[[Files], None]:
    return _set("bundles.json", "bundles", 0, *path, to=to)


HALL, ITEM, BUNDLE = (
    "halls.json halls[2] (H-3)",
    "items.json items[1] (HUKOU)",
    "bundles.json bundles[0] (B-ONE)",
)
BROKEN: list[tuple[Callable[[Files], None], str]] = [
    (_set("city.json", "tz", to="Asia/Linhai"), "city.json tz: no time zone 'Asia/Linhai'"),
    (
        _set("city.json", "box", to=[[29, 120], [28, 122]]),
        "city.json box: must be [[south, west], [north, east]]",
    ),
    (_set("city.json", "mayor", to="?"), "city.json mayor: no such field"),
    (_hall_with("windows", 1, "queues", to=["Q"]), f"{HALL} windows[1].queues: no queue 'Q' in this hall"),
    (_hall_with("windows", 0, "queues", to=["D"]), f"{HALL} queues[0]: no window calls from queue 'A'"),
    (_hall_with("windows", 1, "name", to="1"), f"{HALL} windows[1].name: '1' is the name of windows[0] too"),
    (
        _hall_with("queues", 1, "letter", to="A"),
        f"{HALL} queues[1].letter: 'A' is the letter of queues[0] too",
    ),
    (_hall_with("queues", to=[]), f"{HALL} queues: a hall without queues"),
    (_hall_with("code", to="H-2"), "halls.json halls[2] (H-2) code: 'H-2' is the code of halls[1] (H-2) too"),
    (_hall_with("parent", to="H-9"), f"{HALL} parent: no hall 'H-9'"),
    (
        _hall_with("parent", to=None),
        f"{HALL} parent: only one hall may have no parent, and halls[0] (H-1) has none",
    ),
    (_hall_with("parent", to="K-1"), f"{HALL} parent: 'K-1' is a kiosk_site, not a hall"),
    (_hall_with("level", to="district"), f"{HALL} parent: 'H-2' is of level district, not above district"),
    (
        _set("halls.json", "halls", 0, "parent", to="H-3"),
        "halls.json halls[0] (H-1) parent: 'H-3' stands below this hall: a cycle",
    ),
    (_hall_with("lat", to=39.9), f"{HALL} lat: 39.9 lies outside the city's box, 28.0 to 29.0"),
    (_hall_with("kind", to="partner"), f"{HALL} partner_kind: a partner has one, and nothing else has"),
    (
        _hall_with("hours", "weekly", "mon", 0, 1, to="25:00"),
        f"{HALL} hours.weekly.mon[0][1]: must be a time from 00:00 to 24:00, not '25:00'",
    ),
    (
        _hall_with("hours", "weekly", "tue", to=[["08:30", "12:00"], ["11:00", "17:00"]]),
        f"{HALL} hours.weekly.tue: 11:00-17:00 overlaps 08:30-12:00 or stands before it",
    ),
    (
        _hall_with("hours", "weekly", "wed", to=[["12:00", "08:30"]]),
        f"{HALL} hours.weekly.wed: 12:00-08:30 ends before it begins",
    ),
    (_hall_with("hours", "weekly", to={}), f"{HALL} hours.weekly: the hall is never open"),
    (
        _hall_with("queues", 1, "zone", to="west"),
        f"{HALL} queues[1].zone: 'D' is no letter of a zone 'west' of this hall",
    ),
    (_hall_with("windows", 0, "zone", to="west"), f"{HALL} windows[0].zone: no zone 'west' in this hall"),
    (
        _hall_with("zones", to=[_zone("west", "A"), _zone("east", "AD")]),
        f"{HALL} zones[1].letters: 'A' is a letter of zone 'west' too",
    ),
    (
        _hall_with("zones", to=[_zone("west", "A"), _zone("west", "D")]),
        f"{HALL} zones[1].code: 'west' is the code of zones[0] too",
    ),
    (
        _hall_with("zones", to=[_zone("west", "A", voice={"languages": ["zh", "zh"]})]),
        f"{HALL} zones[0].voice.languages: 'zh' stands twice",
    ),
    (
        _item_with("skill", to={"code": "flying", "grade": 2}),
        f"{ITEM} skill.code: no skill 'flying' in city.json",
    ),
    (
        _item_with("skill", to={"code": "flying", "grade": 6}),
        f"{ITEM} skill.grade: Input should be less than or equal to 5, not 6",
    ),
    (
        _set("city.json", "skills", to=[{"code": "x", "name": "甲", "name_en": "A"}] * 2),
        "city.json skills[1].code: 'x' is the code of skills[0] too",
    ),
    (_hall_with("kiosks", to="2"), f"{HALL} kiosks: Input should be a valid integer, not '2'"),
    (_hall_with("demo_values", to=["colour"]), f"{HALL} demo_values[0]: no field 'colour'"),
    (_hall_with("name_en", to="大厅"), f"{HALL} name_en: '大厅' is not English"),
    (
        lambda files: files.update({"calendar.csv": "day\n"}),
        "calendar.csv line 1: the header must be date,kind,name,name_en",
    ),
    (_item_with("code", to="ID"), "items.json items[1] (ID) code: 'ID' is the code of items[0] (ID) too"),
    (
        _item_with("accept", to=[{"partner_kind": "marriage", "mode": "handle"}]),
        f"{ITEM} accept: no hall takes this item",
    ),
    (
        _item_with("accept", 1, "level", to="village"),
        f"{ITEM} accept[1]: there is no village hall to take it",
    ),
    (
        _item_with("accept", 0, to={"mode": "handle"}),
        f"{ITEM} accept[0]: must name either a level or a partner_kind",
    ),
    (_item_with("aliases", to=["别名ID"]), f"{ITEM} aliases[0]: '别名ID' is an alias of items[0] (ID) too"),
    (_item_with("aliases", to=["事项ID"]), f"{ITEM} aliases[0]: '事项ID' is the name of items[0] (ID)"),
    (
        _item_with("department_en", to="Police"),
        f"{ITEM} department: '公安局' is 'Public Security Bureau' elsewhere, here 'Police'",
    ),
    (
        _item_with("department", to="公安局(户籍)"),
        f"{ITEM} department: 'Public Security Bureau' is '公安局' elsewhere, here '公安局(户籍)'",
    ),
    (_item_with("promise_days", to=30), f"{ITEM} promise_days: 30 is more than the statutory 20"),
    (
        _item_with("situations", 0, "answers", 1, "channels", to=["web"]),
        f"{ITEM} situations[0].answers[1].channels: the item has no channel 'web'",
    ),
    (
        _item_with("situations", 0, "answers", 1, "code", to="lost"),
        f"{ITEM} situations[0].answers[1].code: 'lost' is the code of answers[0] too",
    ),
    (
        _item_with("papers", 0, "when", to="reason=stolen"),
        f"{ITEM} papers[0].when: no such answer 'reason=stolen'",
    ),
    (
        _item_with("name", to="事" * 61),
        f"{ITEM} name: String should have at most 60 characters, not '{'事' * 38}…",
    ),
    (lambda files: files["items.json"]["items"][1].pop("minutes"), f"{ITEM} minutes: is missing"),
    (_bundle_with("key_item", to="PASS"), f"{BUNDLE} key_item: no item 'PASS'"),
    (_bundle_with("members", 1, "item", to="PASS"), f"{BUNDLE} members[1].item: no item 'PASS'"),
    (_bundle_with("members", 1, "item", to="ID"), f"{BUNDLE} members[1]: 'ID' is members[0] already"),
    (
        _bundle_with("members", 1, "stage", to=3),
        f"{BUNDLE} members: stages must be 1, 2, 3 … without a gap, not [1, 3]",
    ),
    (
        _bundle_with("members", 1, "level", to="village"),
        f"{BUNDLE} members[1].level: HUKOU is not taken at 'village'",
    ),
    (
        _bundle_with("members", 1, "need", to="conditional"),
        f"{BUNDLE} members[1].condition: a conditional member needs one",
    ),
    (
        _bundle_with("members", 1, "need", to="one_of"),
        f"{BUNDLE} members: stage 2 has a single one_of: nothing to choose from",
    ),
]


@pytest.mark.parametrize(("breaking", "problem"), BROKEN, ids=[problem for _, problem in BROKEN])
def test_what_is_broken_is_told_with_its_place(
    tmp_path: Path, files: Files, breaking: Callable[[Files], None], problem: str
) -> None:
    breaking(files)
    assert problem in [text[: len(problem)] for text in _problems(_write(tmp_path, files))]


def test_all_problems_are_told_at_once(tmp_path: Path, files: Files) -> None:
    many = [BROKEN[n] for n in (0, 3, 14, 17, 22)]
    many += [(_item_with("promise_days", to=30), f"{ITEM} promise_days: 30 is more than the statutory 20")]
    many += [(_bundle_with("key_item", to="PASS"), f"{BUNDLE} key_item: no item 'PASS'")]
    for breaking, _ in many:
        breaking(files)
    files["calendar.csv"] += (
        "2026-01-01,holiday,元旦,New Year's Day\n2026-01-05,workday,补班,Make-up day\nx\n"
    )
    told = _problems(_write(tmp_path, files))
    assert sorted(told) == sorted(
        [
            *(problem for _, problem in many),
            "calendar.csv line 3: 2026-01-01 stands on line 2 already",
            "calendar.csv line 4: 2026-01-05 is no weekend day, so no make-up day",
            "calendar.csv line 5: 1 columns, not 4",
        ]
    )


def test_a_broken_hall_is_blamed_once(tmp_path: Path, files: Files) -> None:
    """Its children and the items it would take are not to blame."""
    files["halls.json"]["halls"][1]["kiosks"] = -1
    assert _problems(_write(tmp_path, files)) == [
        "halls.json halls[1] (H-2) kiosks: Input should be greater than or equal to 0, not -1"
    ]


def test_an_item_is_refused_where_a_hall_has_no_queue_for_it(tmp_path: Path, files: Files) -> None:
    hall = files["halls.json"]["halls"][2]
    hall["queues"] = [
        {"code": letter, "letter": letter, "name": letter, "name_en": letter} for letter in "AB"
    ]
    hall["windows"] = []
    assert f"{ITEM} zone: hall H-3 takes it and has no queue for zone 'D'" in _problems(
        _write(tmp_path, files)
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{\n "items": [\n  {"code": }\n]}', "items.json line 3 column 12: bad JSON, Expecting value"),
        ("[]", "items.json: must hold one JSON object"),
        ('{"items": {}}', "items.json items: must be a list"),
        ('{"items": []}', "items.json items: must not be empty"),
        ('{"items": [7]}', "items.json items[0]: Input should be an object, not 7"),
        ('{"items": [{"code": "A", "code": "B"}]}', "items.json code of (A): stands twice in one object"),
        ('{"items": [NaN]}', "items.json: bad JSON, NaN is no JSON number"),
        ('{"items": [' + "[" * 100_000, "items.json: bad JSON"),
    ],
)
def test_bad_json_is_told_with_its_place(tmp_path: Path, files: Files, text: str, problem: str) -> None:
    files["items.json"] = text
    assert any(told.startswith(problem) for told in _problems(_write(tmp_path, files)))


def test_missing_and_unreadable_files_are_told(tmp_path: Path, files: Files) -> None:
    del files["calendar.csv"]
    _write(tmp_path, files)
    (tmp_path / "city.json").write_bytes(b'{"name": "\xff"}')
    assert _problems(tmp_path) == [
        "city.json byte 10: is not UTF-8",
        "calendar.csv: cannot be read (No such file or directory)",
    ]


def test_no_directory_at_all(tmp_path: Path) -> None:
    assert len(_problems(tmp_path / "nowhere")) == 5
