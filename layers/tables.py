"""The tables of versioned layers and stored checks; every other module reads the schema from here and none restates it.

A row that belongs to layers carries `releases int4multirange`: the releases it is part of. Geometry is EPSG:4490,
but for what is only drawn.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, INT4MULTIRANGE, JSONB, ExcludeConstraint, Range
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SRID = 4490
MERCATOR = 3857

Releases = list[Range[int]]
Days = list[Range[dt.date]]
Json = dict[str, Any]


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (declared so by SQLAlchemy)
        str: Text,
        float: Double,
        Json: JSONB,
        Releases: INT4MULTIRANGE,
        Days: DATEMULTIRANGE,
        dt.datetime: DateTime(timezone=True),
    }


def _geometry(srid: int = SRID) -> Geometry:
    # The index is declared by hand: geometry and releases stand in one gist index.
    return Geometry("GEOMETRY", srid=srid, spatial_index=False)


class ReleaseRow(Base):
    """The state of all layers together, published in one transaction."""

    __tablename__ = "release"
    __table_args__ = (CheckConstraint("number > 0", name="number_positive"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    published_on: Mapped[dt.date] = mapped_column(Date)
    note: Mapped[str]
    changed_layers: Mapped[Json] = mapped_column(
        comment="layer id: {added, closed} features; what this release changed"
    )


class LayerVersionRow(Base):
    """A layer as one release left it, with everything its catalogue entry said at that time."""

    __tablename__ = "layer_version"
    __table_args__ = (
        ExcludeConstraint(("layer", "="), ("releases", "&&"), using="gist", name="ex_layer_version_layer_releases"),
    )

    layer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(ForeignKey("release.number"), primary_key=True)
    releases: Mapped[Releases]
    kind: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    legal_status: Mapped[str]
    accuracy_m: Mapped[float]
    stands_for_bound_m: Mapped[float]
    full_cover: Mapped[bool]
    review_by: Mapped[dt.date | None]
    complete_for: Mapped[Json]
    spec: Mapped[Json]
    content_hash: Mapped[str]
    coverage_hash: Mapped[str] = mapped_column(comment="hash of the polygon it claims to be complete in; empty: none")
    valid_days: Mapped[Days] = mapped_column(comment="days on which some feature is in force")
    feature_count: Mapped[int]
    piece_count: Mapped[int]
    edge_count: Mapped[int]


class FeatureRow(Base):
    """One feature over the releases it is part of. Area in m² and length in m are ellipsoidal on CGCS2000."""

    __tablename__ = "feature"
    __table_args__ = (
        # By a hash: texts make a gist index that takes minutes for a large layer.
        ExcludeConstraint(
            (text("hashtextextended(layer || chr(31) || code, 0::bigint)"), "="),
            ("releases", "&&"),
            using="gist",
            name="ex_feature_layer_code_releases",
        ),
        CheckConstraint("not isempty(releases)", name="in_some_release"),
        Index(None, "layer", "code"),
        Index(None, "geom", "releases", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    layer: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str | None]
    class_: Mapped[str] = mapped_column("class")
    properties: Mapped[Json]
    source: Mapped[str]
    method: Mapped[str]
    licence: Mapped[str]
    plan_line: Mapped[str | None]
    accuracy_m: Mapped[float]
    legal_status: Mapped[str]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    area_m2: Mapped[float]
    length_m: Mapped[float]
    content_hash: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(_geometry())
    releases: Mapped[Releases]


class PieceRow(Base):
    """Features subdivided to at most 128 vertices: for the window query and summed overlap, never for boundaries."""

    __tablename__ = "piece"
    __table_args__ = (Index(None, "geom", "releases", postgresql_using="gist"),)

    feature_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feature.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    layer: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(_geometry())
    releases: Mapped[Releases]


class EdgeRow(Base):
    """True boundaries of features in short lines; for lines the lines, for points the points themselves."""

    __tablename__ = "edge"
    __table_args__ = (Index(None, "geom", "releases", postgresql_using="gist"),)

    feature_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feature.id"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    layer: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(_geometry())
    releases: Mapped[Releases]


class DrawingRow(Base):
    """Parts of features as tiles draw them, by band of zooms, in EPSG:3857; parts under a pixel are points. Never measured."""

    __tablename__ = "drawing"
    __table_args__ = (Index(None, "band", "geom", "releases", postgresql_using="gist"), Index(None, "layer", "band"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feature.id"))
    layer: Mapped[str]
    band: Mapped[int] = mapped_column(SmallInteger, comment="last zoom that it is drawn at")
    extent_m: Mapped[float | None] = mapped_column(comment="longer side in EPSG:3857; null: a point by nature")
    geom: Mapped[WKBElement] = mapped_column(_geometry(MERCATOR))
    releases: Mapped[Releases]


class PyramidRow(Base):
    """The file that holds a layer version's tiles of low zooms, cut when it was published."""

    __tablename__ = "pyramid"
    __table_args__ = (ForeignKeyConstraint(["layer", "version"], ["layer_version.layer", "layer_version.version"]),)

    layer: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(comment="name in the folder of tiles")
    lowest: Mapped[int] = mapped_column(comment="first zoom it holds")
    highest: Mapped[int] = mapped_column(comment="last zoom it holds")


class CoverageRow(Base):
    """Parts of the polygon within which a layer claims to be complete."""

    __tablename__ = "coverage"
    __table_args__ = (Index(None, "geom", "releases", postgresql_using="gist"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    layer: Mapped[str]
    n: Mapped[int]
    geom: Mapped[WKBElement] = mapped_column(_geometry())
    releases: Mapped[Releases]


class ClauseRow(Base):
    """One clause of the access list over the releases it is part of. `code` is that of its province, city or unit."""

    __tablename__ = "unit_clause"
    __table_args__ = (
        ExcludeConstraint(("clause", "="), ("releases", "&&"), using="gist", name="ex_unit_clause_clause_releases"),
        CheckConstraint("not isempty(releases)", name="in_some_release"),
        Index(None, "code"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    clause: Mapped[str]
    code: Mapped[str]
    level: Mapped[str]
    dimension: Mapped[str]
    unit_class: Mapped[str | None]
    text_zh: Mapped[str]
    text_en: Mapped[str | None]
    source: Mapped[Json]
    legal_status: Mapped[str]
    terms: Mapped[Json | None] = mapped_column(comment="effect, industries, activities, conditions; null: text only")
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    content_hash: Mapped[str]
    releases: Mapped[Releases]


class SiteCheckRow(Base):
    """A stored check: its content address, its human number, the question and the answer's canonical bytes."""

    __tablename__ = "site_check"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    release: Mapped[int] = mapped_column(ForeignKey("release.number"))
    request: Mapped[Json]
    result: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class CheckSerialRow(Base):
    """The last serial given out in a county on a day."""

    __tablename__ = "check_serial"

    county: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    serial: Mapped[int]
