"""What is wrong, and what to do about it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Trouble(Exception):
    """A check failed. `said` is for people and names no secret, `do` is what to do, in one line."""

    def __init__(self, said: str, do: str) -> None:
        super().__init__(f"{said}; {do}")
        self.said = said
        self.do = do


def begun(look: Callable[[], T]) -> Future[T]:
    """What `look` will return or raise. Whoever does not wait for it leaves it to end by itself."""
    answer: Future[T] = Future()

    def _look() -> None:
        try:
            answer.set_result(look())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=_look, daemon=True).start()
    return answer
