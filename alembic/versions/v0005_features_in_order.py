"""Features of a layer in the order of their codes, and features by place: what pages of items and a click on the map read.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_feature_layer_code", "feature", ["layer", "code"])
    op.execute("create index ix_feature_geom_releases on feature using gist (geom, releases)")


def downgrade() -> None:
    op.drop_index("ix_feature_geom_releases", "feature")
    op.drop_index("ix_feature_layer_code", "feature")
