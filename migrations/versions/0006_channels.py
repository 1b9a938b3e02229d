"""How channels are used and ordered, dated lists of what halls do, people referred elsewhere, waits by kind of person."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

OPEN = sa.text("state = 'open'")
CHANNELS = "('app', 'web', 'kiosk', 'counter')"
REFERRED = sa.text("state = 'under_way' AND from_ticket IS NOT NULL")
ENDS = "'under_way', 'joined', 'cancelled', 'expired'"
ONE_STOP = """'[{"queue": "' || queue || '", "items": [], "after_s": 0}]'"""


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "channel_volume",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("came_back", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="channel_volume_channel"),
        sa.CheckConstraint("finished >= 0 AND finished <= used", name="channel_volume_finished"),
        sa.CheckConstraint("came_back >= 0 AND came_back <= used", name="channel_volume_came_back"),
        sa.ForeignKeyConstraint(["item"], ["item.code"]),
        sa.PrimaryKeyConstraint("source", "day", "item", "situation", "channel", "hall"),
    )
    op.create_index("channel_volume_of_day", "channel_volume", ["day"])
    op.create_index("channel_volume_of_hall", "channel_volume", ["hall", "day"])
    op.create_table(
        "volume_cursor",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "channel_figure",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("came_back", sa.Integer(), nullable=True),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.CheckConstraint(f"channel IN {CHANNELS}", name="channel_figure_channel"),
        sa.ForeignKeyConstraint(["item"], ["item.code"]),
        sa.PrimaryKeyConstraint("item", "situation", "channel"),
    )
    op.create_table(
        "order_proposal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("proposed_at", UtcTime(), nullable=False),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("undone_at", UtcTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=60), nullable=True),
        sa.Column("instead_of", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'rejected', 'lapsed', 'undone')", name="order_proposal_state"
        ),
        sa.ForeignKeyConstraint(["item"], ["item.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "revision",
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("part"),
    )
    partly: dict[str, Any] = {"sqlite_where": OPEN, "postgresql_where": OPEN}
    op.create_index("order_proposal_open", "order_proposal", ["item", "situation"], unique=True, **partly)
    op.create_index("order_proposal_of_item", "order_proposal", ["item", "situation", "decided_at"])
    op.create_table(
        "channel_order",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("situation", sa.String(length=200), nullable=False),
        sa.Column("proposal", sa.String(length=32), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["item.code"]),
        sa.ForeignKeyConstraint(["proposal"], ["order_proposal.id"]),
        sa.PrimaryKeyConstraint("item", "situation"),
    )
    op.create_table(
        "hall_list",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=True),
        sa.Column("counted_to", sa.Date(), nullable=True),
        sa.Column("published_at", UtcTime(), nullable=False),
        sa.Column("published_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('can', 'often')", name="hall_list_kind"),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("hall", "kind", "version"),
    )
    op.add_column("hall_forecast", sa.Column("newcomers", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("announcement", sa.Column("afar", sa.JSON(none_as_null=True), nullable=True))
    op.create_index("announced_hour_at", "announced_hour", ["at"])
    op.create_index("wait_score_of_day", "wait_score", ["day"])
    op.add_column("print_job", sa.Column("notice", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("print_job", sa.Column("journey", sa.String(length=32), nullable=True))
    with op.batch_alter_table("journey") as journey:
        journey.add_column(sa.Column("stops", sa.JSON(), nullable=False, server_default="[]"))
        journey.add_column(sa.Column("from_hall", sa.String(length=40), nullable=True))
        journey.add_column(sa.Column("from_ticket", sa.String(length=32), nullable=True))
        journey.drop_constraint("journey_state", type_="check")
        journey.create_check_constraint("journey_state", sa.text(f"state IN ({ENDS}, 'served')"))
    bind = op.get_bind()
    as_json = "::json" if bind.dialect.name == "postgresql" else ""
    bind.exec_driver_sql(f"UPDATE journey SET stops = ({ONE_STOP}){as_json}")  # noqa: S608 - both are ours
    op.create_index(
        "journey_from", "journey", ["from_hall"], sqlite_where=REFERRED, postgresql_where=REFERRED
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("revision")
    op.execute("DELETE FROM print_job WHERE notice IS NOT NULL OR journey IS NOT NULL")
    with op.batch_alter_table("print_job") as print_job:
        print_job.drop_column("journey")
        print_job.drop_column("notice")
    op.drop_index("wait_score_of_day", "wait_score")
    op.drop_index("announced_hour_at", "announced_hour")
    with op.batch_alter_table("announcement") as announcement:
        announcement.drop_column("afar")
    with op.batch_alter_table("hall_forecast") as hall_forecast:
        hall_forecast.drop_column("newcomers")
    op.drop_index("journey_from", "journey")
    op.execute("DELETE FROM journey WHERE state = 'served'")
    with op.batch_alter_table("journey") as journey:
        journey.drop_constraint("journey_state", type_="check")
        journey.create_check_constraint("journey_state", sa.text(f"state IN ({ENDS})"))
        for name in ("from_ticket", "from_hall", "stops"):
            journey.drop_column(name)
    op.drop_table("hall_list")
    op.drop_table("channel_order")
    op.drop_index("order_proposal_of_item", "order_proposal")
    op.drop_index("order_proposal_open", "order_proposal")
    op.drop_table("order_proposal")
    op.drop_table("channel_figure")
    op.drop_table("volume_cursor")
    op.drop_index("channel_volume_of_hall", "channel_volume")
    op.drop_index("channel_volume_of_day", "channel_volume")
    op.drop_table("channel_volume")
