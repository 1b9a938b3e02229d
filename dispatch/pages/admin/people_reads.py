"""Who looked at which person's data, when and why: for the auditor."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy import select

from dispatch.foundation.errors import BadInput
from dispatch.pages.admin import people_words as words
from dispatch.pages.admin.shell import Desk, blueprint, enter, page
from dispatch.pages.shared.calls import reading
from dispatch.people import reading as looking
from dispatch.people.models import Account, PersonRead

ROOM = "reads"
MOST = 100


@blueprint.get("/admin/reads")
def reads() -> Response:
    """The access rows that fit the filter, the latest first, a hundred on a page."""
    after = max(0, int(said)) if (said := request.args.get("after", "0")).isdecimal() else 0
    with reading() as call:
        desk = enter(call, ROOM)
        names = {row.id: row.username for row in call.session.execute(select(Account.id, Account.username))}
        by = request.args.get("by", "").strip()
        zone = _zone(desk)
        rows = looking.reads(
            call.session,
            actor=_actor(names, by),
            kind=_one_of("kind", words.KINDS),
            reason=_one_of("reason", words.REASONS),
            since=_day(zone, "since"),
            until=_day(zone, "until", days=1),
            by_staff_of=call.actor.paths,
            after=after,
            limit=MOST + 1,
        )
        shown = [_row(row, names, zone) for row in rows[:MOST]]
    asked = {name: value for name, value in request.args.items() if name not in ("after", "lang")}
    return page(
        "admin/people/reads.html",
        desk,
        rows=shown,
        kinds=words.KINDS,
        reasons=words.REASONS,
        asked=asked,
        following=after + MOST if len(rows) > MOST else None,
        before=max(0, after - MOST) if after else None,
    )


def _row(row: PersonRead, names: dict[str, str], zone: ZoneInfo) -> dict[str, object]:
    kind, _, ident = row.actor.partition(":")
    return {
        "at": row.at.astimezone(zone),
        "by": names.get(ident, ident[:8]) if kind == "staff" else row.actor,
        "kind": words.KINDS[row.kind],
        "reason": words.REASONS[row.reason],
        "note": row.note or "",
        "ref": row.ref,
        "fields": [words.FIELDS[name] for name in row.fields if name in words.FIELDS],
    }


def _actor(names: dict[str, str], by: str) -> str | None:
    """How the rows name somebody, from his user name; a name nobody has finds nothing."""
    if not by:
        return None
    return next((f"staff:{ident}" for ident, name in names.items() if name == by), f"staff:{by}")


def _one_of(name: str, known: Mapping[str, str]) -> str | None:
    said = request.args.get(name, "")
    return said if said and said in known else None


def _day(zone: ZoneInfo, name: str, days: int = 0) -> datetime | None:
    said = request.args.get(name, "")
    if not said:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(said).date() + timedelta(days=days), time(), zone)
    except (ValueError, OverflowError) as error:
        raise BadInput(reason=said[:40], field=name) from error


def _zone(desk: Desk) -> ZoneInfo:
    return ZoneInfo(desk.hall.tz if desk.hall else "Asia/Shanghai")
