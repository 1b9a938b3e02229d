"""The scheduled jobs on the administrator's overview."""

from datetime import timedelta

import pytest

from dispatch.foundation import clock
from dispatch.foundation.jobs import JobLeader, JobState
from dispatch.foundation.words import translate
from dispatch.pages.admin import scheduled
from dispatch.wiring.clockwork.jobs import FORECASTS, JOBS
from tests.pages.api.office import Office

ALL_WELL = "定时任务都在按时做"


@pytest.mark.parametrize("job", [*JOBS, *FORECASTS], ids=lambda job: job.name)
def test_every_job_has_its_words(job: object) -> None:
    words = scheduled.JOBS[job.name]  # type: ignore[attr-defined]
    assert translate("en", words) != words


def lead(api: Office, *, silent_s: float = 0) -> None:
    """Let both roles be at work; the clock was last heard of so long ago."""
    now = clock.real_now()
    with api.web.database.work() as session:
        for role, ago in (("clock", silent_s), ("forecast", 0)):
            heard = now - timedelta(seconds=ago)
            session.merge(JobLeader(role=role, leader=f"{role} here 1", term=1, since=heard, heard=heard))


def overview(api: Office, who: str = "administrator") -> str:
    browser, _ = api.browser(who)
    page = browser.get("/admin")
    assert page.status_code == 200
    return page.text


def test_an_administrator_sees_what_does_not_run(api: Office) -> None:
    assert "定时进程没有开" in overview(api)
    lead(api)
    assert ALL_WELL in overview(api)
    assert "定时进程" not in overview(api)
    lead(api, silent_s=200)
    assert "定时进程停住了,已经 3 分钟没有动静" in overview(api)
    assert ALL_WELL not in overview(api)


def test_a_job_that_fails_is_named(api: Office) -> None:
    lead(api)
    now = clock.real_now()
    row = {"every_s": 1, "longest_s": 60, "started_at": now, "ended_at": now, "outcome": "failed"}
    with api.web.database.work() as session:
        since = now - timedelta(seconds=90)
        session.merge(JobState(name="hear", role="clock", error="KeyError", failing_since=since, **row))
    assert "“听各厅的消息”做不成,已经 90 秒了" in overview(api)


def test_others_are_not_told(api: Office) -> None:
    page = overview(api, "supervisor")
    assert "定时" not in page
