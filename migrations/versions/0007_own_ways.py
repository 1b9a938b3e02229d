"""How somebody under way travels, and what she was told of and passed over."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Go forward."""
    op.add_column("route", sa.Column("mode", sa.String(length=10), nullable=True))
    with op.batch_alter_table("journey") as journey:
        journey.add_column(sa.Column("mode", sa.String(length=10), nullable=True))
        journey.add_column(sa.Column("passed_over", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("journey") as journey:
        for name in ("passed_over", "mode"):
            journey.drop_column(name)
    with op.batch_alter_table("route") as route:
        route.drop_column("mode")
