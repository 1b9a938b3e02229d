"""A log is played through the real verbs, and every line is accounted for."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.tickets.models import Ticket
from dispatch.wiring.replaying.command import replay

ROOT = Path(__file__).parents[3]
OFFICE = ROOT / "benchmarks/data/usc-falecka-tickets.csv.gz"
HEADER = "ticket,hall,queue,item,window,issued_at,called_at,finished_at,outcome,booked_for,score"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(replay, [str(argument) for argument in arguments])


def lines(folder: Path, *rows: str) -> Path:
    """A log of one day; times are minutes after nine."""
    path = folder / "log.csv"
    path.write_text("\n".join([HEADER, *map(_line, rows)]) + "\n", encoding="utf-8")
    return path


def _line(row: str) -> str:
    ticket, queue, window, issued, called, finished, outcome = row.split(",")
    times = ",".join(
        f"2024-03-04T09:{at.zfill(2)}:00+08:00" if at else "" for at in (issued, called, finished)
    )
    return f"{ticket},town,{queue},papers,{window},{times},{outcome},,1"


def test_an_offices_ten_days_are_accounted_for(database_url: str) -> None:
    done = run(OFFICE, "--database", database_url, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    (hall,) = told["halls"]
    assert hall["problems"] == []
    assert (hall["lines"], hall["issued"]) == (559, 559)
    assert hall["called"] == hall["finished"] == 556
    assert hall["expired"] == 3
    assert hall["called_right"] + hall["called_other"] == 556
    database = Database(database_url)
    with database.reading() as session:
        assert list(log.faults(session, "USC_Falecka")) == []
        head = log.head_of(session, "USC_Falecka")
        assert head is not None
        assert head.seq == hall["log_entries"]
        assert [queue.letter for queue in halls.queues_of(session, "USC_Falecka")] == ["A", "B", "C", "D"]
    database.dispose()


def test_windows_finishes_and_outcomes_of_the_log(database_url: str, tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        "1,A,7,0,5,9,finished",
        "2,A,7,1,10,,missed",
        "3,B,7,2,12,15,",
        "4,A,,3,13,20,",
        "5,A,,3,14,21,",
        "6,A,,3,,16,cancelled",
        "7,A,,3,,,expired",
    )
    done = run(path, "--database", database_url, "--json")
    assert done.exit_code == 0, done.output
    (hall,) = json.loads(done.stdout)["halls"]
    assert {key: hall[key] for key in ("called_right", "finished", "missed", "cancelled", "expired")} == {
        "called_right": 5,
        "finished": 4,
        "missed": 1,
        "cancelled": 1,
        "expired": 1,
    }
    database = Database(database_url)
    with database.reading() as session:
        rows = session.execute(select(Ticket.queue, Ticket.n, Ticket.state, Ticket.window)).all()
        opened = Counter(entry.kind for entry in log.entries_after(session, "town", 0))["WindowOpened"]
    database.dispose()
    assert sorted(tuple(row) for row in rows) == [
        ("A", 1, "finished", "town-7"),
        ("A", 2, "expired", "town-7"),
        ("A", 3, "finished", "town-A1"),
        ("A", 4, "finished", "town-A2"),
        ("A", 5, "cancelled", None),
        ("A", 6, "expired", None),
        ("B", 1, "finished", "town-7"),
    ]
    assert opened == 3


def test_calls_out_of_order_are_counted_and_every_line_still_ends(sqlite_url: str, tmp_path: Path) -> None:
    path = lines(tmp_path, "1,A,,0,,30,cancelled", "2,A,,1,20,21,", "3,A,,2,10,11,missed")
    done = run(path, "--database", sqlite_url, "--json")
    assert done.exit_code == 0, done.output
    (hall,) = json.loads(done.stdout)["halls"]
    assert (hall["called_right"], hall["called_other"]) == (1, 1)
    assert (hall["places_off_mean"], hall["places_off_most"]) == (1.0, 2)
    assert (hall["finished"], hall["missed"], hall["cancelled"], hall["expired"]) == (1, 1, 1, 0)


def test_refused_lines_are_listed_and_the_others_replayed(tmp_path: Path) -> None:
    path = lines(tmp_path, "1,A,,0,5,9,", "2,A,,9,5,,", "3,A,,1,6,,lost")
    done = run(path, "--database", f"sqlite:///{tmp_path}/new.db")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "log.csv: line 3: called_at is before issued_at",
        "log.csv: line 4: outcome is none of finished, served, missed, no_show, cancelled, expired: lost",
    ]
    assert "2 lines refused" in done.stdout


def test_pacing_changes_nothing_but_the_time_it_takes(tmp_path: Path) -> None:
    path = lines(tmp_path, "1,A,,0,5,9,", "2,B,,1,6,,")
    options = ("--speed", 1e9, "--json", "--database", f"sqlite:///{tmp_path}/new.db")
    done = run(path, *options)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["totals"]["finished"] == 2


def test_a_database_with_halls_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    path = lines(tmp_path, "1,A,,0,5,9,")
    assert run(path, "--database", sqlite_url).exit_code == 0
    again = run(path, "--database", sqlite_url)
    assert again.exit_code == 2
    assert again.stderr == (
        "tongban: the database cannot be used: it holds halls already; a replay needs a fresh one\n"
    )


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--hall", "village"], "no ticket of hall village in it"),
        (["--tz", "Mars/Olympus"], "no such time zone: Mars/Olympus"),
        (["--tz", "../../etc/passwd"], "no such time zone"),
        (["--database", "mysql://nobody@localhost/none"], "the database cannot be used"),
        (["--database", "nonsense"], "the database cannot be used"),
        (["--database", "sqlite:////no/such/folder/x.db"], "the database cannot be used"),
    ],
)
def test_bad_options_end_with_one_clear_line(tmp_path: Path, options: list[str], reason: str) -> None:
    done = run(lines(tmp_path, "1,A,,0,5,9,"), *options)
    assert done.exit_code == 2
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing.csv")
    assert done.exit_code == 2
    assert done.stderr.endswith("nothing.csv: cannot be read: No such file or directory\n")
    assert done.stderr.count("\n") == 1


def test_by_default_the_replay_has_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_VAR", str(tmp_path / "var"))
    assert run(lines(tmp_path, "1,A,,0,5,9,")).exit_code == 0
    assert len(list((tmp_path / "var/replay").glob("*.db"))) == 1


def test_an_offset_that_is_no_zone_wants_one_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("queue,issued_at\nA,2024-03-04T09:00:00+05:30\n", encoding="utf-8")
    refused = run(path)
    assert (refused.exit_code, "--tz" in refused.stderr) == (2, True)
    named = run(path, "--tz", "Asia/Kolkata", "--database", f"sqlite:///{tmp_path}/new.db")
    assert named.exit_code == 0, named.output


def test_a_log_whose_every_line_is_bad_ends_in_a_refusal(tmp_path: Path) -> None:
    done = run(lines(tmp_path, ",,,0,5,9,"))
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].endswith("every line was refused")
