"""Searching the catalogue, the same for every page and for the API: what is not found is counted."""

from contextlib import suppress
from functools import partial

from flask import Response, after_this_request
from sqlalchemy.exc import SQLAlchemyError

from dispatch.catalogue import finding, unfound
from dispatch.catalogue.models import Item
from dispatch.foundation.errors import Refusal
from dispatch.pages.shared.calls import Call, here

KEY = "unfound"


def search(call: Call, words: str, limit: int) -> list[tuple[Item, float]]:
    """Items that these words may mean, the likeliest first, each with a score from 0 to 1."""
    found = finding.search(call.session, words, limit)
    if unfound.is_unfound(found) and (said := unfound.core(call.session, words)):
        after_this_request(partial(_note, said, call))
    return found


def _note(words: str, call: Call, response: Response) -> Response:
    """Count it when the answer is ready; that it could not be counted is no reason to answer nothing."""
    with suppress(Refusal, SQLAlchemyError), here().database.work() as session:
        unfound.note(session, words, here().keys.secret_of(KEY, words), day=call.now.date())
    return response
