"""All scheduled jobs in one table. Each does its work in the rooms' verbs and may be run twice without harm."""

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.foundation.database import Database
from dispatch.wiring import (
    following_journeys,
    forecasting_waits,
    forgetting,
    keeping_hours,
    keeping_places,
    learning_halls,
    listening,
    previewing_policies,
    printing,
    reviewing_channels,
    rolling_up_announcements,
    scoring_waits,
    teaching_forecaster,
    templating,
)
from dispatch.wiring.heads import handing_on, signing


@dataclass(frozen=True)
class Job:
    """Something done again and again, every so many real seconds; one that takes longer than `longest_s` hangs."""

    name: str
    every_s: int
    run: Callable[[Database], None]
    longest_s: int = 60


JOBS = (
    Job("hear", 1, listening.Hearing().hear_all),
    Job("lapse_leases", 3, keeping_places.lapse_leases),
    Job("return_moves", 15, keeping_places.return_moves),
    Job("expire_journeys", 30, following_journeys.expire_journeys),
    Job("end_served_journeys", 5, following_journeys.end_served_journeys),
    Job("weigh_journeys", 3600, following_journeys.weigh_journeys, longest_s=300),
    Job("end_service_days", 60, keeping_hours.end_service_days, longest_s=300),
    Job("forget_old", 3600, forgetting.forget_old, longest_s=900),
    Job("keep_outages", 5, keeping_hours.keep_outages),
    Job("settle_closings", 10, keeping_hours.settle_closings),
    Job("take_templates", 10, templating.take_effect),
    Job("print_tickets", 1, printing.print_tickets),
    Job("watch_printers", 15, printing.watch_printers, longest_s=120),
    Job("sign_heads", 60, signing.sign_heads),
    Job("hand_on_heads", 15, handing_on.hand_on_heads, longest_s=180),
    Job("review_channels", 600, reviewing_channels.review_channels, longest_s=900),
)

_TEACHING = teaching_forecaster.Teaching()
FORECASTS = (
    Job("regulate_intake", 30, keeping_hours.regulate_intake, longest_s=120),
    Job("preview_policies", 1, previewing_policies.preview_policies, longest_s=120),
    Job("forecast_waits", 5, forecasting_waits.Foretelling(_TEACHING.newest).forecast_waits, longest_s=120),
    Job("learn", 60, learning_halls.learn_halls, longest_s=120),
    Job("pool_halls", 600, learning_halls.pool_halls, longest_s=900),
    Job("score_waits", 600, scoring_waits.score_waits, longest_s=900),
    Job("teach_forecaster", 60, _TEACHING.teach_forecaster, longest_s=1800),
    Job("roll_up_announcements", 3600, rolling_up_announcements.roll_up_announcements, longest_s=300),
)
"""What computes ahead, and so runs in a process of its own."""
