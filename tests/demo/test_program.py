"""The visitors as a program."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE_S

PROGRAM = [sys.executable, "-m", "dispatch.demo.visitors", "--demo-file"]
NOBODY_LISTENS = "http://127.0.0.1:9"


def test_it_waits_for_its_server_quietly_and_ends_at_once(tmp_path: Path) -> None:
    """SIGTERM ends it with 0, in the middle of whatever it does."""
    logins = [{"username": "x", "password": "x", "role": role} for role in ("supervisor", "administrator")]
    demo = {"url": NOBODY_LISTENS, "quiet_halls": [], "device_tokens": {}, "logins": logins}
    file = tmp_path / "demo.json"
    file.write_text(json.dumps(demo), encoding="utf-8")
    program = subprocess.Popen([*PROGRAM, str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while not _catches_sigterm(program.pid):
        assert program.poll() is None
        time.sleep(0.05)
    program.send_signal(signal.SIGTERM)
    told, _ = program.communicate(timeout=PATIENCE_S)
    assert (program.returncode, told) == (0, b"")


def test_without_a_demo_file_it_says_so(tmp_path: Path) -> None:
    """One clear line, and 2."""
    program = subprocess.run(
        [*PROGRAM, str(tmp_path / "none.json")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert program.returncode == 2
    assert "is no demo file" in program.stderr
    assert len(program.stderr.splitlines()) == 1


def _catches_sigterm(pid: int) -> bool:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(told["SigCgt"], 16) & 1 << signal.SIGTERM - 1)
