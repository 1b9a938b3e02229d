"""Counts of channels: what a file may say, and that saying it twice changes nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import reading, summing, taking
from dispatch.catalogue.volumes.models import CHANNELS, Volume
from dispatch.catalogue.volumes.reading import KEPT_DAYS, Known
from dispatch.catalogue.volumes.refusals import BadSource, NoVolumes
from dispatch.catalogue.volumes.taking import Taken
from dispatch.catalogue.volumes.wording import WRONG
from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.words import translate
from dispatch.ports.channels import Counted
from dispatch.tickets.life import CHANNELS as TICKET_CHANNELS
from tests import standing_city
from tests.standing_city import BUILDER, CARD, DISTRICT_HALL, MORNING, RENEWAL, TOWN_HALL, Standing

TODAY = date(2026, 11, 20)
DAY = TODAY - timedelta(days=20)
HEADER = "day,item,channel,used,finished,came_back,situation,hall"


@pytest.fixture
def city(standing: Standing) -> Database:
    return standing.restore()


def take(city: Database, *lines: str, header: str = HEADER, source: str = "file") -> Taken:
    text = "\n".join([header, *lines]) + "\n"
    with city.work() as session:
        return taking.take_file(session, text, source, today=TODAY, now=MORNING, actor=BUILDER)


def kept(city: Database) -> set[tuple[object, ...]]:
    with city.reading() as session:
        return {
            (v.source, v.day, v.item, v.situation, v.channel, v.hall, v.used, v.finished, v.came_back)
            for v in session.scalars(select(Volume))
        }


def told(city: Database) -> list[log.LogEntry]:
    with city.reading() as session:
        found = [e for e in log.entries_after(session, log.CITY, 0) if e.kind == "VolumesTaken"]
        session.expunge_all()
        return found


def test_a_file_is_taken_whatever_the_order_of_its_columns(city: Database) -> None:
    lines = [f"{CARD},7,x,{DAY},app,10", f"{CARD},3,y,{DAY},web,5"]
    done = take(city, *lines, header="item,finished,extra,day,channel,used")
    assert (done.changed, done.same, done.refused) == (2, 0, [])
    assert kept(city) == {
        ("file", DAY, CARD, "", "app", "", 10, 7, None),
        ("file", DAY, CARD, "", "web", "", 5, 3, None),
    }


def test_channels_are_those_of_tickets() -> None:
    assert set(CHANNELS) == set(TICKET_CHANNELS)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"{DAY},{CARD},app,10", "columns"),
        (f"yesterday,{CARD},app,10,7,,,", "day"),
        (f"{TODAY},{CARD},app,10,7,,,", "future"),
        (f"{TODAY - timedelta(days=KEPT_DAYS + 1)},{CARD},app,10,7,,,", "too_old"),
        (f"{DAY},NOTHING,app,10,7,,,", "item"),
        (f"{DAY},{CARD},fax,10,7,,,", "channel"),
        (f"{DAY},{CARD},counter,10,7,,,H-000000", "hall"),
        (f"{DAY},{CARD},app,-1,0,,,", "number"),
        (f"{DAY},{CARD},app,many,0,,,", "number"),
        (f"{DAY},{CARD},app,1_0,0,,,", "number"),
        (f"{DAY},{CARD},app,99999999,0,,,", "number"),
        (f"{DAY},{CARD},app,10,,,,", "number"),
        (f"{DAY},{CARD},app,10,11,,,", "finished"),
        (f"{DAY},{CARD},app,10,7,11,,", "came_back"),
        (f"{DAY},{CARD},app,10,7,,nonsense,", "situation"),
        (f"{DAY},{CARD},app,10,7,,moon=full,", "situation"),
    ],
)
def test_a_bad_line_is_refused_by_number_and_reason_and_the_rest_is_taken(
    city: Database, line: str, why: str
) -> None:
    good = f"{DAY},{RENEWAL},app,10,7,1,,"
    done = take(city, good, line)
    assert [(refused.line, refused.code) for refused in done.refused] == [(3, why)]
    assert len(kept(city)) == done.changed == 1
    assert "%(" not in done.refused[0].said("en") + done.refused[0].said("zh")


def test_a_line_that_says_the_same_again_is_refused(city: Database) -> None:
    line = f"{DAY},{CARD},app,10,7,1,,"
    done = take(city, line, line)
    assert [(refused.line, refused.code, refused.named) for refused in done.refused] == [
        (3, "twice", {"said": 2})
    ]


def test_every_reason_has_its_english() -> None:
    assert [code for code, sentence in WRONG.items() if translate("en", sentence) == sentence] == []


@pytest.mark.parametrize("text", ["", "\n", "day,item\n", "day,day,item,channel,used,finished\n", '"day\n'])
def test_a_file_of_something_else_is_refused_as_a_whole(city: Database, text: str) -> None:
    with city.work() as session, pytest.raises(NoVolumes):
        taking.take_file(session, text, "file", today=TODAY, now=MORNING, actor=BUILDER)


@pytest.mark.parametrize("source", ["", "halls", "UPPER", "a b", "x" * 41])
def test_a_source_is_a_plain_name_and_not_our_own(city: Database, source: str) -> None:
    with pytest.raises(BadSource):
        take(city, f"{DAY},{CARD},app,10,7,,,", source=source)


def test_a_situation_is_kept_as_the_catalogue_writes_it() -> None:
    item = standing_city.item_row(CARD)
    known = Known({CARD: Item(**item)}, set(), TODAY)
    questions = item["details"]["situations"]
    assert len(questions) > 1
    pairs = [f"{question['code']}={question['answers'][0]['code']}" for question in questions]
    row = {"day": str(DAY), "item": CARD, "channel": "app", "used": 1, "finished": 1}
    counted, refused = reading.check([(1, {**row, "situation": ", ".join(reversed(pairs))})], known)
    assert refused == []
    assert counted[0].situation == ",".join(pairs)


ROWS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([CARD, RENEWAL, "NOTHING"]),
        st.sampled_from([*CHANNELS, "fax"]),
        st.integers(0, 40),
        st.integers(0, 40),
        st.one_of(st.none(), st.integers(0, 40)),
        st.sampled_from(["", TOWN_HALL]),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=ROWS, second=ROWS)
def test_importing_twice_changes_nothing_and_the_last_word_holds(
    standing: Standing, first: list[tuple[object, ...]], second: list[tuple[object, ...]]
) -> None:
    """What two files leave, whichever lines of them are bad, is the later word on each count; the log says so once."""
    city = standing.restore()
    files = [
        [
            f"{DAY + timedelta(days=ahead)},{item},{channel},{used},{done},{'' if back is None else back},,{hall}"  # type: ignore[arg-type]
            for ahead, item, channel, used, done, back, hall in rows
        ]
        for rows in (first, second)
    ]
    for lines in files:
        done = take(city, *lines)
        assert done.changed + done.same + len(done.refused) == len(lines)
    after, entries = kept(city), len(told(city))
    again = take(city, *files[1])
    assert again.changed == 0
    assert kept(city) == after
    assert len(told(city)) == entries
    with city.reading() as session:
        known = taking.known(session, TODAY)
    words: dict[tuple[object, ...], Counted] = {}
    for lines in files:
        counted, _ = reading.check(reading.lines_of("\n".join([HEADER, *lines]) + "\n"), known)
        words.update({(each.day, each.item, each.channel, each.hall): each for each in counted})
    assert {(d, i, c, h): (u, f, b) for _, d, i, _, c, h, u, f, b in after} == {
        key: (each.used, each.finished, each.came_back) for key, each in words.items()
    }


def test_of_two_sources_the_one_that_saw_more_counts(city: Database) -> None:
    take(city, f"{DAY},{CARD},app,10,7,1,,", f"{DAY},{RENEWAL},app,5,5,0,,")
    take(city, f"{DAY},{CARD},app,30,20,5,,", source="portal")
    with city.reading() as session:
        found = {(day.item, day.channel): day for day in summing.days(session, DAY, DAY)}
    assert {key: (day.used, day.least, day.most) for key, day in found.items()} == {
        (CARD, "app"): (30, 15, 20),
        (RENEWAL, "app"): (5, 5, 5),
    }


def test_halls_are_added_up_and_what_is_unknown_of_one_is_unknown_of_all(city: Database) -> None:
    take(city, f"{DAY},{CARD},counter,10,8,,,{TOWN_HALL}", f"{DAY},{CARD},counter,20,15,2,,{DISTRICT_HALL}")
    with city.reading() as session:
        (day,) = summing.days(session, DAY, DAY)
        assert summing.of_hall(session, TOWN_HALL, DAY, DAY) == {CARD: 8}
        assert summing.of_hall(session, TOWN_HALL, DAY + timedelta(days=1), TODAY) == {}
    assert (day.used, day.finished, day.came_back, day.least, day.most) == (30, 23, None, 13, 23)


def test_old_counts_are_forgotten(city: Database) -> None:
    take(city, f"{DAY},{CARD},app,10,7,1,,")
    for later, left in ((KEPT_DAYS, 1), (KEPT_DAYS + 1, 0)):
        with city.work() as session:
            taking.forget_old(session, today=DAY + timedelta(days=later))
        assert len(kept(city)) == left
