"""What map tiles are cut from: simplified geometry by band of zooms, and the files of tiles that are cut already.

Revision: 0004
Follows: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drawing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False, comment="last zoom that it is drawn at"),
        sa.Column("extent_m", sa.Double(), nullable=True, comment="longer side in EPSG:3857; null: a point by nature"),
        sa.Column("geom", Geometry(srid=3857, spatial_index=False), nullable=False),
        sa.Column("releases", postgresql.INT4MULTIRANGE(), nullable=False),
        sa.ForeignKeyConstraint(["feature_id"], ["feature.id"], name=op.f("fk_drawing_feature_id_feature")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawing")),
    )
    op.create_index(
        op.f("ix_drawing_band_geom_releases"),
        "drawing",
        ["band", "geom", "releases"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_index(op.f("ix_drawing_layer_band"), "drawing", ["layer", "band"], unique=False)
    op.create_table(
        "pyramid",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False, comment="name in the folder of tiles"),
        sa.Column("lowest", sa.Integer(), nullable=False, comment="first zoom it holds"),
        sa.Column("highest", sa.Integer(), nullable=False, comment="last zoom it holds"),
        sa.ForeignKeyConstraint(
            ["layer", "version"],
            ["layer_version.layer", "layer_version.version"],
            name=op.f("fk_pyramid_layer_version_layer_version"),
        ),
        sa.PrimaryKeyConstraint("layer", "version", name=op.f("pk_pyramid")),
    )


def downgrade() -> None:
    op.drop_table("pyramid")
    op.drop_index(op.f("ix_drawing_layer_band"), table_name="drawing")
    op.drop_index(op.f("ix_drawing_band_geom_releases"), table_name="drawing")
    op.drop_table("drawing")
