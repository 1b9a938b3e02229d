"""PostgreSQL's driver as the hot paths use it: statements prepared once, several sent and answered together.

A cursor of psycopg costs a process more than the talk with the server does. What every ticket passes goes past it,
straight to libpq beneath; everything else on the same connection uses cursors as always.
"""

import select
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg
from psycopg import generators
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.json import set_json_loads
from pydantic_core import from_json

T = TypeVar("T")
ANSWER_WITHIN_S = 9
"""A server that has not even said so by then is given up: the line to it is dead, though it stands open."""

ASK_AFTER_S = 1.0
"""A connection that rested for longer is asked whether it lives before it is used."""


@dataclass(frozen=True)
class Statement:
    """A statement as PostgreSQL itself wants it, its parameters named $1, $2, …"""

    text: bytes
    formats: list[PyFormat] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, count: int = 0) -> "Statement":
        """A statement with so many parameters, all sent as text: the statement itself says what they are."""
        return cls(text.encode(), [PyFormat.TEXT] * count)


_BEGIN, _COMMIT, _ROLLBACK, _NOTHING = map(Statement.of, ("BEGIN", "COMMIT", "ROLLBACK", ""))


class Asked:
    """A statement that was, or is yet to be, sent; its answer is waited for when somebody wants it."""

    __slots__ = ("_driver", "result", "statement", "values")

    def __init__(self, driver: "Driver", statement: Statement, values: Sequence[Any]) -> None:
        self._driver = driver
        self.statement = statement
        self.values = driver.dumped(statement, values)
        self.result: PGresult | None = None

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows."""
        return self._driver.loaded(self._answer())

    def kinds(self) -> list[int]:
        """What kind of thing stands in each column."""
        answer = self._answer()
        return [answer.ftype(place) for place in range(answer.nfields)]

    def touched(self) -> int:
        """How many rows it touched."""
        return self._answer().command_tuples or 0

    def _answer(self) -> PGresult:
        if self.result is None:
            self._driver.send()
        assert self.result is not None
        return self.result


class Driver(psycopg.Connection[Any]):
    """A connection that can say several things at once, and does not wait for ever for a server that fell silent."""

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - psycopg's own
        super().__init__(*args, **named)
        self._names: dict[bytes, bytes] = {}
        self._named = 0
        self._heard_at = time.monotonic()
        self._unsent: list[Asked] = []
        set_json_loads(from_json, self)  # many times as quick, and a line of people has many short ones
        self._ways = Transformer(self)

    def ask(self, statement: Statement, values: Sequence[Any] = ()) -> Asked:
        """Have this said with whatever is said next; nothing is sent before an answer is wanted."""
        asked = Asked(self, statement, values)
        self._unsent.append(asked)
        return asked

    def send(self) -> None:
        """Say what is still to be said, all at once, and wait for the answers. Raises psycopg's errors."""
        unsent, self._unsent = self._unsent, []
        if unsent and self.pgconn.transaction_status == TransactionStatus.IDLE:
            unsent.insert(0, Asked(self, _BEGIN, ()))
        if unsent:
            self._talk(unsent)

    def cursor(self, *args: Any, **named: Any) -> Any:  # noqa: ANN401 - psycopg's own
        """Psycopg's own way; what was said before comes first."""
        self.send()
        return super().cursor(*args, **named)

    def commit(self) -> None:
        """End the transaction well, together with what is still to be said in it."""
        if self._unsent or self.pgconn.transaction_status != TransactionStatus.IDLE:
            self.ask(_COMMIT)
            try:
                self.send()
            except psycopg.Error:
                if not self.closed:
                    self.rollback()  # a commit that fails is over, and nobody asks for a rollback after it
                raise

    def rollback(self) -> None:
        """Undo the transaction; statements stay prepared, as they do in the server."""
        self._unsent.clear()
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._talk([Asked(self, _ROLLBACK, ())])

    def lives(self) -> bool:
        """Whether the server is still there: seen by a look at the line, and by asking where it has rested.

        Asking costs a way there and back, as much as any statement. Between requests a server says nothing: a line
        on which there is something to read was ended.
        """
        if self.pgconn.status != ConnStatus.OK or _hears(self.pgconn.socket):
            return False
        if time.monotonic() - self._heard_at > ASK_AFTER_S:
            self._talk([Asked(self, _NOTHING, ())])
        return True

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Raises OperationalError when nothing was answered in time."""
        try:
            return super().wait(gen, interval, ANSWER_WITHIN_S if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # not the server's own word: the line is of no more use
                self.pgconn.finish()
            raise

    def dumped(self, statement: Statement, values: Sequence[Any]) -> Sequence[Any]:
        """The values as the server wants them."""
        return self._ways.dump_sequence(values, statement.formats)

    def loaded(self, result: PGresult) -> list[tuple[Any, ...]]:
        """What the server said, as Python knows it."""
        self._ways.set_pgresult(result)
        return self._ways.load_rows(0, result.ntuples, tuple)

    def _talk(self, asked: Sequence[Asked]) -> None:
        """Send these, preparing those that are new on this line, and keep each one's answer."""
        line, fresh = self.pgconn, self._fresh(asked)
        preparing, whose = dict(fresh), list[Asked | None]()
        try:
            line.enter_pipeline_mode()
            for each in asked:
                text = each.statement.text
                if text in preparing:  # not before its turn: to read a query is to look at the city already
                    line.send_prepare(preparing.pop(text), text)
                    whose.append(None)
                line.send_query_prepared(self._names.get(text) or fresh[text], each.values)
                whose.append(each)
            line.pipeline_sync()
            results = self.wait(_until_sync(line))
            line.exit_pipeline_mode()
        except BaseException:
            line.finish()  # nobody knows any more which answer belongs to what
            raise
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result, encoding="utf-8")
        self._heard_at = time.monotonic()
        self._names.update(fresh)
        for owner, result in zip(whose, results, strict=True):
            if owner is not None:
                owner.result = result

    def _fresh(self, asked: Sequence[Asked]) -> dict[bytes, bytes]:
        """A name for each text that is not prepared here yet, never used before: a failed try may have left its own."""
        fresh = {}
        for each in asked:
            text = each.statement.text
            if text not in self._names and text not in fresh:
                self._named += 1
                fresh[text] = b"t%d" % self._named
        return fresh


def _hears(socket: int) -> bool:
    """Whether there is anything to read, or the line is cut."""
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def _until_sync(line: PGconn) -> PQGen[list[PGresult]]:
    """Every answer up to the end of what was sent together."""
    yield from generators.send(line)
    found: list[PGresult] = []
    try:
        while True:
            results = yield from generators.fetch_many(line)
            if results and results[0].status == ExecStatus.PIPELINE_SYNC:
                return found
            found += results
    except psycopg.DatabaseError:
        if any(result.status == ExecStatus.FATAL_ERROR for result in found):
            return found  # why it hung up says more than that it did
        raise
