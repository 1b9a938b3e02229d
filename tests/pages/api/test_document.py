"""The document says what the code does."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from dispatch.halls import windows
from dispatch.halls.models import WINDOW_STATES
from dispatch.queues.rules import PRIORITIES
from dispatch.tickets.life import CHANNELS, LIFE, STATES
from tests.pages.api.office import Office


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path.removeprefix("/api/v1"), operation


def schema(document: dict[str, Any], name: str, field: str) -> dict[str, Any]:
    told: dict[str, Any] = document["components"]["schemas"][name]["properties"][field]
    return told


def enum_of(document: dict[str, Any], name: str, field: str) -> set[str]:
    return set(schema(document, name, field)["enum"])


def test_the_document_is_valid_openapi_3_1(api: Office) -> None:
    document = api.document()
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_states_are_those_of_the_transition_tables(api: Office) -> None:
    document = api.document()
    assert enum_of(document, "TicketShown", "state") == set(LIFE.states) == set(STATES)
    assert enum_of(document, "WindowShown", "state") == set(windows.LIFE.states) == set(WINDOW_STATES)
    assert enum_of(document, "WindowBrief", "state") == set(WINDOW_STATES)
    assert enum_of(document, "NewTicket", "channel") == set(CHANNELS)
    assert enum_of(document, "NewTicket", "priority") == set(PRIORITIES)


def test_every_example_in_the_document_runs(api: Office) -> None:
    document = api.document()
    ran = 0
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        told = document["components"]["schemas"].get(name, {})
        examples = [*told.get("examples", []), *([content["example"]] if "example" in content else [])]
        examples += [example["value"] for example in content.get("examples", {}).values()]
        for example in examples:
            answer = api.call(method, path, json=example)
            assert answer.status_code < 300, (path, example, answer.text)
            ran += 1
    assert ran


def test_every_operation_tells_its_summary_tag_answers_and_who_may(api: Office) -> None:
    for method, path, operation in operations(api.document()):
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        assert operation["x-who-may"], (method, path)
        assert {"422"} < set(operation["responses"]), (method, path)


def test_names_of_operations_are_unique(api: Office) -> None:
    names = [operation["operationId"] for _, _, operation in operations(api.document())]
    assert len(names) == len(set(names))


def test_a_verb_of_a_ticket_may_be_used_by_whom_the_table_names(api: Office) -> None:
    told = {path: operation["x-who-may"] for _, path, operation in operations(api.document())}
    for verb in ("recall", "start", "finish", "missed", "cancel"):
        assert told[f"/tickets/{{id}}/{verb}"] == " ".join(LIFE[verb].who)
    for verb in windows.LIFE.verbs:
        assert told[f"/windows/{{id}}/{verb}"] == " ".join(windows.LIFE[verb].who)


def test_nobody_waiting_is_in_the_document(api: Office) -> None:
    calls = {path: operation for _, path, operation in operations(api.document())}
    assert "204" in calls["/windows/{id}/call-next"]["responses"]
