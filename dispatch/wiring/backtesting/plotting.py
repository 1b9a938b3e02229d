"""Points, bands and lines on two axes as plain SVG, in the colours of the pages' twigs."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

PAPER, LINE, INK, SECOND = "#FAF6EE", "#DED4C1", "#1B2621", "#56605A"
LEAF, BAND, EDGE = "#1E4D3E", "#6C9481", "#857D6B"
WIDTH, HEIGHT = 640.0, 400.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 24.0, 72.0, 56.0
LETTERS = (
    'role="img" font-family="PingFang SC, HarmonyOS Sans SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"'
)


@dataclass(frozen=True)
class Axis:
    """From where to where, and how far its ticks lie apart."""

    title: str
    least: float
    most: float
    every: float

    def ticks(self) -> list[float]:
        """Where they are."""
        count = int((self.most - self.least) / self.every + 1e-9)
        return [self.least + step * self.every for step in range(count + 1)]

    def share(self, value: float) -> float:
        """How far along the axis; what lies beyond an end is drawn at it."""
        return min(1.0, max(0.0, (value - self.least) / (self.most - self.least)))


class Plot:
    """A picture that is being drawn."""

    def __init__(self, title: str, says: str, across: Axis, upwards: Axis) -> None:
        self._across, self._upwards = across, upwards
        self._title, self._says = title, says
        self._drawn: list[str] = []

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """A thin line from point to point."""
        path = " ".join(f"{self._x(x):.1f},{self._y(y):.1f}" for x, y in points)
        self._drawn.append(f'<polyline points="{path}" fill="none" stroke="{EDGE}" stroke-width="1.5"/>')

    def band(self, x: float, low: float, high: float) -> None:
        """An upright band, as of a twig."""
        top, bottom = self._y(high), self._y(low)
        self._drawn.append(
            f'<rect x="{self._x(x) - 4:.1f}" y="{top:.1f}" width="8" height="{bottom - top:.1f}" rx="4" fill="{BAND}"/>'
        )

    def dot(self, x: float, y: float, says: str = "") -> None:
        """A dot, and words above it."""
        self._drawn.append(f'<circle cx="{self._x(x):.1f}" cy="{self._y(y):.1f}" r="6" fill="{LEAF}"/>')
        if says:
            self._drawn.append(_words(self._x(x), self._y(y) - 14, says, anchor="middle"))

    def svg(self) -> str:
        """The picture."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" {LETTERS}>',
                f"<title>{escape(self._title)}: {escape(self._says)}</title>",
                f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="{PAPER}"/>',
                _words(LEFT, 30, self._title, size=18, weight=700),
                _words(LEFT, 52, self._says, colour=SECOND),
                *self._grid(),
                *self._drawn,
                "</svg>",
                "",
            ]
        )

    def _grid(self) -> list[str]:
        grid = []
        for tick in self._upwards.ticks():
            y = self._y(tick)
            grid.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{LINE}"/>')
            grid.append(_words(LEFT - 10, y + 4, f"{tick:g}", anchor="end", colour=SECOND))
        for tick in self._across.ticks():
            x = self._x(tick)
            grid.append(
                f'<line x1="{x:.1f}" y1="{HEIGHT - BOTTOM}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM + 6}" stroke="{EDGE}"/>'
            )
            grid.append(_words(x, HEIGHT - BOTTOM + 22, f"{tick:g}", anchor="middle", colour=SECOND))
        middle, side = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
        grid.append(_words(middle, HEIGHT - 12, self._across.title, anchor="middle"))
        upright = _words(0, 0, self._upwards.title, anchor="middle")
        grid.append(f'<g transform="translate(18 {side:.1f}) rotate(-90)">{upright}</g>')
        return grid

    def _x(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * self._across.share(value)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * self._upwards.share(value)


def _words(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    colour: str = INK,
    size: int = 13,
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )
