"""A disk without room: whoever writes is told so, nothing is half done, reading goes on, and with room all goes on."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dispatch.foundation.settings import Settings
from dispatch.wiring.app import create_core
from tests import servers
from tests.conftest import missing
from tests.faults.bench import HALLS, furnish
from tests.faults.checker import check
from tests.faults.crowd import Crowd, Desk, new_key
from tests.faults.history import Deed, History
from tests.patience import wait_for
from tests.servers import prepare

MIB = 2**20
FEW = 12
MANY = 4_000


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[Path]:
    """A file system of this size, in memory."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size_mib}m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        missing("a small disk needs the right to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def city_on_small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of an empty city, and the disk that it lies on."""
    if request.param == "sqlite":
        with small_disk(tmp_path / "disk", 8) as disk:
            url = f"sqlite:///{disk / 'city.db'}"
            prepare(url)
            yield url, disk
        return
    with small_disk(tmp_path / "disk", 200) as disk:
        tmp_path.parent.chmod(0o755)
        for folder in (tmp_path, *tmp_path.parents[:3]):
            folder.chmod(0o755)  # PostgreSQL runs under another account
        try:
            with servers.restartable_postgres(disk) as cluster:
                databases = servers.Databases(cluster.url)
                databases.make_template()
                yield databases.url(databases.template), disk
        except servers.MissingServer as reason:
            missing(str(reason))


def test_a_full_disk_loses_nothing_and_says_so(city_on_small_disk: tuple[str, Path], tmp_path: Path) -> None:
    url, disk = city_on_small_disk
    web = create_core(Settings(var=tmp_path / "var", database_url=url))
    furnish(web.database)
    history = History()
    crowd = Crowd(history, lambda: Desk(web.app), "", patience=0)
    caller, client = Desk(web.app), web.app.test_client()

    def issue(key: str | None = None) -> Deed:
        deed = Deed("issue", HALLS[0], "D", key or new_key())
        body = {"hall": HALLS[0], "queue": "D", "channel": "web"}
        return crowd.ask(caller, deed, "/tickets", body, None)

    for _ in range(FEW):
        assert issue().outcome == "ok"
    with full(disk):
        refused = first_refused(issue)
        assert problem_of(refused) == (503, "storage_full")
        assert problem_of(issue()) == (503, "storage_full")
        assert client.get(f"/api/v1/halls/{HALLS[0]}").status_code == 200
    wait_for(lambda: issue().outcome == "ok", told=lambda: "with room it does not go on")
    assert issue(refused.key).outcome == "ok"
    history.read(web.database, HALLS)
    web.stop()
    check(history)


def first_refused(issue: Callable[[], Deed]) -> Deed:
    """Take tickets until one is refused: what was set aside for the next few is used up first."""
    for _ in range(MANY):
        deed = issue()
        if deed.outcome != "ok":
            return deed
    pytest.fail("the disk is never full")


def problem_of(deed: Deed) -> tuple[int, str]:
    """What its last asking was told."""
    last = deed.attempts[-1]
    return last.status, (last.answer or {}).get("code", "")


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """No room at all, for as long as the block lasts."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb") as output:
        while True:
            output.write(bytes(MIB))
    with suppress(OSError), ballast.open("ab", buffering=0) as output:
        while True:
            output.write(bytes(512))
    try:
        yield
    finally:
        ballast.unlink()
