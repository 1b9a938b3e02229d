"""PostgreSQL by itself: pgbench sends the statement of reference, with nothing else around it."""

import re
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy.engine import make_url

from benchmarks.references import ISSUE
from tests import servers

CALLERS = 8
SECONDS = 4
_VALUES = {
    "hall": "('BENCH-' || lpad(:h, 4, '0'))",
    "day": "current_date",
    "now": "now()",
    "id": "replace(gen_random_uuid()::text, '-', '')",
    "actor": "'bench'",
    "scope": "NULL",
    "answer": "'{}'",
}


def rate(url: str, halls: int) -> float:
    """Tickets a second from so many callers; NaN where there is no pgbench."""
    binaries = servers.postgres_binaries()
    if binaries is None or not (binaries / "pgbench").is_file():
        return float("nan")
    at = make_url(url)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "issue.sql"
        script.write_text(f"\\set h random(1, {halls})\n{_statement()};\n")
        options = [
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CALLERS),
            "-j",
            "2",
            "-T",
            str(SECONDS),
            "-f",
            str(script),
        ]
        where = ["-h", str(at.host), "-p", str(at.port), "-U", str(at.username), str(at.database)]
        done = subprocess.run(
            [binaries / "pgbench", *options, *where], capture_output=True, text=True, check=True
        )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    return float(found[1]) if found else float("nan")


def _statement() -> str:
    """The statement with its values made by the server; a colon before a word would name a variable of pgbench."""
    said = re.sub(r"(?<!:):(?=\w)", ": ", ISSUE)
    for name, value in _VALUES.items():
        said = said.replace(f"%({name})s", value)
    return said.replace("%%", "%")
