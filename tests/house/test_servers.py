"""The servers under the tests are real."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import create_engine, text

from tests import servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def version_of(url: str) -> str:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer: str = connection.execute(text("select version()")).scalar_one()
    engine.dispose()
    return answer


def test_postgresql_answers(postgres_server: str) -> None:
    assert version_of(postgres_server).startswith("PostgreSQL ")


def test_redis_answers_and_is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.dbsize() == 0


@pytest.mark.browser
def test_browser_shows_chinese(chromium: "Browser") -> None:
    page = chromium.new_page()
    page.set_content("<h1>请到 3 号窗口</h1>")
    assert page.inner_text("h1") == "请到 3 号窗口"
    page.close()


def test_nothing_beyond_this_machine_is_reached() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))


@pytest.mark.soak
@pytest.mark.parametrize("folder", [*servers.pip_postgres_folders()], ids=lambda folder: folder.parent.name)
def test_postgresql_of_pip_answers(folder: Path) -> None:
    with servers.postgres_from(folder) as url:
        assert version_of(url).startswith("PostgreSQL ")


@pytest.mark.soak
def test_redis_of_pip_answers() -> None:
    binary = servers.pip_redis_binary()
    assert binary is not None
    with servers.redis_from(binary) as url, redis.Redis.from_url(url) as client:
        assert client.ping()


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\necho out of order\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(servers.MissingServer, match="out of order"), servers.redis_from(broken):
        pass
