"""One layer of several, by name; drawings in their units, with chains of lines and inner outlines; what the door gave up."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest
import shapely

from layers import guarded
from layers.door.chains import rings_of
from layers.door.guard import open_guarded
from layers.sitefile import read_site_bytes
from tests.unit.layers.hostile import (
    AREA,
    CORNERS,
    INNER_PLANE,
    PLANE,
    SQUARE,
    archive,
    corner_points,
    dxf,
    geojson,
    gpkg,
    kml,
    named,
    outline,
    placemark,
    polygon,
    shapefile,
    straight,
)
from zoning.errors import BadSite

FAR = [(x + 0.1, y) for x, y in CORNERS]


def notices(site):
    return {notice.type: notice for notice in site.notices}


def refused(data, name, **given):
    with pytest.raises(BadSite) as caught:
        read_site_bytes(data, name, **given)
    return caught.value


def renamed(files, stem):
    return {name.replace("site", stem): data for name, data in files.items()}


SEVERAL = {
    "a.gpkg": lambda: gpkg(AREA, layers=("甲", "乙")),
    "a.zip": lambda: archive({**renamed(shapefile(), "甲"), **renamed(shapefile(FAR[::-1]), "子/乙")}),
    "a.kmz": lambda: archive({"甲.kml": kml(placemark()), "子/乙.kml": kml(placemark(FAR) * 2)}),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_layers_are_listed_with_their_counts_and_one_is_read_by_name(name):
    data = SEVERAL[name]()
    error = refused(data, name)
    assert error.type == "layers-several"
    assert [layer["features"] for layer in error.where["layers"]] == ([1, 2] if name == "a.kmz" else [1, 1])
    assert "--layer" in error.message.zh
    assert "--layer" in error.message.en
    for layer in error.where["layers"]:
        assert layer["name"] in error.message.en
        site = read_site_bytes(data, name, layer=layer["name"])
        read = notices(site)["layer-read"]
        assert (read.where["layer"], read.where["layers"]) == (layer["name"], 2)
        assert layer["name"] in read.text.zh
    assert len(read_site_bytes(data, name, layer="乙").parcels) == (2 if name == "a.kmz" else 1)


@pytest.mark.parametrize("name", SEVERAL)
def test_an_unknown_layer_lists_what_there_is(name):
    error = refused(SEVERAL[name](), name, layer="丙")
    assert (error.type, error.where["value"], len(error.where["layers"])) == ("layer-unknown", "丙", 2)
    assert "甲" in error.message.en


@pytest.mark.parametrize(
    ("name", "data"), [("a.geojson", geojson(polygon())), ("a.kml", kml(placemark())), ("a.txt", corner_points())]
)
def test_a_file_without_layers_says_so(name, data):
    error = refused(data, name, layer="甲")
    assert (error.type, error.where["layers"]) == ("layer-unknown", [])


def test_a_layer_without_features_is_passed_over_and_said():
    data = gpkg(AREA, layers=("甲", "乙"), sql=('delete from "乙"',))
    assert notices(read_site_bytes(data, "a.gpkg"))["layer-read"].where["layer"] == "甲"
    assert "layer-read" not in notices(read_site_bytes(gpkg(AREA), "a.gpkg"))


def test_a_name_that_two_shapefiles_share_is_not_guessed():
    data = archive({**renamed(shapefile(), "一/甲"), **renamed(shapefile(), "二/甲")})
    assert refused(data, "a.zip", layer="甲").type == "layer-unknown"
    assert read_site_bytes(data, "a.zip", layer="二/甲").dimension == 2


def test_a_kml_that_only_links_is_listed_and_the_other_can_be_read():
    data = archive({"doc.kml": kml("<NetworkLink/>"), "site.kml": kml(placemark())})
    error = refused(data, "a.kmz")
    assert error.where["layers"] == [{"name": "doc.kml", "features": None}, {"name": "site.kml", "features": 1}]
    assert read_site_bytes(data, "a.kmz", layer="site.kml").dimension == 2


def test_a_view_and_tables_without_features_are_no_trouble():
    view = (
        "create view v as select fid, geom from site",
        "insert into gpkg_contents values ('v', 'features', 'v', 4490)",
        "insert into gpkg_geometry_columns values ('v', 'geom', 'POLYGON', 4490, 0, 0)",
        "create table plain (a text)",
        "insert into gpkg_contents values ('plain', 'attributes', 'plain', 0)",
    )
    data = gpkg(AREA, sql=view)
    assert {layer["name"] for layer in refused(data, "a.gpkg").where["layers"]} == {"site", "v"}
    shown, own = (read_site_bytes(data, "a.gpkg", layer=layer) for layer in ("v", "site"))
    assert shown.canonical_wkb() == own.canonical_wkb()
    only = gpkg(layers=(), sql=view[3:])
    assert "plain" in refused(only, "a.gpkg").message.en


def test_a_geopackage_in_write_ahead_mode_is_read():
    data = bytearray(gpkg(AREA))
    data[18:20] = b"\2\2"
    assert read_site_bytes(bytes(data), "a.gpkg").dimension == 2


def test_big_endian_wkb_with_heights_and_measures_gives_the_same_site():
    plain = read_site_bytes(gpkg(AREA), "a.gpkg")
    for flavor in ("iso", "extended"):
        high = shapely.to_wkb(shapely.force_3d(SQUARE, 9.0), byte_order=0, flavor=flavor)
        assert read_site_bytes(gpkg(high), "a.gpkg").canonical_wkb() == plain.canonical_wkb()


# A CRS that the file declares


def test_a_stated_crs_over_another_is_said():
    site = read_site_bytes(geojson(polygon(PLANE), crs=named(4526)), "a.geojson", crs="EPSG:4525")
    assert (site.crs, notices(site)["crs-overridden"].where["declared"]) == ("EPSG:4525", "EPSG:4526")
    same = read_site_bytes(geojson(polygon(PLANE), crs=named(4525)), "a.geojson", crs="EPSG:4525")
    assert "crs-overridden" not in notices(same)


def test_an_old_datum_is_refused_with_what_to_do_whatever_is_stated():
    error = refused(archive(shapefile(code=2361)), "a.zip", crs="EPSG:4525")
    assert error.type == "datum-unsupported"
    assert "EPSG:4525" in error.message.zh
    assert "converts nothing" in error.message.en


# Drawings


def drawing(*entities, header=(), layer=None):
    return read_site_bytes(dxf(*entities, header=header), "a.dxf", crs="EPSG:4525", layer=layer)


def units(code):
    return ("9", "$INSUNITS", "70", str(code))


@pytest.mark.parametrize(("code", "factor"), [(4, 0.001), (5, 0.01), (7, 1000.0), (2, 0.3048), (6, 1.0)])
def test_a_drawing_in_another_unit_is_the_same_site(code, factor):
    metres = drawing(outline(), header=units(6))
    site = drawing(outline([(x / factor, y / factor) for x, y in PLANE[:-1]]), header=units(code))
    np.testing.assert_allclose(
        shapely.get_coordinates(site.geometry), shapely.get_coordinates(metres.geometry), atol=1e-9
    )
    assert ("units-read" in notices(site)) == (code != 6)


def test_a_drawing_without_a_unit_is_taken_as_metres_and_said():
    for header in ((), units(0)):
        notice = notices(drawing(outline(), header=header))["units-read"]
        assert (notice.where["unit"], notice.where["stated"]) == ("m", False)


def sides(points, layer="红线"):
    return [straight(a, b, layer) for a, b in zip(points, [*points[1:], points[0]], strict=True)]


def test_lines_end_to_end_are_an_area_where_no_polyline_is_closed():
    site = drawing(*sides(PLANE[:-1])[::-1])
    assert site.canonical_wkb() == drawing(outline()).canonical_wkb()
    assert notices(site)["lines-joined"].where["count"] == 1


def test_lines_beside_a_closed_polyline_are_only_counted():
    site = drawing(outline(), *sides(INNER_PLANE))
    assert site.canonical_wkb() == drawing(outline()).canonical_wkb()
    assert notices(site)["content-ignored"].where["count"] == {"LINE": 4}


def test_a_fork_or_a_gap_joins_nothing():
    ring = [((0.0, 0.0), (1.0, 0.0)), ((1.0, 0.0), (1.0, 1.0)), ((1.0, 1.0), (0.0, 0.0))]
    assert rings_of(ring) == ([[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]], 0)
    assert rings_of([*ring, ((1.0, 1.0), (5.0, 5.0))]) == ([], 4)
    assert rings_of(ring[:2]) == ([], 2)


def test_an_outline_inside_another_is_its_hole():
    site = drawing(outline(), outline(INNER_PLANE))
    assert len(site.parcels) == 1
    assert len(site.geometry.interiors) == 1
    assert notices(site)["holes-by-containment"].where["holes"] == [{"outline": 2, "inside": 1}]


def test_a_building_on_another_layer_is_asked_about_and_the_boundary_read_by_its_layer():
    data = (outline(), outline(INNER_PLANE, layer="建筑"))
    with pytest.raises(BadSite) as caught:
        drawing(*data)
    assert (caught.value.type, caught.value.where["layers"]) == ("dxf-nesting", ["建筑", "红线"])
    site = drawing(*data, layer="红线")
    assert site.canonical_wkb() == drawing(outline()).canonical_wkb()
    with pytest.raises(BadSite) as caught:
        drawing(*data, layer="用地")
    assert caught.value.where["layers"] == [{"name": "建筑", "features": 1}, {"name": "红线", "features": 1}]


def test_outlines_side_by_side_are_parcels():
    far = [(x + 500, y) for x, y in PLANE[:-1]]
    assert len(drawing(outline(), outline(far)).parcels) == 2


# The door


@pytest.mark.parametrize("kind", [".geojson", ".shapefile", ".gpkg", ".kml", ".kmz", ".dxf"])
def test_every_format_is_opened_by_nobody_where_we_are_root(kind):
    data = {
        ".geojson": geojson(polygon()),
        ".shapefile": archive(shapefile(text="汾河".encode("gb18030"))),
        ".gpkg": gpkg(AREA),
        ".kml": kml(placemark()).decode().encode("gb18030"),
        ".kmz": archive({"doc.kml": kml(placemark())}),
        ".dxf": dxf(outline()),
    }[kind]
    table = open_guarded(data, kind, name="a", limits=guarded.LIMITS)
    assert table.layers[0].rows
    assert table.guards["user"] in (("nobody", "root") if os.geteuid() == 0 else ("caller",))
    assert table.guards["network"] in ("none", "guarded")


def test_a_curve_deep_in_a_collection_is_named():
    curve = struct.pack("<BII4d", 1, 8, 2, 111.5, 35.4, 111.6, 35.5)
    deep = struct.pack("<BII", 1, 7, 1) + struct.pack("<BII", 1, 7, 1) + curve
    error = refused(gpkg(deep), "a.gpkg")
    assert (error.type, error.where["value"]) == ("curve-unsupported", "CIRCULARSTRING")
    assert "CIRCULARSTRING" in error.message.zh
