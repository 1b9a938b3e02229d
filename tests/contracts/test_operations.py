"""The operations page, followed word by word in an empty directory."""

import getpass
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import missing
from tests.contracts.proxied import NGINX, free_hundred
from tests.house import tree
from tests.soak_tables import tell

PAGE = tree.ROOT / "docs/operations.md"
MARK = "### line "
FRESH_MACHINE = "/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"
ENDS_WITHIN_S = 60


def blocks() -> Iterator[tuple[int, str]]:
    """(line of the page, commands) of every block that is to be followed."""
    text = PAGE.read_text(encoding="utf-8")
    for found in re.finditer(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, found.start()) + 2, found[1]


def script() -> str:
    """All blocks in one shell that ends at the first command that fails."""
    told = [f"echo; echo '{MARK}{line}' \"$(date +%s.%N)\"\n{commands}" for line, commands in blocks()]
    return "set -euo pipefail\n" + "\n".join(told)


@pytest.fixture
def place() -> Iterator[dict[str, str]]:
    """Names for everything that the page makes, gone afterwards, whatever became of it."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").is_file() or NGINX is None:
        missing("not root on a Debian with nginx")
    folder = Path(tempfile.mkdtemp(prefix="tongban-operations-"))
    folder.chmod(0o755)
    name = f"tongban{os.getpid()}"
    names = {
        "SOURCE": str(_repository(folder / "source")),
        "CITY": str(folder / "city"),
        "TONGBAN_VAR": str(folder / "var"),
        "BACKUPS": str(folder / "backups"),
        "CITY_USER": name,
        "CLUSTER": name,
        "PORT": str(servers.free_port()),
        "INNER": str(free_hundred()),
        "PGPORT": str(servers.free_port()),
    }
    try:
        yield names
    finally:
        for version in Path("/etc/postgresql").glob(f"*/{name}"):
            subprocess.run(["pg_dropcluster", "--stop", version.parent.name, name], check=False)
        subprocess.run(["userdel", name], check=False, capture_output=True)
        shutil.rmtree(folder)


def _repository(folder: Path) -> Path:
    """The project as it is here, to be cloned."""
    for path in tree.tracked_files():
        copy = folder / path.relative_to(tree.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    git = [
        "git",
        "-C",
        str(folder),
        "-c",
        f"user.name={getpass.getuser()}",
        "-c",
        "user.email=test@localhost",
    ]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "As it is"]):
        subprocess.run([*git, *command], check=True)
    return folder


def outside() -> dict[str, str]:
    """What a newcomer's shell has: where pip and git find things, nothing of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TONGBAN_", "PG", "VIRTUAL"))
    }
    return {**kept, "PATH": FRESH_MACHINE}


@pytest.mark.soak
def test_the_page_leads_from_nothing_to_a_city_and_through_its_days(place: dict[str, str]) -> None:
    log = Path(place["CITY"]).with_name("followed.log")
    with log.open("wb") as output:
        shell = subprocess.Popen(
            ["bash", "-c", script()],
            env={**outside(), **place},
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            shell.wait(1800)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGTERM)
                time.sleep(ENDS_WITHIN_S / 6)
                os.killpg(shell.pid, signal.SIGKILL)
    said = log.read_text(encoding="utf-8", errors="replace")
    assert shell.returncode == 0, said[-4000:]
    assert said.count(" entries, 0 faults") >= 2, said[-4000:]
    tell("operations", _times(said))


def _times(said: str) -> list[dict[str, object]]:
    """How long each block took, as the marks in between tell."""
    marks = [line.removeprefix(MARK).split() for line in said.splitlines() if line.startswith(MARK)]
    ends = [*(float(at) for _, at in marks[1:]), time.time()]
    return [
        {"line": int(line), "seconds": round(end - float(at), 1)}
        for (line, at), end in zip(marks, ends, strict=True)
    ]
