"""Boards under load: from a commit to the screens, and back after every line was cut at once.

A PostgreSQL, a Redis, one display process and hundreds of boards in another; commits are made by the verbs. The
reference, in the same run, is a bare websocket server that passes the same bytes to the same rooms.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from benchmarks import bare_wire, frames, watching
from benchmarks.standing_halls import BENCH, QUEUE, furnish
from dispatch.foundation.clock import real_now
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding
from dispatch.ports.bus import Bus
from dispatch.tickets import calling, issuing
from dispatch.wiring.app import bus_of
from hall_display.board_state import BoardState
from hall_display.snapshots import snapshot
from tests import servers

HALLS = 60
EACH = 10
A_SECOND = 30
"""Commits: three times the peak of a city with a million people, calls and numbers together."""
UP_WITHIN_S = 60.0
RIGHT_WITHIN_S = 180.0
SETTLE_S = 2.0
TICKS = os.sysconf("SC_CLK_TCK")

Row = dict[str, Any]
Told = dict[tuple[str, int], float]
"""When the transaction that ended at a hall's seq had committed."""


@dataclass(frozen=True)
class Server:
    """A display process under measurement."""

    process: subprocess.Popen[bytes]
    port: int

    def worker(self) -> int:
        """The process that does the work, below the one that keeps it alive."""
        pid = self.process.pid
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


class Work:
    """Commits at an even pace: a number is drawn and a window calls, hall by hall."""

    def __init__(self, database: Database, halls: Sequence[str], bus: Bus) -> None:
        self.told: Told = {}
        self._database, self._halls, self._bus, self._turn = database, halls, bus, 0
        database.on_commit = self._on_commit

    def go_on(self, seconds: float, a_second: int) -> int:
        """Commit so often for so long; how often it was."""
        began, done = time.monotonic(), 0
        while (due := began + done / a_second) < began + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            self._act()
            done += 1
        return done

    def _act(self) -> None:
        hall, calls = self._halls[self._turn // 2 % len(self._halls)], self._turn % 2
        self._turn += 1
        with self._database.work() as session:
            if calls:
                window = finding.window(session, f"{hall}-1")
                calling.call_next(session, window, finish=True, now=real_now(), actor=BENCH)
            else:
                place = finding.hall(session, hall)
                issuing.issue(session, place, queue=QUEUE, channel="counter", now=real_now(), actor=BENCH)

    def _on_commit(self, hall: str, seq: int) -> None:
        self.told[hall, seq] = time.monotonic()
        self._bus.tell(hall, seq)


class Boards:
    """Boards in a process of their own."""

    def __init__(self, port: int, halls: Sequence[str], each: int, *, bare: bool = False) -> None:
        context = get_context("spawn")
        self._end, theirs = context.Pipe()
        self._process = context.Process(
            target=watching.watch, args=(theirs, port, list(halls), each, bare), daemon=True
        )
        self._process.start()
        self.hung_at: float = self._end.recv()

    def ask(self, what: str) -> Any:  # noqa: ANN401 - as different as the questions
        """Cut, doubt, forget or report."""
        self._end.send(what)
        return self._end.recv()

    def reports(self) -> list[watching.Report]:
        """What each board knows."""
        found: list[watching.Report] = self.ask("report")
        return found

    def right_after(self, moment: float) -> float:
        """Wait until every board has been told that it stands where the log does; how long after `moment` the last."""
        deadline = time.monotonic() + RIGHT_WITHIN_S
        while time.monotonic() < deadline:
            sound = [report.sound_at for report in self.reports()]
            if all(sound):
                return max(sound) - moment
            time.sleep(0.2)
        raise RuntimeError(f"{sum(not at for at in sound)} of {len(sound)} boards are not right")

    def close(self) -> None:
        """Send them home."""
        self._end.send(None)
        self._process.join(10)
        self._process.kill()


def measure(seconds: float, halls: int = HALLS, each: int = EACH) -> list[Row]:
    """Each way to the boards for so many seconds, on servers of this run's own."""
    with TemporaryDirectory() as folder, servers.postgres() as cluster, servers.redis_server() as redis:
        databases = servers.Databases(cluster)
        databases.make_template()
        with databases.fresh() as url:
            database = Database(url)
            places = furnish(database, halls).halls
            woken, change = _display(url, redis, Path(folder), database, places, each, seconds)
            polled, _ = _display(url, "", Path(folder), database, places, each, seconds)
            database.dispose()
        bare = _reference(places, each, seconds, change)
    for row in (*woken, *polled):
        if "p99_ms" in row:
            row["of_bare"] = round(row["p99_ms"] / bare[0]["p99_ms"], 1)
    return [*woken, *polled, *bare]


def _display(
    url: str,
    redis: str,
    folder: Path,
    database: Database,
    halls: Sequence[str],
    each: int,
    seconds: float,
) -> tuple[list[Row], bytes]:
    """All that is measured of one display process; and a change as it came over the wire."""
    settings = Settings(database_url=url, redis_url=redis, var=folder)
    work = Work(database, halls, bus_of(settings))
    name = "woken by Redis" if redis else "without Redis"
    with _serving(settings, folder) as server, _hung(server.port, halls, each) as boards:
        rows = [_back(f"{name}: all connect", server, boards, boards.hung_at)]
        rows.append(_follow(f"{name}: commit -> board", server, boards, work, seconds))
        if redis:
            spent, cut_at = _cpu_s(server.worker()), boards.ask("cut")
            work.go_on(SETTLE_S, A_SECOND)
            rows.append(_back(f"{name}: all cut at once", server, boards, cut_at, spent))
            killed_at = boards.ask("doubt")
            os.kill(server.worker(), signal.SIGKILL)
            work.go_on(SETTLE_S, A_SECOND)
            rows.append(_back(f"{name}: display killed", server, boards, killed_at))
        time.sleep(SETTLE_S)
        reports = boards.reports()
    found = {"wrong": _wrong(database, reports), "refused": sum(report.problems for report in reports)}
    return [{**row, **found} for row in rows], reports[0].last


def _back(name: str, server: Server, boards: Boards, since: float, spent: float = 0.0) -> Row:
    """Until every board is right again, and the processor time that it took."""
    right_s = boards.right_after(since)
    return _row(name, server, right_s=right_s, cpu_s=_cpu_s(server.worker()) - spent)


def _follow(name: str, server: Server, boards: Boards, work: Work, seconds: float) -> Row:
    work.go_on(SETTLE_S, A_SECOND)  # until caches and plans are warm
    time.sleep(SETTLE_S)
    work.told.clear()
    boards.ask("forget")
    worker = server.worker()
    spent, began = _cpu_s(worker), time.monotonic()
    done = work.go_on(seconds, A_SECOND)
    share = (_cpu_s(worker) - spent) / (time.monotonic() - began)
    time.sleep(SETTLE_S)
    reports = boards.reports()
    took, silence_s = _took(reports, work.told), max(report.silence_s for report in reports)
    return _row(name, server, commits=done, seen=len(took), cpu=share, silence_s=silence_s, **_spread(took))


def _reference(halls: Sequence[str], each: int, seconds: float, change: bytes) -> list[Row]:
    """The same bytes at the same pace through a server that does nothing else."""
    context = get_context("spawn")
    end, theirs = context.Pipe()
    process = context.Process(target=bare_wire.serve, args=(theirs,), daemon=True)
    process.start()
    port: int = end.recv()
    told: Told = {}
    with (
        _hung(port, halls, each, bare=True) as boards,
        socket.create_connection(("127.0.0.1", port)) as source,
    ):
        boards.right_after(boards.hung_at)
        source.sendall(frames.ask("/"))
        source.recv(4096)
        source.sendall(frames.packed(b"the source", masked=True))
        time.sleep(SETTLE_S)
        spent, began = _cpu_s(process.pid), time.monotonic()
        while (due := began + len(told) / A_SECOND) < began + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            hall, seq = halls[len(told) % len(halls)], len(told) + 1
            told[hall, seq] = time.monotonic()
            text = hall.encode() + b'\n{"seq":%d}' % seq + change
            source.sendall(frames.packed(text, masked=True))
        share = (_cpu_s(process.pid) - spent) / (time.monotonic() - began)
        time.sleep(SETTLE_S)
        took = _took(boards.reports(), told)
        back_s = round(boards.right_after(boards.ask("cut")), 2)
    end.send(None)
    process.join(10)
    followed = {"commits": len(told), "seen": len(took), "cpu": round(share, 2), **_spread(took)}
    return [
        {"name": "bare websockets", **followed},
        {"name": "bare websockets: all cut at once", "right_s": back_s},
    ]


@contextmanager
def _serving(settings: Settings, folder: Path) -> Iterator[Server]:
    """One display process as a city starts it."""
    port = servers.free_port()
    command = [sys.executable, "-m", "dispatch.wiring.cli", "serve", "--role", "display", "--port", str(port)]
    environment = {
        **os.environ,
        "TONGBAN_DATABASE_URL": settings.database,
        "TONGBAN_REDIS_URL": settings.redis_url,
        "TONGBAN_VAR": str(folder),
    }
    with (folder / "display.log").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    try:
        deadline = time.monotonic() + UP_WITHIN_S
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((folder / "display.log").read_text())
            time.sleep(0.1)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def _hung(port: int, halls: Sequence[str], each: int, *, bare: bool = False) -> Iterator[Boards]:
    boards = Boards(port, halls, each, bare=bare)
    try:
        yield boards
    finally:
        boards.close()


def _wrong(database: Database, reports: Sequence[watching.Report]) -> int:
    """How many boards know something else than the tables, or saw a hole, or a change twice."""
    with database.reading() as session:
        truth = {hall: snapshot(session, hall) for hall in {report.hall for report in reports}}
    return sum(report.gaps > 0 or _known(report) != _true(truth[report.hall]) for report in reports)


def _known(report: watching.Report) -> tuple[object, ...]:
    return report.epoch, report.seq, report.waiting, report.called


def _true(state: BoardState) -> tuple[object, ...]:
    waiting = {queue.code: state.waiting_in(queue.code) for queue in state.queues}
    return state.epoch, state.seq, waiting, next((call.number for call in state.calls), None)


def _took(reports: Sequence[watching.Report], told: Told) -> list[float]:
    """How long each change took to each board, where it ended a transaction of this measurement."""
    came = ((report.hall, seq, at) for report in reports for seq, at in report.came)
    return [at - told[hall, seq] for hall, seq, at in came if (hall, seq) in told]


def _spread(took: Sequence[float]) -> Row:
    cuts = quantiles(took, n=100)
    return {
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "max_ms": round(max(took) * 1000, 1),
    }


def _row(name: str, server: Server, **figures: object) -> Row:
    rounded = {key: round(value, 2) if isinstance(value, float) else value for key, value in figures.items()}
    return {"name": name, **rounded, "rss_mb": _rss_mb(server.worker())}


def _cpu_s(pid: int | None) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _rss_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) // 1024


def main() -> None:
    """Measure boards and print what was found."""
    parser = argparse.ArgumentParser(prog="benchmarks.boards", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of objects instead of a table")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each way is measured")
    parser.add_argument("--halls", type=int, default=HALLS)
    parser.add_argument("--each", type=int, default=EACH, help="boards of a hall")
    arguments = parser.parse_args()
    rows = measure(arguments.seconds, arguments.halls, arguments.each)
    if arguments.json:
        print(json.dumps(rows))
        return
    columns = (
        "commits",
        "seen",
        "p50_ms",
        "p99_ms",
        "max_ms",
        "of_bare",
        "cpu",
        "rss_mb",
        "silence_s",
        "right_s",
        "cpu_s",
        "wrong",
        "refused",
    )
    print(f"{'benchmark':36}" + "".join(f"{column:>10}" for column in columns))
    for row in rows:
        print(f"{row['name']:36}" + "".join(f"{row.get(column, ''):>10}" for column in columns))


if __name__ == "__main__":
    main()
