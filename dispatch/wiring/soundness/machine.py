"""The machine that a process runs on: its disk, its port, its limits, who may read the city's secrets."""

import errno
import resource
import shutil
import socket
import stat
import tempfile
import zoneinfo
from pathlib import Path

from dispatch.foundation.settings import Settings
from dispatch.wiring.soundness.trouble import Trouble

MEGABYTE = 2**20
ROOM_NEEDED = 64 * MEGABYTE
"""Less than this and the next commit, key or log line may fail."""
FILES_NEEDED = 1024
"""Of a process: connections, wires and files together."""
SOME_ZONE = "Asia/Shanghai"


def folders(settings: Settings) -> list[Path]:
    """Where the city writes on this machine: `var`, and on SQLite the database's folder."""
    beside = Path(settings.database.removeprefix("sqlite:///")).parent
    if not settings.database.startswith("sqlite") or beside == settings.var or not beside.is_dir():
        return [settings.var]
    return [settings.var, beside]


def room_on(folder: Path) -> str:
    """Say how much room is left where the city writes; Trouble when nothing can be written there, or too little."""
    make_it = "make it, give this account the right to write there, or set TONGBAN_VAR"
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"tongban")
            trial.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        full = error.errno == errno.ENOSPC
        said = f"the disk of {folder} is full" if full else f"the folder {folder} cannot be written"
        raise Trouble(said, "make room on it" if full else make_it) from error
    if free < ROOM_NEEDED:
        left = f"the disk of {folder} is full: {free // MEGABYTE} MB left of {ROOM_NEEDED // MEGABYTE} needed"
        raise Trouble(left, "make room on it")
    return f"{free // MEGABYTE} MB left in {folder}"


def free_port(host: str, port: int) -> None:
    """Trouble unless this process could listen there."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise Trouble(
            f"this account may not listen at port {port}", "choose one above 1023: --port 8001"
        ) from error
    except socket.gaierror as error:
        raise Trouble(
            f"nobody knows the host {host}", "give an address of this machine: --host 127.0.0.1"
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Trouble(
                f"port {port} of {host} is in use", "choose another: --port, or end who has it"
            ) from error
        raise Trouble(
            f"{host} is no address of this machine", "give one that is: --host 127.0.0.1"
        ) from error


def files() -> str:
    """Say how many files and lines a process may hold open; Trouble when too few."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < FILES_NEEDED:
        few = f"a process may open {allowed} files, a hall's boards need {FILES_NEEDED}"
        raise Trouble(few, f"ulimit -n {min(65536, most)} before starting, or LimitNOFILE= in the unit")
    return f"{allowed} may be open in a process"


def time_zones() -> str:
    """Say which time zones are known; Trouble when halls could not tell their hour."""
    try:
        zoneinfo.ZoneInfo(SOME_ZONE)
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise Trouble(f"the time zone {SOME_ZONE} is not known here", "install tzdata") from error
    return f"{SOME_ZONE} is known"


def secrets_kept(keys: Path) -> str:
    """Say that only this account can read the keys; Trouble when others can."""
    if not keys.is_dir():
        return "none made yet"
    secret = [path for path in [keys, *keys.iterdir()] if path.suffix != ".pub"]
    open_to_others = [path for path in secret if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    if open_to_others:
        raise Trouble(f"other accounts can read {open_to_others[0]}", f"chmod -R go= {keys}")
    return f"only this account can read {keys}"
