"""The tables of many processes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "city_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city", sa.String(length=32), nullable=False),
        sa.Column("keyed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name="city_identity_one"),
        sa.PrimaryKeyConstraint("id"),
    )

    op.create_table(
        "job_leader",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("heard", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("role"),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("longest_s", sa.Integer(), nullable=False),
        sa.Column("planned_at", UtcTime(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.Column("failing_since", UtcTime(), nullable=True),
        sa.CheckConstraint("outcome IN ('ok', 'failed')", name="job_outcome"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("planned_at", UtcTime(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=False),
        sa.Column("leader", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.CheckConstraint("outcome IN ('ok', 'failed')", name="job_run_outcome"),
        sa.PrimaryKeyConstraint("job", "planned_at"),
    )
    with op.batch_alter_table("job_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "policy_preview",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'working', 'done', 'failed')", name="policy_preview_state"),
        sa.ForeignKeyConstraint(["hall"], ["hall.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("policy_preview", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_preview_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index(
            "policy_preview_open",
            ["asked_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('asked', 'working')"),
            postgresql_where=sa.text("state IN ('asked', 'working')"),
        )


def downgrade() -> None:
    """Go back."""
    op.drop_table("policy_preview")
    op.drop_table("job_run")
    op.drop_table("job")
    op.drop_table("job_leader")
    op.drop_table("city_identity")
