"""The served document against the running application: whatever is sent, no answer breaks it."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.pages.api.office import Office
from tests.standing_city import BUNDLE, CARD, TOWN_HALL

Caller = str | None
CALLERS: tuple[Caller, ...] = (None, "supervisor")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
LEFT_ALONE = {"/api/v1/sessions"}
"""Signing in is slow on purpose; its bodies are tried where it is tested."""


@pytest.fixture
def api(opened: Callable[[], Office]) -> Office:
    """A city with a ticket waiting and one at window 1."""
    opening = opened()
    opening.called()
    opening.issue()
    return opening


def fuzz(api: Office, callers: Sequence[Caller], examples: int) -> None:
    """So many requests of every operation, good ones and bad ones, each by all of these callers."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", api.web.app)
    broken = []
    for found in schema.get_all_operations():
        assert not isinstance(found, Err), found
        operation = found.ok()
        if operation.path in LEFT_ALONE:
            continue
        for mode in modes(operation):
            try:
                send_many(api, operation.as_strategy(generation_mode=mode), callers, examples)
            except Exception as error:  # all that is broken is told at once
                broken.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert not broken, "\n\n".join(broken)


def modes(operation: Any) -> tuple[GenerationMode, ...]:  # noqa: ANN401 - schemathesis's own
    """Where nothing can be said, nothing can be said wrongly."""
    raw = operation.definition.raw
    if raw.get("parameters") or "requestBody" in raw:
        return GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    return (GenerationMode.POSITIVE,)


def send_many(api: Office, cases: st.SearchStrategy[Any], callers: Sequence[Caller], examples: int) -> None:
    """Requests drawn from one operation; half of the time they speak of something that is there.

    To draw one costs more than to answer it.
    """
    headers = [{} if each is None else {"Authorization": f"Bearer {api.tokens[each]}"} for each in callers]
    tickets = [ticket for ticket, *_ in api.trace()[1]]  # type: ignore[index]
    known = {"hall": [TOWN_HALL], "code": [CARD, BUNDLE], "id": [*tickets, f"{TOWN_HALL}-1"]}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, data=st.data())
    def send(case: Any, data: st.DataObject) -> None:  # noqa: ANN401 - schemathesis's own
        for name in sorted(set(case.path_parameters or {}) & set(known)):
            if data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        for sent in headers:
            case.call_and_validate(checks=CHECKS, headers=sent)

    send()


def test_no_request_breaks_the_document(api: Office) -> None:
    fuzz(api, CALLERS, examples=1)


@pytest.mark.soak
@pytest.mark.parametrize("caller", [*CALLERS, "clerk", "administrator", "auditor", "kiosk"])
def test_no_request_breaks_the_document_for_long(api: Office, caller: Caller) -> None:
    fuzz(api, [caller], examples=60)
