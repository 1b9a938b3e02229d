"""A process of the city that dies where it is told to: `python -m tests.faults.doomed FOLDER serve --role core …`.

The city's own program, but for this: at each named point it takes one token out of `FOLDER/<point>`, and whoever
takes the last one is killed there and then, as by a power cut. What stands in `FOLDER/offset` is added to its clock.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, request

from dispatch.foundation import clock, driver, idempotency
from dispatch.wiring import cli, listening, serving

P = ParamSpec("P")
R = TypeVar("R")

POINTS = ("before_keeping", "before_commit", "after_commit", "before_answer", "before_cursor")
"""Between effect and kept answer; before and after the commit; between the bus and the answer; in a listener, between
the effect and the cursor."""
OFFSET = "offset"
READY = "ready"


class Doom:
    """Where this process is to die."""

    def __init__(self, folder: Path) -> None:
        """As the files in this folder say from now on."""
        self._folder = folder

    def passes(self, point: str) -> None:
        """Pass a point, or die there."""
        with suppress(FileNotFoundError):
            tokens = sorted((self._folder / point).iterdir())
            if tokens:
                tokens[0].unlink()
                if len(tokens) == 1:
                    os.kill(os.getpid(), signal.SIGKILL)

    def before(self, point: str, do: Callable[P, R]) -> Callable[P, R]:
        """The same function, with the point in front of it."""

        @wraps(do)
        def done(*args: P.args, **named: P.kwargs) -> R:
            self.passes(point)
            return do(*args, **named)

        return done

    def after(self, point: str, do: Callable[P, R]) -> Callable[P, R]:
        """The same function, with the point behind it."""

        @wraps(do)
        def done(*args: P.args, **named: P.kwargs) -> R:
            result = do(*args, **named)
            self.passes(point)
            return result

        return done

    def made(self, create: Callable[P, R]) -> Callable[P, R]:
        """The same function; when it is done, this process says that it is ready to answer."""

        @wraps(create)
        def created(*args: P.args, **named: P.kwargs) -> R:
            application = create(*args, **named)
            (self._folder / READY / str(os.getpid())).touch()
            return application

        return created

    def now(self, real_now: Callable[[], datetime]) -> Callable[[], datetime]:
        """A clock that jumps when the file is written."""

        def jumped() -> datetime:
            with suppress(FileNotFoundError):
                return real_now() + timedelta(seconds=float((self._folder / OFFSET).read_text()))
            return real_now()

        return jumped


def main(folder: Path, command: Sequence[str]) -> None:
    """Run the city's command with its doom in it."""
    doom = Doom(folder)
    connection: Any = driver.Driver
    server: Any = serving
    connection.commit = doom.after("after_commit", doom.before("before_commit", connection.commit))
    server.create_core = doom.made(server.create_core)
    idempotency.keep = doom.before("before_keeping", idempotency.keep)
    listening.LISTENERS = tuple(  # type: ignore[assignment] # as many as before
        replace(listener, hear=doom.after("before_cursor", listener.hear)) for listener in listening.LISTENERS
    )
    clock.real_now = doom.now(clock.real_now)
    finish: Any = Flask.process_response

    def finished(app: Flask, response: Response) -> Any:  # noqa: ANN401 - what Flask makes of it
        if request.method == "POST":
            doom.passes("before_answer")
        return finish(app, response)

    Flask.process_response = finished  # type: ignore[assignment, method-assign]
    cli.main(list(command), prog_name="tongban")


def arm(folder: Path, point: str, passes: int) -> None:
    """Let the process die that passes this point so many times from now."""
    tokens = folder / f".{point}"
    tokens.mkdir()
    for number in range(passes):
        (tokens / f"{number:06d}").touch()
    with suppress(FileNotFoundError):
        (folder / point).rmdir()
    tokens.rename(folder / point)


def has_struck(folder: Path, point: str) -> bool:
    """Whether somebody has died there since it was armed."""
    return not any((folder / point).iterdir())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
