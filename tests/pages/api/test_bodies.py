"""Bodies that are no JSON object, too large, too deep, or of the wrong kind."""

import json
from typing import Any

import pytest

from tests.pages.api.office import Office, code
from tests.standing_city import TOWN_HALL

GOOD = {"hall": TOWN_HALL, "queue": "D", "channel": "web"}
JSON = "application/json"


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"nothing",
        b"[]",
        b"7",
        b'"hall"',
        b"null",
        b"\xff\xfe{}",
        b'{"hall": "\\ud800"}',
        b'{"hall": "a\\u0000b"}',
        b'{"a\\u0000": 1}',
        b'{"hall": 1' + b"0" * 5000 + b"}",
        b'{"hall": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ],
    ids=lambda data: data[:18].decode("latin-1"),
)
def test_what_is_no_json_object_is_refused(api: Office, data: bytes) -> None:
    with api.unchanged():
        answer = api.post("/tickets", data=data, content_type=JSON)
    assert answer.status_code in (400, 422)


def test_malformed_json_is_told_by_its_code(api: Office) -> None:
    assert code(api.post("/tickets", data=b"{", content_type=JSON)) == (400, "malformed_json")


def test_a_body_too_large_is_refused_unread(api: Office) -> None:
    data = json.dumps({**GOOD, "person": {"name": "王" * 70_000}})
    with api.unchanged():
        assert code(api.post("/tickets", data=data, content_type=JSON)) == (413, "too_large")


def test_a_body_of_just_the_largest_size_is_read(api: Office) -> None:
    data = json.dumps(GOOD).encode().ljust(64 * 1024)
    assert api.post("/tickets", data=data, content_type=JSON).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_does_not_say_it_is_json_is_refused(api: Office, kind: str) -> None:
    """A foreign page can make a browser send these without asking first."""
    with api.unchanged():
        answer = api.post("/tickets", data=json.dumps(GOOD), content_type=kind)
    assert code(answer) == (415, "unsupported_media_type")


def test_json_by_another_name_is_json(api: Office) -> None:
    for kind in ("application/json; charset=utf-8", "application/problem+json"):
        assert api.post("/tickets", data=json.dumps(GOOD), content_type=kind).status_code == 201


@pytest.mark.parametrize("options", [{}, {"json": {}}, {"data": b"", "content_type": JSON}], ids=str)
def test_a_verb_needs_no_body(api: Office, options: dict[str, Any]) -> None:
    path = f"/windows/{TOWN_HALL}-1/open"
    assert api.post(path, "clerk", **options).status_code == 200


@pytest.mark.parametrize("verb", ["recall", "start", "finish", "missed", "cancel"])
def test_a_misspelled_field_of_a_verb_is_refused(api: Office, verb: str) -> None:
    ticket = api.called()
    with api.unchanged():
        assert api.post(f"/tickets/{ticket['id']}/{verb}", "clerk", {"klaim": 1}).status_code == 422


def test_numbers_beyond_all_bounds_are_refused(api: Office) -> None:
    for number in ("1e400", "-1e400", "NaN", "Infinity", "9" * 400):
        data = b'{"hall":"%s","queue":"D","channel":"web","count":%s}' % (TOWN_HALL.encode(), number.encode())
        with api.unchanged():
            assert api.post("/tickets", data=data, content_type=JSON).status_code in (400, 422)
