"""A queue's row on a board: how many wait and how long, in one drawing for every way it comes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

import hall_display
from dispatch.waits.wording import NOTHING, Foretold
from hall_display.board_state import Hall, Queue
from hall_display.drawing import Drawing, Lang
from hall_display.interruptions import OPEN, Halt
from tests.hall_display.place import SHARED

HALL = Hall("H-1", "杜桥镇便民服务中心", "Duqiao Service Centre", "Asia/Shanghai")
QUEUE = Queue("D", "D", "社会事务", "Social affairs")
Row = Callable[..., str]


def wait(point: float, low: float, high: float) -> Foretold:
    """So many minutes."""
    return Foretold({"point_s": 60 * point, "low_s": 60 * low, "high_s": 60 * high})


@pytest.fixture
def row() -> Row:
    """Draws a row."""
    folders = [SHARED / "templates", *(Path(each) / "templates" for each in hall_display.__path__)]
    environment = Environment(loader=FileSystemLoader(folders), autoescape=True)
    drawing = Drawing(lambda: environment)

    def draw(waiting: int, foretold: Foretold, lang: Lang = "zh", halt: Halt = OPEN) -> str:
        return drawing.queue(QUEUE, waiting, halt, HALL, lang, foretold)

    return draw


def words(html: str) -> str:
    """What a person reads while the screen hears of its hall."""
    live = re.sub(r'<span class="when-stale">.*?</span>', "", html)
    return " ".join(re.sub(r"<[^>]+>", " ", live).split())


def test_a_wait_is_a_point_with_its_range_and_a_twig(row: Row) -> None:
    html = row(7, wait(12, 8, 20))
    assert words(html) == "D 社会事务 等候 7 人 约12分钟 8–20"
    assert words(row(7, wait(12, 8, 20), "en")) == "D Social affairs 7 waiting About 12 min (8–20)"
    assert html.count("twig-dot") == 1
    assert "twig-over" not in html


def test_over_an_hour_the_twig_ends_in_an_arrow(row: Row) -> None:
    html = row(30, wait(70, 50, 95))
    assert "twig-over" in html
    (dot,) = re.findall(r'<circle class="twig-dot" cx="([\d.]+)"', html)
    assert float(dot) == 118.0  # at the end of the line, not beyond


@pytest.mark.parametrize(
    ("waiting", "foretold", "said"),
    [
        (0, NOTHING, "没人等,不用等"),
        (0, wait(0, 0, 0.5), "没人等,不用等"),
        (0, wait(4, 2, 7), "没人等 约4分钟 2–7"),
        (2, wait(1, 0, 1.5), "等候 2 人 很快"),
        (6, Foretold(None, "no_window_open"), "等候 6 人 还估不出:现在没有窗口在办"),
        (6, wait(5, 1, 20), "等候 6 人 约5分钟 1–20 变数大"),
    ],
)
def test_what_a_row_says(row: Row, waiting: int, foretold: Foretold, said: str) -> None:
    assert words(row(waiting, foretold)) == f"D 社会事务 {said}"


def test_a_stale_board_promises_no_wait(row: Row) -> None:
    (stale,) = re.findall(r'<span class="when-stale">(.*?)</span>', row(0, NOTHING))
    assert stale == "没人等"


def test_where_no_numbers_are_given_out_no_wait_is_told(row: Row) -> None:
    html = row(4, wait(12, 8, 20), halt=Halt("paused", "system", None))
    assert "约" not in html
    assert "暂停取号" in html


def test_two_rows_have_one_scale(row: Row) -> None:
    """The ticks of every row stand in the same places: rows are compared by eye."""

    def ticks(found: Any) -> list[str]:  # noqa: ANN401
        return re.findall(r'class="twig-line" d="([^"]+)"', row(3, found))

    assert ticks(wait(3, 1, 8)) == ticks(wait(45, 20, 120))
