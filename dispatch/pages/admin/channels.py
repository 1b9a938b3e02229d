"""How people fare with each channel, which order that speaks for, and what somebody decides on it."""

from collections import defaultdict

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.catalogue.volumes import summing, taking
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.words import local
from dispatch.halls import finding as halls
from dispatch.pages.admin.channels_told import (
    STATES,
    FigureTold,
    ItemTold,
    ProposalTold,
    SourceTold,
    figures_told,
    order_told,
    row_told,
    situation_told,
    why_told,
)
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, effect, language, reading
from dispatch.people.models import Account
from dispatch.routing.ordering import deciding, finding
from dispatch.routing.ordering.models import OrderProposal
from dispatch.routing.ordering.proposing import general_order

ROOM, DECIDE, IMPORT = "channels", "channels.decide", "import.city"
VERBS = {"approve": deciding.approve, "reject": deciding.reject, "undo": deciding.undo}
PRETEND = "pretend"
"""The source of the demo."""
MOST_DECIDED = 100
MOST_REFUSED = 200


@blueprint.get("/admin/channels")
def show_channels() -> Response:
    """Proposals that wait, orders in force, what was decided before, and last night's figures."""
    with reading() as call:
        desk = enter(call, ROOM)
        told = _Telling(call.session)
        sources = [SourceTold(*each) for each in summing.sources(call.session)]
        shown = {
            "waiting": [told.proposal(row) for row in finding.open_proposals(call.session)],
            "decided": [told.proposal(row) for row in finding.decided(call.session, MOST_DECIDED)],
            "items": told.items(),
            "span": told.span,
            "sources": sources,
            "pretended": any(each.name == PRETEND for each in sources),
            "may_decide": _may_decide(call),
            "may_import": call.actor.may(IMPORT),
        }
    return page("admin/channels/channels.html", desk, **shown)


@blueprint.post("/admin/channels/<ident>/<verb>")
def decide_order(ident: str, verb: str) -> AnyResponse:
    """Approve, reject or undo a proposal: it holds in every hall, so for somebody of the whole city."""

    def do(call: Call) -> str:
        halls.require_city(call.session, call.actor, DECIDE)
        if verb not in VERBS:
            raise NotFound(what=verb)
        row = finding.proposal(call.session, ident, hold=True)
        VERBS[verb](call.session, row, now=call.now, actor=call.actor)
        return f"/admin/channels?done={verb}"

    return press(do)


@blueprint.get("/admin/channels/import")
def choose_channels() -> Response:
    """Choose a file of counts."""
    with reading() as call:
        desk = enter(call, ROOM)
        require(call.actor, IMPORT)
    return page("admin/channels/import.html", desk, taken=None, source="file")


@blueprint.post("/admin/channels/import")
def import_channels() -> Response:
    """Take the counts of a file; sent twice it changes nothing more, so that the form needs no key."""
    source = request.form.get("source", "").strip()
    with effect() as call:
        desk = enter(call, ROOM)
        require(call.actor, IMPORT)
        today = halls.city_day(call.session, call.now)
        text = _text()
        taken = taking.take_file(call.session, text, source, today=today, now=call.now, actor=call.actor)
    refused = [(each.line, each.said(language())) for each in taken.refused]
    return page(
        "admin/channels/import.html",
        desk,
        taken=taken,
        source=source,
        refused=refused[:MOST_REFUSED],
    )


class _Telling:
    """What one look at the page needs to put rows into words."""

    def __init__(self, session: Session) -> None:
        self._lang = language()
        self._zone = halls.city_zone(session)
        self._names = {row.id: row.username for row in session.execute(select(Account.id, Account.username))}
        self._in_force = finding.in_force(session)
        self._figures = finding.figures(session)
        proposed = {
            row.item for row in (*finding.open_proposals(session), *finding.decided(session, MOST_DECIDED))
        }
        codes = proposed | {row.item for row in self._figures}
        self._items = {item.code: item for item in catalogue.items_ever(session, codes)}
        first = next(iter(self._figures), None)
        self.span = (first.first_day, first.last_day) if first else None

    def proposal(self, row: OrderProposal) -> ProposalTold:
        """One proposal."""
        item, lang = self._items[row.item], self._lang
        order = self._in_force.get((row.item, row.situation))
        return ProposalTold(
            row=row,
            name=local(item, lang),
            situation=situation_told(item, row.situation, lang),
            before=order_told(row.before, item, lang),
            after=order_told(row.after, item, lang),
            why=why_told(row, lang),
            figures=figures_told(row.figures, row.before, lang),
            state=STATES.get(row.state, ""),
            proposed_at=row.proposed_at.astimezone(self._zone),
            decided_at=row.decided_at and row.decided_at.astimezone(self._zone),
            decided_by=self._who(row.decided_by),
            undone_at=row.undone_at and row.undone_at.astimezone(self._zone),
            undone_by=self._who(row.undone_by),
            in_force=order is not None and order.proposal == row.id,
        )

    def items(self) -> list[ItemTold]:
        """Every item and situation with figures, the most used first."""
        by_key: defaultdict[tuple[str, str], dict[str, FigureTold]] = defaultdict(dict)
        for row in self._figures:
            by_key[row.item, row.situation][row.channel] = row_told(row, self._lang)
        found = [self._item(self._items[item], situation, of) for (item, situation), of in by_key.items()]
        most: defaultdict[str, int] = defaultdict(int)
        for each in found:
            most[each.code] = max(most[each.code], each.used)
        return sorted(found, key=lambda each: (-most[each.code], each.code, each.situation))

    def _item(self, item: Item, situation: str, figures: dict[str, FigureTold]) -> ItemTold:
        row = self._in_force.get((item.code, situation))
        order = row.channels if row else general_order(item, situation) or ()
        return ItemTold(
            item.code,
            local(item, self._lang),
            situation_told(item, situation, self._lang),
            order_told(order, item, self._lang),
            row is not None,
            sum(each.used for each in figures.values()),
            figures,
        )

    def _who(self, actor: str | None) -> str:
        kind, _, ident = (actor or "").partition(":")
        return self._names.get(ident, ident[:8]) if kind == "staff" else (actor or "")


def _text() -> str:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadInput(reason="file", field="file")
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(reason="UTF-8", field="file") from error


def _may_decide(call: Call) -> bool:
    tops = [place for place in halls.all_halls(call.session) if place.parent is None]
    return all(call.actor.may(DECIDE, place.path) for place in tops)
