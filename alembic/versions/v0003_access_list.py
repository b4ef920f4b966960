"""The access list: clauses of provinces, cities and control units, by release.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_clause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("unit_class", sa.Text(), nullable=True),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column(
            "terms",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="effect, industries, activities, conditions; null: text only",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("clause"), "="),
            (sa.column("releases"), "&&"),
            using="gist",
            name="ex_unit_clause_clause_releases",
        ),
        sa.CheckConstraint("not isempty(releases)", name=op.f("ck_unit_clause_in_some_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_clause")),
    )
    op.create_index(op.f("ix_unit_clause_code"), "unit_clause", ["code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_unit_clause_code"), table_name="unit_clause")
    op.drop_table("unit_clause")
