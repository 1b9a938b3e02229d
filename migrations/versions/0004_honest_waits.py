"""The tables of honest waits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

ASIDE = sa.text("state IN ('missed', 'parked')")


def upgrade() -> None:
    """Go forward."""
    op.create_index(
        "ticket_aside", "ticket", ["hall", "service_day"], sqlite_where=ASIDE, postgresql_where=ASIDE
    )
    op.create_table(
        "learned",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "part"),
    )
    op.create_table(
        "hall_forecast",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False),
        sa.Column("as_of", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("arrivals", sa.JSON(), nullable=False),
        sa.Column("tickets", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall"),
    )
    op.create_table(
        "announcement",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("ahead_min", sa.Integer(), nullable=False),
        sa.Column("point_s", sa.Integer(), nullable=False),
        sa.Column("low_s", sa.Integer(), nullable=False),
        sa.Column("high_s", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("based_on", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall", "at", "queue", "ahead_min"),
    )
    op.create_table(
        "wait_score",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("ahead_min", sa.Integer(), nullable=False),
        sa.Column("predictor", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("off_s", sa.BigInteger(), nullable=False),
        sa.Column("over_s", sa.BigInteger(), nullable=False),
        sa.Column("within_5_min", sa.Integer(), nullable=False),
        sa.Column("ranged", sa.Integer(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("width_s", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall", "day", "hour", "ahead_min", "predictor"),
    )
    op.create_table(
        "wait_scored_day",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall", "day"),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("wait_scored_day")
    op.drop_table("wait_score")
    op.drop_table("announcement")
    op.drop_table("hall_forecast")
    op.drop_table("learned")
    op.drop_index("ticket_aside", "ticket")
