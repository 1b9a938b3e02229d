"""What is done by night about channels: fetched, counted, looked at; and counts from a file by the command line."""

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from adapters.channels.pretend import Offered, PretendChannels
from dispatch.catalogue.volumes import summing, taking
from dispatch.catalogue.volumes.models import Volume
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.ports.channels import Batch
from dispatch.routing.ordering import finding
from dispatch.wiring import reviewing_channels
from dispatch.wiring.cli import main
from dispatch.wiring.reviewing_channels import REVIEW, review_channels
from tests.standing_city import CARD, MORNING, TOWN_HALL, Town

TODAY = MORNING.date()


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[Batch | None]:
    """The source behind the port answers these, then nothing."""
    answers: list[Batch | None] = []

    class Said:
        def after(self, *_: object) -> Batch | None:
            return answers.pop(0) if answers else None

    monkeypatch.setattr(reviewing_channels, "_source", lambda *_: Said())
    return answers


def at(town: Town, days: int = 0) -> None:
    """It is the morning so many days later."""
    with town.database.work() as session:
        clock.begin_demo(session, MORNING + timedelta(days=days), speed=0)


def kept(town: Town, source: str) -> list[tuple[object, ...]]:
    with town.database.reading() as session:
        rows = session.scalars(
            select(Volume).where(Volume.source == source).order_by(Volume.day, Volume.item)
        )
        return [(v.day, v.item, v.channel, v.hall, v.used, v.finished, v.came_back) for v in rows]


def row(day: object, **different: object) -> dict[str, object]:
    return {"day": str(day), "item": CARD, "channel": "app", "used": 9, "finished": 5, **different}


def test_our_own_counters_are_counted_once_their_day_is_over(town: Town, source: list[Batch | None]) -> None:
    town.open("1", "2")
    for _ in range(2):
        town.take(items=[CARD])
    town.do("start", town.called("1").id)
    town.do("finish", town.window_ticket("1").id)
    town.do("start", town.called("2").id)
    at(town)
    review_channels(town.database)
    assert kept(town, "halls") == []
    for _ in range(2):
        at(town, 1)
        review_channels(town.database)
        assert kept(town, "halls") == [(TODAY, CARD, "counter", TOWN_HALL, 2, 1, None)]
    with town.database.reading() as session:
        assert summing.of_hall(session, TOWN_HALL, TODAY, TODAY) == {CARD: 1}


def test_a_source_is_read_on_from_where_it_was(town: Town, source: list[Batch | None]) -> None:
    yesterday, before = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
    source += [
        Batch([row(before)], "a", more=True),
        Batch([row(yesterday), "no row", row("soon")], "b", more=False),
    ]
    at(town)
    review_channels(town.database)
    assert [day for day, *_ in kept(town, "pretend")] == [before, yesterday]
    with town.database.reading() as session:
        assert taking.read_until(session, "pretend") == "b"


def test_a_source_that_does_not_answer_holds_nothing_up(town: Town, source: list[Batch | None]) -> None:
    source += [None]
    at(town)
    review_channels(town.database)
    with town.database.reading() as session:
        assert taking.read_until(session, "pretend") is None
        assert taking.read_until(session, REVIEW) == TODAY.isoformat()


def test_a_day_is_looked_at_once(town: Town, source: list[Batch | None]) -> None:
    at(town)
    review_channels(town.database)
    source += [Batch([row(TODAY - timedelta(days=1))], "a", more=False)]
    review_channels(town.database)
    assert kept(town, "pretend") == []
    at(town, 1)
    review_channels(town.database)
    assert len(kept(town, "pretend")) == 1


def test_a_city_without_halls_waits(database: Database) -> None:
    review_channels(database)
    with database.reading() as session:
        assert taking.read_until(session, REVIEW) is None


def test_what_the_demo_makes_up_leads_to_proposals(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred made-up items some go badly on the phone; here one of the city's stands for it."""
    made_up = PretendChannels([Offered(CARD, ("app", "web", "counter"), (TOWN_HALL,))])
    monkeypatch.setattr("adapters.channels.pretend._digest", lambda name: 0)
    monkeypatch.setattr(reviewing_channels, "_source", lambda *_: made_up)
    at(town)
    review_channels(town.database)
    with town.database.reading() as session:
        (proposal,) = finding.open_proposals(session)
        assert proposal.item == CARD
        assert proposal.after.index("app") > proposal.after.index("counter")


# --- the command line ---------------------------------------------------------------------------------


def run(town: Town, file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["--database", town.database.url, "import-channels", str(file), *options])


def test_a_file_is_imported_by_the_command_line_once(town: Town, tmp_path: Path) -> None:
    at(town)
    file = tmp_path / "volumes.csv"
    day = TODAY - timedelta(days=3)
    file.write_text(f"\ufeffday,item,channel,used,finished\n{day},{CARD},web,4,3\n", encoding="utf-8")
    for said in ("1 counts taken, 0 as before", "0 counts taken, 1 as before"):
        done = run(town, file, "--source", "zwfw")
        assert done.exit_code == 0, done.output
        assert said in done.output
    assert kept(town, "zwfw") == [(day, CARD, "web", "", 4, 3, None)]


def test_bad_lines_are_named_and_end_with_exit_code_2(town: Town, tmp_path: Path) -> None:
    at(town)
    file = tmp_path / "volumes.csv"
    day = TODAY - timedelta(days=3)
    file.write_text(
        f"day,item,channel,used,finished\n{day},{CARD},web,4,3\n{day},NONE,web,4,3\n", encoding="utf-8"
    )
    done = run(town, file)
    assert done.exit_code == 2
    assert "line 3: no such item: NONE" in done.stderr
    assert len(kept(town, "file")) == 1


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"item,day\n"])
def test_a_file_of_something_else_ends_with_one_line(town: Town, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "volumes.csv"
    file.write_bytes(content)
    done = run(town, file)
    assert done.exit_code == 2
    assert "Traceback" not in done.output + done.stderr
