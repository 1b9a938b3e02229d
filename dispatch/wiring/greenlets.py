"""Greenlets instead of threads, for a process in which thousands of wires end.

Everything that waits has to wait in gevent's way, and takes its locks and sockets when it is imported: so a process
that is to run on greenlets begins anew, with gevent first.
"""

import os
import sys

from gevent import monkey

from dispatch.foundation.settings import Settings


def running() -> bool:
    """Whether this process runs on greenlets."""
    return bool(monkey.is_module_patched("threading"))


def become(settings: Settings, *command: str) -> None:
    """Make this process `tongban command` on greenlets, under the same number; returns in one that is already."""
    if running():
        return
    beginning = [sys.executable, "-P", "-m", "gevent.monkey", "--module", "dispatch.wiring.cli"]
    # By the environment, since everybody on the machine may read what a process was started with.
    environment = {**os.environ, "TONGBAN_DATABASE_URL": settings.database}
    os.execve(sys.executable, [*beginning, *command], environment)  # noqa: S606 - no shell is wanted
