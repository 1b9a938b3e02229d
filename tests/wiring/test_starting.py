"""Bad input at the start: one clear line, exit code 2, nothing half started."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import redis
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from dispatch.foundation import clock, identity
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring import logs, starting
from dispatch.wiring.cli import main
from dispatch.wiring.roles import ROLES
from dispatch.wiring.soundness import database as databases
from dispatch.wiring.soundness.machine import ROOM_NEEDED
from dispatch.wiring.soundness.trouble import Trouble
from tests import servers
from tests.patience import PATIENCE_S

Start = Callable[..., Result]


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """The folder of a city's files."""
    return tmp_path / "var"


@pytest.fixture
def start(var: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """`tongban serve` in this process, up to where serving begins."""
    monkeypatch.setattr(logs, "speak", lambda *_: None)
    for name, role in ROLES.items():
        monkeypatch.setitem(ROLES, name, replace(role, run=lambda *_: None))

    def invoke(database: str, *words: str, role: str = "clock", **env: str) -> Result:
        environment = {"TONGBAN_VAR": str(var), "TONGBAN_DATABASE_URL": database, **env}
        return CliRunner().invoke(main, ["serve", "--role", role, *words], env=environment)

    return invoke


def refused(result: Result, *words: str) -> None:
    """One line, with these words in it."""
    lines = result.output.splitlines()
    assert result.exit_code == 2, (result.output, result.exception)
    assert len(lines) == 1, lines
    assert lines[0].startswith("tongban: ")
    assert all(word in lines[0] for word in words), lines[0]


# --- the database's address --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", ["cannot be read", "postgresql+psycopg://"]),
        ("postgres://u:secret@host/city", ["cannot be read"]),
        ("mysql://u:secret@host/city", ["no city runs on mysql"]),
        ("postgresql+asyncpg://u:secret@host/city", ["postgresql+psycopg://"]),
        ("postgresql+psycopg://u:secret@host:port/city", ["cannot be read"]),
        ("sqlite://", ["forgotten"]),
        ("sqlite:////nowhere/city.db", ["no database /nowhere/city.db", "tongban migrate"]),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/city", ["no database listens at 127.0.0.1:1"]),
    ],
)
def test_an_address_that_leads_to_no_database(start: Start, url: str, words: list[str]) -> None:
    result = start(url)
    refused(result, *words)
    assert "secret" not in result.output


def test_a_database_that_swallows_everything_is_given_up_in_time(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert starting.DATABASE_WITHIN_S < 5
    monkeypatch.setattr(starting, "DATABASE_WITHIN_S", 0.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as hole:
        began = time.monotonic()
        result = start(f"postgresql+psycopg://u:secret@127.0.0.1:{hole.getsockname()[1]}/city")
        assert time.monotonic() - began < PATIENCE_S
    refused(result, "no answer within 0.5 s")


def test_something_else_that_listens_there(start: Start) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        threading.Thread(target=lambda: other.accept()[0].close(), daemon=True).start()
        refused(start(f"postgresql+psycopg://u@127.0.0.1:{other.getsockname()[1]}/city"), "no PostgreSQL")


def test_a_database_and_an_account_that_are_not_there(start: Start, postgres_server: str) -> None:
    address = make_url(postgres_server)
    nowhere = address.set(database="atlantis").render_as_string(hide_password=False)
    refused(start(nowhere), "no database atlantis", "createdb atlantis")
    nobody = address.set(username="nobody_known").render_as_string(hide_password=False)
    refused(start(nobody), "nobody_known")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('FATAL:  password authentication failed for user "u"', "refuses the password of u"),
        ("fe_sendauth: no password supplied", "wants a password"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u"', "lets nobody in"),
        ("failed to resolve host 'host': Name or service not known", "host host"),
        ("connection is bad: Network is unreachable", "no way leads"),
        ("FATAL:  sorry, too many clients already", "all connections"),
        ("FATAL:  the database system is starting up", "starting"),
        ("something nobody thought of", "OperationalError"),
    ],
)
def test_what_a_driver_says_is_told_in_our_words(words: str, said: str) -> None:
    address = make_url("postgresql+psycopg://u:secret@host/city")
    error = OperationalError("connect", None, psycopg.OperationalError(words))
    trouble = databases._trouble(error, address)
    assert said in trouble.said
    assert trouble.do
    assert "secret" not in str(trouble)


# --- migrations and clock ------------------------------------------------------------------------------------


def set_revision(url: str, revision: str | None) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        if revision is None:
            connection.execute(text("DELETE FROM alembic_version"))
        else:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    engine.dispose()


def test_a_database_without_its_migrations(start: Start, database_url: str) -> None:
    set_revision(database_url, "0001")
    refused(start(database_url), "lacks migrations after 0001", "run: tongban migrate")
    set_revision(database_url, "9999")
    refused(start(database_url), "9999", "newer version")
    set_revision(database_url, None)
    refused(start(database_url), "it is empty", "run: tongban migrate")


def test_a_clock_five_seconds_off(start: Start, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: ours() + timedelta(seconds=5.5))
    refused(start(postgresql_url), "+5.5 s beside", "NTP")


# --- the machine ---------------------------------------------------------------------------------------------


def test_a_port_in_use(start: Start, sqlite_url: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        refused(start(sqlite_url, "--port", str(port), role="core"), f"port {port}", "in use", "--port")


def test_a_host_that_is_not_here(start: Start, sqlite_url: str) -> None:
    refused(start(sqlite_url, "--host", "192.0.2.1", role="core"), "192.0.2.1", "no address of this machine")


def test_a_folder_that_cannot_be_written(start: Start, sqlite_url: str) -> None:
    refused(start(sqlite_url, TONGBAN_VAR="/dev/null/var"), "/dev/null/var", "cannot be written")


def test_a_full_disk(start: Start, sqlite_url: str, var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(var.parent)._replace(free=ROOM_NEEDED - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    refused(start(sqlite_url), "is full", "make room")


# --- whose keys, whose Redis ---------------------------------------------------------------------------------


def sound(url: str, var: Path, redis_url: str = "") -> Settings:
    return starting.sound(Settings(database_url=url, var=var, redis_url=redis_url))


def test_keys_of_another_city_are_refused_and_adopted_only_when_told(
    start: Start, sqlite_url: str, postgresql_url: str, var: Path
) -> None:
    sound(sqlite_url, var)
    refused(start(postgresql_url), "another city's", "TONGBAN_VAR")
    done = CliRunner().invoke(
        main, ["--database", postgresql_url, "keys", "adopt"], env={"TONGBAN_VAR": str(var)}
    )
    assert done.exit_code == 0
    assert sound(postgresql_url, var).city == (var / "keys" / "city").read_text().strip()


def test_keys_that_are_gone_are_not_made_anew(start: Start, database_url: str, var: Path) -> None:
    sound(database_url, var)
    shutil.rmtree(var / "keys")
    refused(start(database_url), "missing", "backup")
    assert not (var / "keys").exists()


def test_processes_that_start_together_draw_one_name(database_url: str, var: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(sound(database_url, var).city)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1


def test_a_redis_of_another_city_is_refused_until_it_is_emptied(
    start: Start, sqlite_url: str, postgresql_url: str, redis_url: str, var: Path, tmp_path: Path
) -> None:
    sound(sqlite_url, var, redis_url)
    other = tmp_path / "other"
    refused(
        start(postgresql_url, TONGBAN_REDIS_URL=redis_url, TONGBAN_VAR=str(other)),
        "another city",
        "DEL tongban:city",
    )
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    sound(postgresql_url, other, redis_url)
    refused(start(sqlite_url, TONGBAN_REDIS_URL=redis_url), "another city")


def test_two_cities_on_one_redis_server(
    sqlite_url: str, postgresql_url: str, redis_url: str, var: Path, tmp_path: Path
) -> None:
    one = sound(sqlite_url, var, redis_url)
    two = sound(postgresql_url, tmp_path / "other", redis_url.removesuffix("/0") + "/1")
    assert one.city != two.city


@pytest.mark.parametrize("url", ["nonsense", "redis://host:port/0", "http://127.0.0.1:6379"])
def test_an_address_that_leads_to_no_redis(start: Start, sqlite_url: str, url: str) -> None:
    refused(start(sqlite_url, TONGBAN_REDIS_URL=url), "cannot be read", "redis://")


def test_without_its_redis_a_city_starts_and_says_so(
    sqlite_url: str, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert sound(sqlite_url, var, f"redis://:secret@127.0.0.1:{servers.free_port()}/0").city
    assert "does not answer; the city starts without it" in caplog.text
    assert "secret" not in caplog.text


def test_a_redis_with_a_password_that_we_do_not_know(start: Start, sqlite_url: str) -> None:
    with servers.redis_server() as url:
        with redis.Redis.from_url(url) as client:
            client.config_set("requirepass", "secret")
        refused(start(sqlite_url, TONGBAN_REDIS_URL=url), "does not let us in", "password")


# --- real processes ------------------------------------------------------------------------------------------

BROKEN = """
from dispatch.foundation.settings import Settings
from dispatch.wiring import serving
serving.create_core = lambda settings: {}["nothing"]
serving.serve_core(Settings(), "127.0.0.1", %d, 2)
"""


def test_real_processes_end_with_two_and_bind_nothing(sqlite_url: str, var: Path, tmp_path: Path) -> None:
    """All at once, since each takes seconds to import: a closed port, a taken one, a worker that cannot be made."""
    port, other = servers.free_port(), servers.free_port()
    with closing(socket.create_server(("127.0.0.1", 0))) as taken, ExitStack() as ends:
        serve = [sys.executable, "-m", "dispatch.wiring.cli", "serve", "--role", "core", "--port"]
        running = {
            said: ends.enter_context(_started(tmp_path / said, command, var, url))
            for said, command, url in (
                ("no database listens", [*serve, str(port)], "postgresql+psycopg://u@127.0.0.1:1/city"),
                ("in use", [*serve, str(taken.getsockname()[1])], sqlite_url),
                ("cannot be made", [sys.executable, "-c", BROKEN % other], sqlite_url),
            )
        }
        for said, process in running.items():
            ended = process.wait(2 * PATIENCE_S)
            told = (tmp_path / said).read_text()
            assert (ended, said in told) == (2, True), told
    for each in (port, other):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", each)) != 0


@contextmanager
def _started(log: Path, command: list[str], var: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TONGBAN_VAR": str(var), "TONGBAN_DATABASE_URL": url}
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stderr=output) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_database_that_comes_to_know_its_city_keeps_it(database: Database) -> None:
    assert identity.city_of(database) == identity.city_of(database)


def test_trouble_says_what_to_do() -> None:
    assert str(Trouble("it rains", "take an umbrella")) == "it rains; take an umbrella"
