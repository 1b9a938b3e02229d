"""From an item, or a bundle, to the exact situation: a question on each screen, then what it takes."""

from flask import render_template, request

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Bundle, Item
from dispatch.pages.citizen import showing
from dispatch.pages.citizen.shell import blueprint, keep
from dispatch.pages.shared import answering
from dispatch.pages.shared.answering import ANSWERS, UNSURE, Said, Step
from dispatch.pages.shared.calls import reading

MISFIT = 422
"""Answers that the catalogue does not know, or no longer: they are asked anew."""


@blueprint.get("/items/<code>")
def item(code: str) -> tuple[str, int]:
    """One item: the next question about it, or what it takes in this situation."""
    with reading() as call:
        row = catalogue.item(call.session, code)
        said, status = _said(row)
        step = answering.step(row, said)
        told = showing.item_told(call, row, said) if step is None else None
        around = showing.bundles_of(call, row) if step is None else []
    if step is not None:
        return _question(row, step, f"/items/{code}", status)
    page = render_template(
        "citizen/item.html",
        item=told,
        said=said,
        bundles=around,
        tab="find",
        back=_back(f"/items/{code}", answering.before(row, said)),
        keep=keep(ANSWERS, UNSURE),
    )
    return page, status


@blueprint.get("/bundles/<code>")
def bundle(code: str) -> tuple[str, int]:
    """Several items as one: the next question about them, or which of them it takes in this situation."""
    with reading() as call:
        row = catalogue.bundle(call.session, code)
        said, status = _said(row)
        step = answering.step(row, said)
        told = showing.bundle_told(call, row, said) if step is None else None
    if step is not None:
        return _question(row, step, f"/bundles/{code}", status)
    page = render_template(
        "citizen/bundle.html",
        bundle=told,
        tab="find",
        back=_back(f"/bundles/{code}", answering.before(row, said)),
        keep=keep(ANSWERS, UNSURE),
    )
    return page, status


def _said(of: Item | Bundle) -> tuple[Said, int]:
    """What the address says as far as it fits, and the status that tells whether all of it did."""
    brought = answering.read(request.args)
    said = answering.fitting(of, brought)
    return said, 200 if said.answers == dict(brought.answers) else MISFIT


def _question(of: Item | Bundle, step: Step, action: str, status: int) -> tuple[str, int]:
    page = render_template(
        "citizen/question.html",
        of=of,
        step=step,
        action=action,
        misfit=status == MISFIT,
        tab="find",
        back=_back(action, step.before),
        keep=keep(ANSWERS, UNSURE),
    )
    return page, status


def _back(action: str, before: Said | None) -> str:
    """One screen back: the question before, or the finder."""
    if before is None:
        return "/items"
    return f"{action}?{before.query}" if before.query else action
