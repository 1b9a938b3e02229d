"""The logs: whether their newest entries follow on each other, and whether their heads are signed and witnessed."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.log import LogHead
from dispatch.foundation.settings import Settings
from dispatch.wiring.heads.handing_on import UNSIGNED, UNWITNESSED, unsigned, unwitnessed
from dispatch.wiring.soundness.trouble import Trouble

NEWEST = 50
"""Entries of each log that are looked at; all of them are verify-log's work."""


def newest_entries(session: Session) -> str:
    """Say that every log's newest entries hold together; Trouble at the first that does not."""
    looked_at = logs = 0
    for head in session.scalars(select(LogHead).order_by(LogHead.hall)):
        entries = log.entries_after(session, head.hall, head.seq - NEWEST)
        prev = entries[0].prev if entries and entries[0].seq > 1 else log.NO_HASH
        for entry in entries:
            if entry.prev != prev or entry.hash != log.chain(entry.prev, entry.body):
                raise _broken(head.hall, entry.seq)
            prev = entry.hash
        if prev != head.hash:
            raise _broken(head.hall, head.seq)
        logs, looked_at = logs + 1, looked_at + len(entries)
    return f"the newest {looked_at} entries of {logs} logs hold together"


def heads(settings: Settings, real_now: datetime) -> Iterator[Trouble]:
    """What is wrong with the signed heads kept on this machine."""
    signed = unsigned(settings, real_now=real_now)
    if signed is not None and signed > UNSIGNED:
        said = f"no head has been signed for {signed.total_seconds() / 60:.0f} minutes"
        yield Trouble(said, "look for `sign_heads` in the log of clock, and for room on its disk")
    waiting = unwitnessed(settings, real_now=real_now)
    if waiting is not None and waiting > UNWITNESSED:
        said = f"the witness has had no head for {waiting.total_seconds() / 60:.0f} minutes"
        yield Trouble(
            said, "look whether TONGBAN_WITNESS_URL answers, and for `hand_on_heads` in the log of clock"
        )


def _broken(hall: str, seq: int) -> Trouble:
    return Trouble(
        f"the log of {hall} is broken at {seq}", f"tell the auditor; tongban verify-log --hall {hall}"
    )
