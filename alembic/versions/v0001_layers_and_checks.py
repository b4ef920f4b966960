"""Layers by release, their pieces, edges and coverage, and stored checks.

Revision: 0001
Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Where they are there already, no right to make extensions is needed.
    op.execute("create extension if not exists postgis")
    op.execute("create extension if not exists btree_gist")
    op.create_table(
        "check_serial",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county", "day", name=op.f("pk_check_serial")),
    )
    op.create_table(
        "coverage",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry(srid=4490, spatial_index=False), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index(
        op.f("ix_coverage_geom_releases"), "coverage", ["geom", "releases"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "feature",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("plan_line", sa.Text(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("length_m", sa.Double(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("geom", Geometry(srid=4490, spatial_index=False), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("layer"), "="),
            (sa.column("code"), "="),
            (sa.column("releases"), "&&"),
            using="gist",
            name="ex_feature_layer_code_releases",
        ),
        sa.CheckConstraint("not isempty(releases)", name=op.f("ck_feature_in_some_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature")),
    )
    op.create_table(
        "release",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "changed_layers",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="layer id: {added, closed} features; what this release changed",
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_release_number_positive")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_release")),
    )
    op.create_table(
        "edge",
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("geom", Geometry(srid=4490, spatial_index=False), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_edge_feature_id_feature")),
        sa.PrimaryKeyConstraint("feature_id", "n", name=op.f("pk_edge")),
    )
    op.create_index(op.f("ix_edge_geom_releases"), "edge", ["geom", "releases"], unique=False, postgresql_using="gist")
    op.create_table(
        "layer_version",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("legal_status", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("stands_for_bound_m", sa.Double(), nullable=False),
        sa.Column("full_cover", sa.Boolean(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=True),
        sa.Column("complete_for", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("spec", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "coverage_hash",
            sa.Text(),
            nullable=False,
            comment="hash of the polygon it claims to be complete in; empty: none",
        ),
        sa.Column("feature_count", sa.Integer(), nullable=False),
        sa.Column("piece_count", sa.Integer(), nullable=False),
        sa.Column("edge_count", sa.Integer(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("layer"), "="),
            (sa.column("releases"), "&&"),
            using="gist",
            name="ex_layer_version_layer_releases",
        ),
        sa.ForeignKeyConstraint(["version"], ["release.number"], name=op.f("fk_layer_version_version_release")),
        sa.PrimaryKeyConstraint("layer", "version", name=op.f("pk_layer_version")),
    )
    op.create_table(
        "piece",
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("geom", Geometry(srid=4490, spatial_index=False), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_piece_feature_id_feature")),
        sa.PrimaryKeyConstraint("feature_id", "n", name=op.f("pk_piece")),
    )
    op.create_index(
        op.f("ix_piece_geom_releases"), "piece", ["geom", "releases"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "site_check",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["release.number"], name=op.f("fk_site_check_release_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_check")),
        sa.UniqueConstraint("number", name=op.f("uq_site_check_number")),
    )


def downgrade() -> None:
    # The extensions stay: other tables may use them.
    op.drop_table("site_check")
    op.drop_index(op.f("ix_piece_geom_releases"), table_name="piece", postgresql_using="gist")
    op.drop_table("piece")
    op.drop_table("layer_version")
    op.drop_index(op.f("ix_edge_geom_releases"), table_name="edge", postgresql_using="gist")
    op.drop_table("edge")
    op.drop_table("release")
    op.drop_table("feature")
    op.drop_index(op.f("ix_coverage_geom_releases"), table_name="coverage", postgresql_using="gist")
    op.drop_table("coverage")
    op.drop_table("check_serial")
