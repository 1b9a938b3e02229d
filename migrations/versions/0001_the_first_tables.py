"""The first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""

    op.create_table(
        "bundle",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name="calendar_kind"),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "demo_clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city", UtcTime(), nullable=False),
        sa.Column("real", UtcTime(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.create_index("failed_sign_in_of", ["username", "at"], unique=False)

    op.create_table(
        "hall",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("tz", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("kiosks", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('hall', 'partner', 'kiosk_site')", name="hall_kind"),
        sa.CheckConstraint("level IN ('city', 'district', 'street', 'village')", name="hall_level"),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "item",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("department_en", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Double(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "kept_answer",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_at"), ["at"], unique=False)

    op.create_table(
        "log_entry",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "seq"),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index("log_entry_by_kind", ["hall", "kind", "at"], unique=False)

    op.create_table(
        "log_head",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hall"),
    )
    op.create_table(
        "person",
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_hash", sa.String(length=64), nullable=True),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_id_hash"), ["id_hash"], unique=False)

    op.create_table(
        "account",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("password", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=14), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "role IN ('clerk', 'guide', 'street', 'supervisor', 'administrator', 'auditor')",
            name="account_role",
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("kind IN ('board', 'kiosk', 'caller', 'printer')", name="device_kind"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "number_series",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("place", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "letter", "service_day"),
    )
    op.create_table(
        "placement",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.CheckConstraint("mode IN ('handle', 'receive', 'agent')", name="placement_mode"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "item"),
    )
    op.create_table(
        "queue",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "code"),
    )
    op.create_table(
        "window",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("staff", sa.String(length=40), nullable=True),
        sa.Column("heard_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name="window_state"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_window_hall"), ["hall"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account"), ["account"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.String(length=12), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("issued_at", UtcTime(), nullable=False),
        sa.Column("place", UtcTime(), nullable=False),
        sa.Column("called_at", UtcTime(), nullable=True),
        sa.Column("started_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.Column("window", sa.String(length=60), nullable=True),
        sa.Column("claim", sa.Integer(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.CheckConstraint("channel IN ('app', 'web', 'kiosk', 'counter')", name="ticket_channel"),
        sa.CheckConstraint(
            "priority IN ('soldier', 'firefighter', 'disabled', 'elderly', 'pregnant', 'with_infant', 'none')",
            name="ticket_priority",
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'called', 'serving', 'parked', 'moving', 'moved', 'finished', 'missed', 'cancelled', 'void', 'expired')",
            name="ticket_state",
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["person"],
            ["person.ref"],
        ),
        sa.ForeignKeyConstraint(
            ["window"],
            ["window.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hall", "service_day", "letter", "n", name="ticket_number"),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ticket_at_window",
            ["window"],
            unique=True,
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.create_index(
            "ticket_waiting",
            ["hall", "queue"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )


def downgrade() -> None:
    """Go back."""

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ticket_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "ticket_at_window",
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )

    op.drop_table("ticket")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_account"))

    op.drop_table("sign_in")
    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_window_hall"))

    op.drop_table("window")
    op.drop_table("queue")
    op.drop_table("placement")
    op.drop_table("number_series")
    op.drop_table("device")
    op.drop_table("account")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_id_hash"))

    op.drop_table("person")
    op.drop_table("log_head")
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.drop_index("log_entry_by_kind")

    op.drop_table("log_entry")
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_answer_at"))

    op.drop_table("kept_answer")
    op.drop_table("item")
    op.drop_table("hall")
    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.drop_index("failed_sign_in_of")

    op.drop_table("failed_sign_in")
    op.drop_table("demo_clock")
    op.drop_table("calendar_day")
    op.drop_table("bundle")
