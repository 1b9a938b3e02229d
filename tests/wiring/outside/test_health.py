"""`/healthz` and `/readyz`: quick answers, what is wrong, and what to do."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from dispatch.foundation import clock, jobs
from dispatch.foundation.database import Database
from dispatch.foundation.jobs import JobLeader
from dispatch.foundation.settings import Settings
from dispatch.wiring import health
from dispatch.wiring.soundness import machine, readiness
from dispatch.wiring.soundness.readiness import Readiness
from tests import servers
from tests.patience import PATIENCE_S

AN_HOUR = timedelta(hours=1)
"""A sign of life that stays one, however slow the machine."""


@pytest.fixture(autouse=True)
def _never_from_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FRESH_S", -1.0)
    monkeypatch.setattr(readiness, "WITHIN_S", PATIENCE_S)


@pytest.fixture
def with_jobs(database_url: str) -> Iterator[str]:
    """A migrated city whose jobs are done."""
    database = Database(database_url)
    with database.work() as session:
        now = clock.real_now()
        for role in jobs.ROLES:
            session.add(JobLeader(role=role, leader=f"{role} 1", term=1, since=now, heard=now + AN_HOUR))
    yield database_url
    database.dispose()


def ask(url: str, var: Path, *, redis_url: str = "", **environ: str) -> TestResponse:
    app = Flask(__name__)
    settings = Settings(database_url=url, var=var, redis_url=redis_url, city="c" * 32)
    health.install(app, Readiness(settings))
    return app.test_client().get("/readyz", headers=environ)


def wrong(answer: TestResponse) -> dict[str, str]:
    assert answer.json is not None
    return {each["what"]: each["do"] for each in answer.json["wrong"]}


def test_a_city_that_is_well(with_jobs: str, tmp_path: Path) -> None:
    answer = ask(with_jobs, tmp_path)
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "wrong": []})


def test_a_city_without_its_jobs_goes_on(database_url: str, tmp_path: Path) -> None:
    answer = ask(database_url, tmp_path)
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "serve --role" in wrong(answer)["jobs"]


def test_without_redis_boards_go_on(with_jobs: str, tmp_path: Path) -> None:
    answer = ask(with_jobs, tmp_path, redis_url=f"redis://127.0.0.1:{servers.free_port()}/0")
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert "start it" in wrong(answer)["bus"]


def test_a_redis_that_was_emptied_is_taken_again(with_jobs: str, tmp_path: Path, redis_url: str) -> None:
    assert ask(with_jobs, tmp_path, redis_url=redis_url).status_code == 200
    assert wrong(ask(with_jobs, tmp_path, redis_url=redis_url)) == {}


def test_a_database_that_refuses(tmp_path: Path) -> None:
    answer = ask("postgresql+psycopg://u:secret@127.0.0.1:1/city", tmp_path)
    assert answer.status_code == 503
    assert "start it" in wrong(answer)["database"]
    assert "secret" not in answer.text


def test_a_database_and_a_redis_that_swallow_everything_keep_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "WITHIN_S", 1.5)
    with closing(socket.create_server(("127.0.0.1", 0))) as hole:
        port = hole.getsockname()[1]
        began = time.monotonic()
        answer = ask(
            f"postgresql+psycopg://u@127.0.0.1:{port}/city", tmp_path, redis_url=f"redis://127.0.0.1:{port}/0"
        )
        assert time.monotonic() - began < PATIENCE_S
    assert answer.status_code == 503
    assert set(wrong(answer)) == {"database", "bus"}


def test_a_database_behind_and_one_before_us(with_jobs: str, tmp_path: Path) -> None:
    engine = create_engine(with_jobs)
    for revision, do in (("0002", "run: tongban migrate"), ("9999", "newer version")):
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        answer = ask(with_jobs, tmp_path)
        assert answer.status_code == 503
        assert do in wrong(answer)["migrations"]
    engine.dispose()


def test_a_clock_that_is_off(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = clock.real_now
    monkeypatch.setattr(clock, "real_now", lambda: ours() - timedelta(seconds=3))
    answer = ask(postgresql_url, tmp_path)
    assert answer.status_code == 503
    assert "NTP" in wrong(answer)["clock"]


def test_a_disk_without_room(with_jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOM_NEEDED", 2**62)
    answer = ask(with_jobs, tmp_path)
    assert (answer.status_code, set(wrong(answer))) == (503, {"disk"})


@pytest.mark.parametrize(
    ("headers", "address"), [({"X-Forwarded-For": "10.0.0.9"}, "127.0.0.1"), ({}, "8.8.8.8"), ({}, "")]
)
def test_from_outside_only_what_is_wrong_is_told(
    database_url: str, tmp_path: Path, headers: dict[str, str], address: str
) -> None:
    app = Flask(__name__)
    health.install(app, Readiness(Settings(database_url=database_url, var=tmp_path)))
    answer = app.test_client().get("/readyz", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.json is not None
    assert answer.json["wrong"] == [{"what": "jobs"}, {"what": "jobs"}]


def test_what_is_wrong_is_logged_once(
    tmp_path: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Readiness(Settings(database_url=sqlite_url, var=tmp_path))
    for _ in range(3):
        asked.wrong()
    assert len(caplog.records) == len(jobs.ROLES)
    monkeypatch.setattr(readiness, "_look", lambda _: [])
    asked.wrong()
    assert caplog.records[-1].message == "everything is well again"


def test_whoever_asks_again_at_once_is_answered_from_memory(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "FRESH_S", 60.0)
    asked = Readiness(Settings(database_url=sqlite_url, var=tmp_path))
    found = asked.wrong()
    monkeypatch.setattr(readiness, "_look", lambda _: pytest.fail("looked again"))
    assert asked.wrong() == found
