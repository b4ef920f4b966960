"""On which days a layer holds features in force; codes kept apart by a hash, which a large layer can be indexed by.

Revision: 0002
Follows: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    said = "days on which some feature is in force"
    op.add_column("layer_version", sa.Column("valid_days", postgresql.DATEMULTIRANGE(), nullable=True, comment=said))
    op.execute(
        """
        update layer_version v set valid_days = coalesce(
            (select range_agg(daterange(f.valid_from, f.valid_to, '[]')) from feature f
             where f.layer = v.layer and f.releases && v.releases), '{}')
        """
    )
    op.alter_column("layer_version", "valid_days", nullable=False)
    op.drop_constraint("ex_feature_layer_code_releases", "feature")
    op.execute(
        """
        alter table feature add constraint ex_feature_layer_code_releases
        exclude using gist (hashtextextended(layer || chr(31) || code, 0::bigint) with =, releases with &&)
        """
    )


def downgrade() -> None:
    op.drop_constraint("ex_feature_layer_code_releases", "feature")
    op.execute(
        """
        alter table feature add constraint ex_feature_layer_code_releases
        exclude using gist (layer with =, code with =, releases with &&)
        """
    )
    op.drop_column("layer_version", "valid_days")
