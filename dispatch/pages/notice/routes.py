"""The notice's addresses: `/notice/ITEM?answers=QUESTION=ANSWER…`, the short `/n/ITEM/…`, and the item's film."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.foundation.errors import NotFound
from dispatch.notices import telling_once, wording
from dispatch.pages.citizen import shell
from dispatch.pages.notice import sending
from dispatch.pages.shared import answering, films, telling
from dispatch.pages.shared.calls import language, reading, refuse_forged
from dispatch.pages.shared.giving_notice import link_to, near_of

blueprint = Blueprint(
    "notice", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/notice"
)


@blueprint.context_processor
def _larger_type() -> dict[str, Any]:
    return {"elder": shell.elder()}


@blueprint.get("/notice/<code>")
def notice(code: str) -> str:
    """All that it takes, for whoever answered so; answers that do not fit are refused by name."""
    said = answering.read(request.args)
    with reading() as call:
        item = catalogue.item(call.session, code)
        found = telling_once.notice(call.session, item, said.answers, near_of(call.session, request.args))
        shown: dict[str, Any] = {
            "item": item,
            "sections": wording.sections(found, language()),
            "edition": wording.of_edition(found, language()),
            "made_on": wording.made_on(found, call.now, language()),
            "open": len(found.situation.open),
        }
    return render_template(
        "notice/notice.html",
        said=said,
        qr=telling.code_picture(link_to(found)),
        paper="slip" if request.args.get("paper") == "slip" else "a4",
        kept=_kept(),
        film=films.of(item),
        sms=sending.possible(),
        sent=sending.SENTENCES.get(request.args.get("sms", "")),
        changed="changed" in request.args,
        **shown,
    )


@blueprint.get("/n/<code>")
@blueprint.get("/n/<code>/<situation>")
def short(code: str, situation: str = "") -> AnyResponse:
    """From a slip or a message to the page; where the catalogue has changed, with the answers that still fit."""
    wanted = telling_once.answers_in(situation)
    with reading() as call:
        item = catalogue.item(call.session, code)
        fitting = situations.fitting(item, wanted)
    pairs = [*answering.Said(fitting).pairs, *([("changed", "1")] if fitting != wanted else [])]
    return redirect(_page(code, pairs), 302)


@blueprint.post("/notice/<code>/sms")
def send(code: str) -> AnyResponse:
    """Send the short link to a telephone."""
    refuse_forged()
    said = answering.read(request.form)
    with reading() as call:
        found = telling_once.notice(call.session, catalogue.item(call.session, code), said.answers)
    words = wording.message(found, link_to(found), language())
    outcome = sending.send(request.form.get("phone", "")[:30], words)
    return redirect(_page(code, [*said.pairs, ("sms", outcome)], "sms"), 303)


@blueprint.get("/notice/<code>/film")
def film(code: str) -> str:
    """The film that shows how it is done; NotFound where there is none."""
    with reading() as call:
        item = catalogue.item(call.session, code)
    found = films.of(item)
    if found is None:
        raise NotFound(what=code, field="item")
    films.let_in(found)
    return render_template("notice/film.html", item=item, film=found, said=answering.read(request.args))


def _page(code: str, pairs: answering.Pairs, anchor: str | None = None) -> str:
    query: dict[str, Any] = {}
    for key, value in pairs:
        query.setdefault(key, []).append(value)
    return url_for("notice.notice", code=code, _anchor=anchor, **query)


def _kept() -> list[tuple[str, str]]:
    """What a link to the same notice keeps, besides the answers."""
    return [(key, request.args[key]) for key in ("from", "near") if key in request.args]
