"""Logs: one JSON object for each line, a name for each request, and nobody's data in them."""

import io
import json
import logging
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from dispatch.foundation.settings import Settings
from dispatch.pages.api import tickets
from dispatch.wiring import watching
from dispatch.wiring.logs import Lines, message_of
from tests.pages.api.office import KEY, Office
from tests.standing_city import TOWN_HALL

NAME, PHONE, NUMBER, TOKEN = "欧阳若兰", "13912345678", "331082199001011231", "a-token-nobody-may-see"
PERSON = {"name": NAME, "phone": PHONE, "id_kind": "resident_id", "id_number": NUMBER}
PRIVATE = (NAME, PHONE, NUMBER, TOKEN, json.dumps(NAME)[1:-1], "%E6%AC%A7")
HEADERS = {
    "X-Request-Id": PHONE,
    "User-Agent": NAME.encode().decode("latin-1"),
    "Referer": f"http://x/?q={PHONE}",
}


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def of_requests(written: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(written) if line["logger"] == watching.__name__]


def nothing_private(written: io.StringIO) -> None:
    assert [word for word in PRIVATE if word in written.getvalue()] == []


def everywhere(api: Office) -> list[TestResponse]:
    """Personal data in every place where somebody may put it."""
    client = api.client()
    wanted = {"hall": TOWN_HALL, "queue": "D", "channel": "web", "person": PERSON}
    cookie = {"Cookie": f"tongban_session={TOKEN}"}
    return [
        client.post("/api/v1/tickets", json=wanted, headers={**HEADERS, "Idempotency-Key": KEY}),
        client.post(
            "/api/v1/tickets", json={**wanted, "person": {"name": NAME, "phone": NAME}}, headers=HEADERS
        ),
        client.post("/api/v1/tickets", data=NAME, headers={**HEADERS, "Content-Type": "text/plain"}),
        client.post("/api/v1/sessions", json={"username": NAME, "password": TOKEN}, headers=HEADERS),
        client.get(f"/api/v1/items?q={NAME}", headers=HEADERS),
        client.get(f"/api/v1/halls/{NAME}", headers=HEADERS),
        client.get(f"/{NAME}/{PHONE}?{NUMBER}={TOKEN}", headers={**HEADERS, **cookie}),
        client.get(f"/api/v1/tickets/{NUMBER}", headers={**HEADERS, "Authorization": f"Ticket {TOKEN}"}),
        client.get("/api/v1/halls", headers={**HEADERS, "Authorization": f"Bearer {TOKEN}"}),
        client.open(f"/board/{PHONE}", method="PATCH", headers=HEADERS),
    ]


def test_nobodys_data_are_in_the_log(api: Office, written: io.StringIO) -> None:
    answers = everywhere(api)
    assert answers[0].status_code == 201
    assert len(of_requests(written)) == len(answers)
    nothing_private(written)


def test_nor_when_the_database_complains(
    api: Office, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        with api.standing.database.reading() as session:
            session.execute(text("SELECT 1 FROM nowhere WHERE a = :name"), {"name": NAME, "b": PHONE})

    monkeypatch.setattr(tickets, "once", broken)
    wanted = {"hall": TOWN_HALL, "queue": "D", "channel": "web", "person": PERSON}
    answer = api.client().post("/api/v1/tickets", json=wanted, headers=HEADERS)
    assert answer.status_code == 500
    bug = next(line for line in lines(written) if line["level"] == "error")
    assert bug["message"] == "a bug at /api/v1/tickets"
    assert "sqlalchemy.exc." in bug["error"]
    assert bug["request_id"] == answer.headers["X-Request-Id"] == answer.json["request_id"]  # type: ignore[index]
    nothing_private(written)


def test_nor_when_an_exception_repeats_them(
    api: Office, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            raise KeyError(PHONE)
        except KeyError as error:
            raise ValueError(f"no {NAME}") from error

    monkeypatch.setattr(tickets, "once", broken)
    api.client().post("/api/v1/tickets", json={"hall": TOWN_HALL, "queue": "D", "channel": "web"})
    bug = next(line for line in lines(written) if line["level"] == "error")
    assert "builtins.KeyError" in bug["error"]
    assert "builtins.ValueError" in bug["error"]
    nothing_private(written)


def test_a_line_says_which_request_it_is_of(api: Office, written: io.StringIO) -> None:
    answer = api.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    (line,) = of_requests(written)
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["status"], line["hall"], line["actor"]) == ("POST", 200, TOWN_HALL, "staff")
    assert line["route"].endswith("/windows/<string:id>/open")
    assert set(line) >= {"time", "level", "role", "pid", "ms"}


def test_what_is_asked_all_the_time_is_told_only_to_whoever_wants_all(
    api: Office, written: io.StringIO
) -> None:
    api.client().get("/healthz")
    assert [line["level"] for line in of_requests(written)] == ["debug"]


def test_a_problem_carries_its_requests_name(api: Office) -> None:
    answer = api.get("/halls/H-NOWHERE")
    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_only_a_trusted_proxy_names_a_request(api: Office) -> None:
    with api.web.app.test_request_context(headers={"X-Request-Id": "0af7651916cd43dd8448eb211c80319c"}):
        assert watching._name(trusting=True) == "0af7651916cd43dd8448eb211c80319c"
        assert watching._name(trusting=False) != "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize("name", ["", "short", "x" * 65, "with space here", "line\tbreak-in-it", NAME])
def test_a_name_that_is_not_sane_is_replaced(api: Office, name: str) -> None:
    headers = {"X-Request-Id": name.encode().decode("latin-1")}
    with api.web.app.test_request_context(headers=headers):
        assert watching.SANE.fullmatch(watching._name(trusting=True))


def record(logger: str, message: str, *words: object) -> logging.LogRecord:
    return logging.LogRecord(logger, logging.WARNING, "", 0, message, words, None)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (record("gunicorn.error", f"Invalid request from ip=1.2.3.4: {PHONE}"), "Invalid request"),
        (record("gunicorn.error", "Error handling request %s %s", "GET", f"/{NAME}"), "Error handling"),
        (
            record("gunicorn.error", "Worker (pid:%s) was sent %s!", 7, "SIGKILL"),
            "Worker (pid:7) was sent SIGKILL!",
        ),
        (record("engineio", "%s sent %d bytes", NAME, 5), "… sent 5 bytes"),
        (record("dispatch.wiring", "%s leads", "clock"), "clock leads"),
    ],
)
def test_what_others_say_is_told_without_the_words_they_were_given(
    said: logging.LogRecord, told: str
) -> None:
    assert message_of(said) == told
    assert json.loads(Lines("core").format(said))["message"] == told


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="log_level"):
        Settings(log_level="loud")
