"""The board's page, and its changes for screens where sockets don't get through."""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from dispatch.foundation.errors import Refusal
from dispatch.foundation.words import translate
from hall_display.drawing import Drawing, Lang
from hall_display.feeds import Feeds
from hall_display.refusals import BadPosition, Unavailable

log = logging.getLogger(__name__)

SEQ_MAX = 2**63 - 1


def blueprint(feeds: Feeds, drawing: Drawing) -> Blueprint:
    """The routes of the boards."""
    routes = Blueprint(
        "hall_display",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/assets/hall_display",
    )

    @routes.get("/board/<hall>")
    def board(hall: str) -> Response:
        lang = _lang()
        try:
            feed = feeds.of(hall)
            with feed.settled():
                page = drawing.page(feed.state, lang, feed.now, feed.waits, request.args.get("zone") or None)
        except Refusal as refusal:
            return _fresh(make_response(drawing.missing(hall, lang), refusal.status))
        return _fresh(make_response(page))

    @routes.get("/board/<hall>/changes")
    def changes(hall: str) -> Response:
        lang = _lang()
        try:
            return _fresh(jsonify(_changes(feeds, drawing, hall, lang)))
        except Refusal as refusal:
            return _fresh(_problem(refusal, lang))
        except Exception:
            log.exception("the changes of %s cannot be told", hall)
            return _fresh(_problem(Unavailable(), lang))

    return routes


def _changes(feeds: Feeds, drawing: Drawing, hall: str, lang: Lang) -> dict[str, Any]:
    """What a board at `after` lacks, with the head and the city's time as a heartbeat has them."""
    after, epoch = _whole_number("after"), _whole_number("epoch")
    feed = feeds.of(hall)
    with feed.settled():
        head = {"hall": hall, "epoch": feed.state.epoch, "seq": feed.state.seq, "at": feed.now.isoformat()}
        missing = feed.since(epoch, after)
        if missing is None:
            return {**head, "snapshot": feed.snapshot(drawing, lang)}
        changes = [change.shown(drawing, lang) for change in missing]
        return {**head, "changes": changes, "estimate": feed.estimated(drawing, lang)}


def _whole_number(field: str) -> int | None:
    said = request.args.get(field)
    if said is None or said == "":
        return None
    if not (said.isascii() and said.isdigit() and int(said[:20]) <= SEQ_MAX):
        raise BadPosition(field=field, place=field)
    return int(said)


def _lang() -> Lang:
    return "en" if request.args.get("lang") == "en" else "zh"


def _problem(refusal: Refusal, lang: Lang) -> Response:
    sentence = translate(lang, refusal.sentence, **refusal.data)
    body: dict[str, Any] = {"title": sentence, "status": refusal.status, "code": refusal.code}
    if refusal.field:
        body["errors"] = [{"field": refusal.field, "message": sentence}]
    response = jsonify(body)
    response.status_code = refusal.status
    response.content_type = "application/problem+json"
    return response


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
