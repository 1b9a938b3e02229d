"""The command, from a file to figures, predictions and pictures."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from dispatch.wiring.cli import main
from tests.wiring.backtesting.small_logs import busy_days, line, written

FIELDS = [
    "predictor",
    "ahead_min",
    "n",
    "unknown",
    "mae_s",
    "rmse_s",
    "median_ae_s",
    "bias_s",
    "within_5_min",
    "coverage_90",
    "width_90_s",
    "late_90",
]


def backtest(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["backtest", *map(str, arguments)])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return written(tmp_path / "log.csv", busy_days(3, 30, seed=2))


def test_figures_predictions_and_pictures(log: Path, tmp_path: Path) -> None:
    out, folder = tmp_path / "out.csv", tmp_path / "pictures"
    asked = (log, "--train-days", 1, "--ahead", "0,30", "--json")
    done = backtest(*asked, "--predictions", out, "--pictures", folder)
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert all(list(row) == FIELDS for row in rows)
    told = {(row["predictor"], row["ahead_min"]): row for row in rows}
    assert told["tongban", 0]["n"] + told["tongban", 0]["unknown"] == 60
    assert "boosting_median" in {row["predictor"] for row in rows}
    predictions = list(csv.DictReader(out.read_text().splitlines()))
    assert list(predictions[0]) == ["line", "ahead_min", "wait_s", "p5_s", "p50_s", "p95_s"]
    now = [row for row in predictions if row["ahead_min"] == "0"]
    assert [int(row["line"]) for row in now] == list(range(32, 92))
    errors = [abs(float(row["p50_s"]) - float(row["wait_s"])) for row in now if row["p50_s"]]
    assert sum(errors) / len(errors) == pytest.approx(told["tongban", 0]["mae_s"], abs=0.2)
    assert len(list(folder.iterdir())) == 3
    for picture in folder.iterdir():
        assert ElementTree.parse(picture).getroot().tag.endswith("svg")  # noqa: S314 - our own picture
    again = backtest(*asked, "--predictions", tmp_path / "again.csv")
    assert again.stdout == done.stdout
    assert (tmp_path / "again.csv").read_text() == out.read_text()


def test_the_table_is_for_people(log: Path) -> None:
    done = backtest(log, "--train-days", 1)
    assert done.exit_code == 0
    assert done.stdout.startswith("joining now (minutes; shares in %)\npredictor")


def test_bad_lines_are_refused_and_the_others_go_on(log: Path, tmp_path: Path) -> None:
    log.write_text(log.read_text() + "town,A,yesterday,,1\n")
    windows = tmp_path / "windows.csv"
    windows.write_text("hall,queue,at,open\ntown,A,2024-03-04T09:00:00+00:00,many\n")
    done = backtest(log, "--windows", windows, "--json")
    assert done.exit_code == 1
    assert "log.csv: line 92: issued_at is not an ISO-8601 time: yesterday" in done.stderr
    assert "windows.csv: line 2: open is not a whole number: many" in done.stderr
    assert json.loads(done.stdout)


def test_bad_input_ends_with_2_and_one_line(log: Path, tmp_path: Path) -> None:
    for arguments, reason in (
        ((tmp_path / "none.csv",), "cannot be read: No such file or directory"),
        ((log, "--hall", "nowhere"), "no ticket of hall nowhere in it"),
        ((log, "--windows", tmp_path / "none.csv"), "cannot be read: No such file or directory"),
        ((log, "--train-days", 3), "no line is left that was called and has not score 0"),
        ((log, "--least-ahead", 99), "has not score 0 and has 99 people ahead"),
        ((log, "--tz", "Mars/Base"), "--tz: no such time zone: Mars/Base"),
        ((log, "--predictions", tmp_path / "no" / "out.csv"), "No such file or directory"),
    ):
        done = backtest(*arguments)
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert reason in done.stderr
    for ahead in ("soon", "-5", "1440", ""):
        assert backtest(log, "--ahead", ahead).exit_code == 2


def test_lines_of_a_directory_are_named_with_their_file(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    written(folder / "a.csv", [line(2, 0, 5)])
    written(folder / "b.csv", [line(2, 1, 5, queue="B")])
    out = tmp_path / "out.csv"
    assert backtest(folder, "--predictions", out).exit_code == 0
    assert {row["line"] for row in csv.DictReader(out.read_text().splitlines())} == {"a.csv:2", "b.csv:2"}
