"""What the forecaster has learned, announcements as they are kept for long, and people's own words."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

UNDER_WAY = sa.text("state = 'under_way'")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "taught_forecaster",
        sa.Column("format", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fitted_at", UtcTime(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("format"),
    )
    with op.batch_alter_table("announcement") as announcement:
        announcement.add_column(sa.Column("simulated", sa.JSON(), nullable=True))
        announcement.add_column(sa.Column("boosted", sa.JSON(), nullable=True))
    op.create_table(
        "announced_hour",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("ahead_min", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("point_s", sa.Integer(), nullable=False),
        sa.Column("low_s", sa.Integer(), nullable=False),
        sa.Column("high_s", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall", "at", "queue", "ahead_min"),
    )
    op.create_table(
        "route",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_route_expires_at", "route", ["expires_at"])
    op.create_table(
        "word_group",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.CheckConstraint("role IN ('thing', 'deed', 'hint', 'filler', 'other')", name="word_group_role"),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "unfound",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("key", "day"),
    )
    op.create_index("unfound_of_day", "unfound", ["day"])
    op.create_table(
        "journey",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("begun_at", UtcTime(), nullable=False),
        sa.Column("arrives_at", UtcTime(), nullable=False),
        sa.Column("spread_s", sa.Float(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("ticket", sa.String(length=32), nullable=True),
        sa.CheckConstraint("state IN ('under_way', 'joined', 'cancelled', 'expired')", name="journey_state"),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    partly: dict[str, Any] = {"sqlite_where": UNDER_WAY, "postgresql_where": UNDER_WAY}
    op.create_index("journey_under_way", "journey", ["hall", "queue"], **partly)
    op.create_index("journey_until", "journey", ["until"], **partly)
    op.create_index("journey_of_route", "journey", ["route"], unique=True, **partly)
    op.create_index("journey_begun", "journey", ["begun_at"])
    op.create_index("journey_ended", "journey", ["ended_at"])
    op.create_table(
        "journey_show",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("comes", sa.Float(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hall"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("journey_show")
    for name in ("journey_ended", "journey_begun", "journey_of_route", "journey_until", "journey_under_way"):
        op.drop_index(name, "journey")
    op.drop_table("journey")
    op.drop_index("unfound_of_day", "unfound")
    op.drop_table("unfound")
    op.drop_table("word_group")
    op.drop_index("ix_route_expires_at", "route")
    op.drop_table("route")
    op.drop_table("announced_hour")
    with op.batch_alter_table("announcement") as announcement:
        announcement.drop_column("boosted")
        announcement.drop_column("simulated")
    op.drop_table("taught_forecaster")
