"""The tables of a hall in full."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from dispatch.foundation.tables import UtcTime

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "listener_cursor",
        sa.Column("listener", sa.String(length=40), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("listener", "hall"),
    )
    op.create_table(
        "person_read",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("kind IN ('unmask', 'correct', 'export', 'erase')", name="person_read_kind"),
        sa.CheckConstraint(
            "reason IN ('service', 'enquiry', 'complaint', 'correction', 'request', 'audit', 'other')",
            name="person_read_reason",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("person_read", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_read_at"), ["at"], unique=False)
        batch_op.create_index("person_read_by", ["actor", "at"], unique=False)
        batch_op.create_index("person_read_of", ["ref", "at"], unique=False)

    op.create_table(
        "rate_bucket",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("left", sa.Float(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("rate_bucket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rate_bucket_at"), ["at"], unique=False)

    op.create_table(
        "skill_kind",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=140), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("wrong_code", schema=None) as batch_op:
        batch_op.create_index("wrong_code_of", ["who", "at"], unique=False)

    op.create_table(
        "call_receipt",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("board", sa.String(length=40), nullable=True),
        sa.Column("shown_at", UtcTime(), nullable=True),
        sa.Column("spoken_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "epoch", "seq"),
    )
    op.create_table(
        "enquiry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("bundle", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('desk', 'phone', 'chat', 'code')", name="enquiry_kind"),
        sa.ForeignKeyConstraint(
            ["bundle"],
            ["bundle.code"],
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.create_index("enquiry_of_day", ["hall", "day"], unique=False)

    op.create_table(
        "hall_day",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("openings", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("note_en", sa.String(length=300), nullable=True),
        sa.Column("closed_from", UtcTime(), nullable=True),
        sa.Column("closed_why", sa.String(length=10), nullable=True),
        sa.Column("afterwards", sa.String(length=8), nullable=True),
        sa.Column("to_hall", sa.String(length=40), nullable=True),
        sa.Column("closed_note", sa.String(length=200), nullable=True),
        sa.Column("closed_note_en", sa.String(length=300), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("afterwards IN ('serve', 'move', 'notify')", name="hall_day_afterwards"),
        sa.CheckConstraint("kind IN ('ordinary', 'duty', 'shortened', 'closed')", name="hall_day_kind"),
        sa.CheckConstraint(
            "reason IN ('system', 'power', 'network', 'equipment', 'staff', 'weather', 'security', 'other')",
            name="hall_day_reason",
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["to_hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "day"),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=True),
        sa.Column("city", sa.String(length=32), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("note_en", sa.String(length=300), nullable=True),
        sa.Column("began_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('system', 'power', 'network', 'equipment', 'staff', 'weather', 'security', 'other')",
            name="outage_reason",
        ),
        sa.ForeignKeyConstraint(
            ["city"],
            ["outage.id"],
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.create_index(
            "outage_live",
            ["hall"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "skill_needed",
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("skill", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="skill_needed_grade"),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.code"],
        ),
        sa.ForeignKeyConstraint(
            ["skill"],
            ["skill_kind.code"],
        ),
        sa.PrimaryKeyConstraint("item", "skill"),
    )
    op.create_table(
        "template",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent", sa.String(length=40), nullable=True),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.CheckConstraint("level IN ('city', 'district')", name="template_level"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["template.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "zone",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("letters", sa.JSON(), nullable=False),
        sa.Column("voice", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("hall", "code"),
    )
    op.create_table(
        "duty_day",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=60), nullable=True),
        sa.Column("office", sa.String(length=60), nullable=False),
        sa.Column("office_en", sa.String(length=140), nullable=False),
        sa.Column("every", sa.String(length=5), nullable=False),
        sa.Column("on_day", sa.Integer(), nullable=False),
        sa.Column("if_closed", sa.String(length=4), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.CheckConstraint("every IN ('month', 'week')", name="duty_day_every"),
        sa.CheckConstraint("if_closed IN ('next', 'skip')", name="duty_day_if_closed"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["window"],
            ["window.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("duty_day", schema=None) as batch_op:
        batch_op.create_index("duty_day_in", ["hall"], unique=False)

    op.create_table(
        "hall_template",
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=True),
        sa.Column("overrides", sa.JSON(), nullable=False),
        sa.Column("displaced", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["template"],
            ["template.code"],
        ),
        sa.PrimaryKeyConstraint("hall"),
    )
    with op.batch_alter_table("hall_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hall_template_template"), ["template"], unique=False)

    op.create_table(
        "leave",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", UtcTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('annual', 'sick', 'personal', 'family', 'training', 'errand')", name="leave_kind"
        ),
        sa.CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn')", name="leave_state"),
        sa.CheckConstraint("starts < ends", name="leave_span"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index("leave_in", ["hall", "ends"], unique=False)
        batch_op.create_index("leave_of", ["account", "ends"], unique=False)

    op.create_table(
        "permission_grant",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("permission", sa.String(length=30), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=True),
        sa.Column("allow", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("permission_grant", schema=None) as batch_op:
        batch_op.create_index("permission_grant_of", ["account"], unique=False)

    op.create_table(
        "post",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("starts < ends", name="post_span"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index("post_at", ["hall", "ends"], unique=False)
        batch_op.create_index("post_of", ["account", "ends"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account", "digest"),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=60), nullable=True),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("breaks", sa.JSON(), nullable=False),
        sa.Column("planned_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("starts < ends", name="shift_span"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["window"],
            ["window.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index("shift_at", ["window", "ends"], unique=False)
        batch_op.create_index("shift_in", ["hall", "ends"], unique=False)
        batch_op.create_index("shift_of", ["account", "ends"], unique=False)

    op.create_table(
        "skill",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("skill", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=True),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="skill_grade"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["skill"],
            ["skill_kind.code"],
        ),
        sa.PrimaryKeyConstraint("account", "skill"),
    )
    op.create_table(
        "template_rollout",
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("state IN ('due', 'held', 'done', 'overtaken')", name="template_rollout_state"),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["template"],
            ["template.code"],
        ),
        sa.PrimaryKeyConstraint("template", "version", "hall"),
    )
    with op.batch_alter_table("template_rollout", schema=None) as batch_op:
        batch_op.create_index("template_rollout_open", ["state"], unique=False)

    op.create_table(
        "template_version",
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("effective_from", UtcTime(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("locked", sa.JSON(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'planned', 'live', 'superseded')", name="template_version_state"
        ),
        sa.ForeignKeyConstraint(
            ["template"],
            ["template.code"],
        ),
        sa.PrimaryKeyConstraint("template", "version"),
    )
    with op.batch_alter_table("template_version", schema=None) as batch_op:
        batch_op.create_index("template_version_due", ["state", "effective_from"], unique=False)

    op.create_table(
        "device_pairing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=False),
        sa.Column("user_digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("polled_at", UtcTime(), nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('board', 'kiosk', 'caller', 'printer', 'pad')", name="pairing_kind"),
        sa.CheckConstraint("state IN ('pending', 'approved', 'denied', 'taken')", name="pairing_state"),
        sa.ForeignKeyConstraint(["device"], ["device.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device_digest"),
        sa.UniqueConstraint("user_digest"),
    )
    op.create_table(
        "holding",
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("person", "item"),
    )
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holding_ticket"), ["ticket"], unique=False)

    op.create_table(
        "papers_held",
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("ticket"),
    )
    op.create_table(
        "precheck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(length=8), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.CheckConstraint("result IN ('pass', 'later', 'not_yet')", name="precheck_result"),
        sa.ForeignKeyConstraint(
            ["item"],
            ["item.code"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("precheck", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_precheck_ticket"), ["ticket"], unique=False)

    op.create_table(
        "print_job",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket", sa.String(length=32), nullable=True),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("base", sa.String(length=200), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("trouble", sa.String(length=12), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("taken_at", UtcTime(), nullable=True),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'printing', 'printed', 'failed')", name="print_job_state"),
        sa.CheckConstraint(
            "trouble IN ('paper', 'printer', 'unreachable', 'too_late', 'other')", name="print_job_trouble"
        ),
        sa.ForeignKeyConstraint(["device"], ["device.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index("print_job_of", ["ticket", "asked_at"], unique=False)
        batch_op.create_index(
            "print_job_open",
            ["device"],
            unique=False,
            sqlite_where=sa.text("state IN ('queued', 'printing')"),
            postgresql_where=sa.text("state IN ('queued', 'printing')"),
        )

    op.create_table(
        "rating",
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("hall", sa.String(length=40), nullable=False),
        sa.Column("window", sa.String(length=60), nullable=False),
        sa.Column("service_day", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=18), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("given_by", sa.String(length=8), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.CheckConstraint("given_by IN ('pad', 'holder')", name="rating_given_by"),
        sa.CheckConstraint(
            "level IN ('very_satisfied', 'satisfied', 'fair', 'dissatisfied', 'very_dissatisfied')",
            name="rating_level",
        ),
        sa.ForeignKeyConstraint(
            ["hall"],
            ["hall.code"],
        ),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.ForeignKeyConstraint(
            ["window"],
            ["window.id"],
        ),
        sa.PrimaryKeyConstraint("ticket"),
    )
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.create_index("rating_of_day", ["hall", "service_day"], unique=False)

    op.create_table(
        "spent_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["device"], ["device.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("spent_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_token_device"), ["device"], unique=False)

    op.create_table(
        "ticket_fetch",
        sa.Column("ticket", sa.String(length=32), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket"],
            ["ticket.id"],
        ),
        sa.PrimaryKeyConstraint("ticket", "claim"),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("duty", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("totp", sa.LargeBinary(), nullable=True))
        batch_op.add_column(
            sa.Column("totp_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(sa.Column("enrolled_at", UtcTime(), nullable=True))
        batch_op.drop_column("scope")

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window", sa.String(length=60), nullable=True))
        batch_op.add_column(
            sa.Column("name", sa.String(length=40), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(sa.Column("abilities", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("items", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=120), nullable=True))
        batch_op.add_column(
            sa.Column("paper", sa.String(length=4), server_default=sa.text("'ok'"), nullable=False)
        )
        batch_op.add_column(sa.Column("faults", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("state", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("skew_s", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("heard_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("help_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("receipt", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("receipt_at", UtcTime(), nullable=True))
        batch_op.add_column(
            sa.Column("session", sa.String(length=32), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("generation", sa.Integer(), server_default=sa.text("1"), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "turned_at", UtcTime(), server_default=sa.text("'2026-01-01 00:00:00.000000'"), nullable=False
            )
        )
        batch_op.add_column(sa.Column("salt", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("old_digest", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("old_until", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("nonce", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("spent", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("spent_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("cloned_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("revoked_at", UtcTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_device_hall"), ["hall"], unique=False)
        batch_op.create_unique_constraint("device_old_digest", ["old_digest"])
        batch_op.create_foreign_key("device_window", "window", ["window"], ["id"])

    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgiven", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(batch_op.f("ix_failed_sign_in_at"), ["at"], unique=False)

    with op.batch_alter_table("hall", schema=None) as batch_op:
        batch_op.add_column(sa.Column("policy", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("seasons", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("name_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("index_key", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.create_index(batch_op.f("ix_person_index_key"), ["index_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_name_hash"), ["name_hash"], unique=False)

    with op.batch_alter_table("queue", schema=None) as batch_op:
        batch_op.add_column(sa.Column("zone", sa.String(length=20), nullable=True))
        batch_op.add_column(
            sa.Column("intake", sa.String(length=8), server_default=sa.text("'open'"), nullable=False)
        )
        batch_op.add_column(sa.Column("intake_reason", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("intake_until", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("intake_note", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("intake_note_en", sa.String(length=300), nullable=True))

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended", UtcTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sign_in_at"), ["at"], unique=False)

    with op.batch_alter_table(
        "ticket", schema=None, naming_convention={"fk": "%(table_name)s_%(column_0_name)s_fkey"}
    ) as batch_op:
        batch_op.add_column(sa.Column("seat", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("stage", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch_op.add_column(sa.Column("parked_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("kept_for", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("kept_until", UtcTime(), nullable=True))
        batch_op.add_column(
            sa.Column("reactivated", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(sa.Column("passed", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("booked_for", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("arrived_at", UtcTime(), nullable=True))
        batch_op.add_column(sa.Column("moved_from", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("moved_to", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("before", sa.JSON(none_as_null=True), nullable=True))
        batch_op.drop_index(
            batch_op.f("ticket_at_window"), sqlite_where=sa.text("state IN ('called', 'serving')")
        )
        batch_op.create_index(
            "ticket_at_window",
            ["window", "seat"],
            unique=True,
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_person"), ["person"], unique=False)
        batch_op.create_unique_constraint("ticket_moved_from", ["moved_from"])
        batch_op.drop_constraint("ticket_person_fkey", type_="foreignkey")
        batch_op.create_foreign_key("ticket_person", "person", ["person"], ["ref"], ondelete="SET NULL")
        batch_op.create_foreign_key("ticket_kept_for", "window", ["kept_for"], ["id"])

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lapsed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("zone", sa.String(length=20), nullable=True))
        batch_op.add_column(
            sa.Column("arrow", sa.String(length=5), server_default=sa.text("'none'"), nullable=False)
        )

    op.execute("UPDATE account SET duty = 'system' WHERE role = 'administrator'")
    op.execute(
        "UPDATE \"window\" SET kind = 'general' WHERE kind NOT IN ('general', 'acceptance', 'payment', 'agent', 'tidal')"
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "account_duty",
            sa.text(
                "(role = 'administrator' AND duty IN ('system', 'security')) OR (role <> 'administrator' AND duty IS NULL)"
            ),
        )

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_constraint("device_kind", type_="check")
        batch_op.create_check_constraint(
            "device_kind", sa.text("kind IN ('board', 'kiosk', 'caller', 'printer', 'pad')")
        )

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_check_constraint("device_paper", sa.text("paper IN ('ok', 'low', 'out')"))

    with op.batch_alter_table("queue", schema=None) as batch_op:
        batch_op.create_check_constraint("queue_intake", sa.text("intake IN ('open', 'stopped', 'paused')"))

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "window_arrow", sa.text("arrow IN ('left', 'right', 'ahead', 'none')")
        )

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.create_check_constraint(
            "window_kind", sa.text("kind IN ('general', 'acceptance', 'payment', 'agent', 'tidal')")
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_constraint("account_duty", type_="check")

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_constraint("device_kind", type_="check")
        batch_op.create_check_constraint(
            "device_kind", sa.text("kind IN ('board', 'kiosk', 'caller', 'printer')")
        )

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_constraint("device_paper", type_="check")

    with op.batch_alter_table("queue", schema=None) as batch_op:
        batch_op.drop_constraint("queue_intake", type_="check")

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.drop_constraint("window_arrow", type_="check")

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.drop_constraint("window_kind", type_="check")

    with op.batch_alter_table("window", schema=None) as batch_op:
        batch_op.drop_column("arrow")
        batch_op.drop_column("zone")
        batch_op.drop_column("lapsed")

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_constraint("ticket_kept_for", type_="foreignkey")

        batch_op.drop_constraint("ticket_person", type_="foreignkey")
        batch_op.create_foreign_key("ticket_person_fkey", "person", ["person"], ["ref"])

        batch_op.drop_constraint("ticket_moved_from", type_="unique")
        batch_op.drop_index(batch_op.f("ix_ticket_person"))
        batch_op.drop_index(
            "ticket_at_window",
            sqlite_where=sa.text("state IN ('called', 'serving')"),
            postgresql_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.create_index(
            batch_op.f("ticket_at_window"),
            ["window"],
            unique=1,
            sqlite_where=sa.text("state IN ('called', 'serving')"),
        )
        batch_op.drop_column("before")
        batch_op.drop_column("moved_to")
        batch_op.drop_column("moved_from")
        batch_op.drop_column("arrived_at")
        batch_op.drop_column("booked_for")
        batch_op.drop_column("passed")
        batch_op.drop_column("reactivated")
        batch_op.drop_column("kept_until")
        batch_op.drop_column("kept_for")
        batch_op.drop_column("parked_at")
        batch_op.drop_column("stage")
        batch_op.drop_column("seat")

    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_at"))
        batch_op.drop_column("ended")

    with op.batch_alter_table("queue", schema=None) as batch_op:
        batch_op.drop_column("intake_note_en")
        batch_op.drop_column("intake_note")
        batch_op.drop_column("intake_until")
        batch_op.drop_column("intake_reason")
        batch_op.drop_column("intake")
        batch_op.drop_column("zone")

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_name_hash"))
        batch_op.drop_index(batch_op.f("ix_person_key"))
        batch_op.drop_index(batch_op.f("ix_person_index_key"))
        batch_op.drop_column("index_key")
        batch_op.drop_column("name_hash")
        batch_op.drop_column("key")

    with op.batch_alter_table("hall", schema=None) as batch_op:
        batch_op.drop_column("seasons")
        batch_op.drop_column("policy")

    with op.batch_alter_table("failed_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_failed_sign_in_at"))
        batch_op.drop_column("forgiven")

    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_constraint("device_window", type_="foreignkey")

        batch_op.drop_constraint("device_old_digest", type_="unique")
        batch_op.drop_index(batch_op.f("ix_device_hall"))
        batch_op.drop_column("revoked_at")
        batch_op.drop_column("cloned_at")
        batch_op.drop_column("spent_key")
        batch_op.drop_column("spent")
        batch_op.drop_column("nonce")
        batch_op.drop_column("old_until")
        batch_op.drop_column("old_digest")
        batch_op.drop_column("salt")
        batch_op.drop_column("turned_at")
        batch_op.drop_column("generation")
        batch_op.drop_column("session")
        batch_op.drop_column("receipt_at")
        batch_op.drop_column("receipt")
        batch_op.drop_column("help_at")
        batch_op.drop_column("heard_at")
        batch_op.drop_column("skew_s")
        batch_op.drop_column("state")
        batch_op.drop_column("faults")
        batch_op.drop_column("paper")
        batch_op.drop_column("address")
        batch_op.drop_column("items")
        batch_op.drop_column("abilities")
        batch_op.drop_column("name")
        batch_op.drop_column("window")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("scope", sa.VARCHAR(length=200), server_default=sa.text("''"), nullable=False)
        )
        batch_op.drop_column("enrolled_at")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp")
        batch_op.drop_column("duty")

    op.drop_table("ticket_fetch")
    with op.batch_alter_table("spent_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_spent_token_device"))

    op.drop_table("spent_token")
    with op.batch_alter_table("rating", schema=None) as batch_op:
        batch_op.drop_index("rating_of_day")

    op.drop_table("rating")
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index(
            "print_job_open",
            sqlite_where=sa.text("state IN ('queued', 'printing')"),
            postgresql_where=sa.text("state IN ('queued', 'printing')"),
        )
        batch_op.drop_index("print_job_of")

    op.drop_table("print_job")
    with op.batch_alter_table("precheck", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_precheck_ticket"))

    op.drop_table("precheck")
    op.drop_table("papers_held")
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_holding_ticket"))

    op.drop_table("holding")
    op.drop_table("device_pairing")
    with op.batch_alter_table("template_version", schema=None) as batch_op:
        batch_op.drop_index("template_version_due")

    op.drop_table("template_version")
    with op.batch_alter_table("template_rollout", schema=None) as batch_op:
        batch_op.drop_index("template_rollout_open")

    op.drop_table("template_rollout")
    op.drop_table("skill")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index("shift_of")
        batch_op.drop_index("shift_in")
        batch_op.drop_index("shift_at")

    op.drop_table("shift")
    op.drop_table("recovery_code")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index("post_of")
        batch_op.drop_index("post_at")

    op.drop_table("post")
    with op.batch_alter_table("permission_grant", schema=None) as batch_op:
        batch_op.drop_index("permission_grant_of")

    op.drop_table("permission_grant")
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.drop_index("leave_of")
        batch_op.drop_index("leave_in")

    op.drop_table("leave")
    with op.batch_alter_table("hall_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hall_template_template"))

    op.drop_table("hall_template")
    with op.batch_alter_table("duty_day", schema=None) as batch_op:
        batch_op.drop_index("duty_day_in")

    op.drop_table("duty_day")
    op.drop_table("zone")
    op.drop_table("template")
    op.drop_table("skill_needed")
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.drop_index(
            "outage_live",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.drop_table("outage")
    op.drop_table("hall_day")
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index("enquiry_of_day")

    op.drop_table("enquiry")
    op.drop_table("call_receipt")
    with op.batch_alter_table("wrong_code", schema=None) as batch_op:
        batch_op.drop_index("wrong_code_of")

    op.drop_table("wrong_code")
    op.drop_table("skill_kind")
    with op.batch_alter_table("rate_bucket", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rate_bucket_at"))

    op.drop_table("rate_bucket")
    with op.batch_alter_table("person_read", schema=None) as batch_op:
        batch_op.drop_index("person_read_of")
        batch_op.drop_index("person_read_by")
        batch_op.drop_index(batch_op.f("ix_person_read_at"))

    op.drop_table("person_read")
    op.drop_table("listener_cursor")
