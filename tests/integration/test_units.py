"""One control unit over HTTP and on the command line: areas on both bases, all three levels, and what overlaps it, measured."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.cli import main
from app.http import create_app
from app.routes.schema import SITE_EXAMPLE
from app.units import one
from layers import units
from layers.database import make_engine, reading
from layers.load import load_bundled
from layers.release import Release
from layers.settings import settings
from layers.units import unit_at
from tests.integration.conftest import feature
from zoning.canonical import canonical_json
from zoning.measure import ellipsoidal_area

CODE = "ZH14082429001"


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def layers(data):
    return {layer["layer"]: layer for element in data["elements"] for layer in element["layers"]}


def test_a_unit_has_class_shape_both_areas_and_where_it_comes_from(client):
    data = client.get(f"/units/{CODE}").json()
    assert (data["code"], data["class"], data["class_title"]["zh"]) == (CODE, "key", "重点管控单元")
    assert [data["divisions"][level]["code"] for level in ("province", "city", "county")] == [
        "140000",
        "140800",
        "140824",
    ]
    area = float(ellipsoidal_area([shapely.from_geojson(json.dumps(data["geometry"]))])[0])
    assert data["area_m2"] == pytest.approx(area, rel=1e-9)
    assert 0 < abs(data["area_gk_m2"] / area - 1) < 5e-4
    assert data["gk_central_meridian"] == 111
    assert data["release"] == 1
    assert "不是官方数据" in data["notice"]["zh"]
    assert data["source"]
    assert data["licence"]
    assert data["layer"]["version"] == 1


def test_a_unit_has_the_clauses_of_all_three_levels_in_four_dimensions(client):
    levels = client.get(f"/units/{CODE}").json()["clauses"]
    assert [(level["level"], level["code"]) for level in levels] == [
        ("province", "140000"),
        ("city", "140800"),
        ("unit", CODE),
    ]
    for level in levels:
        assert level["provided"]
        assert set(level["dimensions"]) == {"space", "pollution", "risk", "resources"}
        for clauses in level["dimensions"].values():
            assert clauses
            assert all(
                c["text"]["zh"] and c["source"]["label"]["zh"] and c["legal_status"] == "illustrative" for c in clauses
            )


def test_a_clause_for_another_class_is_not_among_them(client):
    def space(code: str) -> list[str]:
        data = client.get(f"/units/{code}").json()
        return [c["clause"] for c in data["clauses"][0]["dimensions"]["space"]]

    assert "140000:control-lines" in space("ZH14082419001")
    assert "140000:control-lines" not in space(CODE)


def test_overlaps_are_those_that_a_plain_intersection_measures(client, bundled_db):
    for code in (CODE, "ZH14082839001"):
        data = client.get(f"/units/{code}").json()
        with reading(bundled_db) as connection:
            query = """select o.layer, o.code, ST_AsBinary(o.geom) from feature u join feature o on o.geom && u.geom
                       where u.layer = 'control_unit' and u.code = :code and o.layer <> 'control_unit'
                         and not ST_IsEmpty(o.geom) and ST_Dimension(o.geom) = 2"""
            found = connection.execute(sa.text(query), {"code": code}).all()
        unit = shapely.from_geojson(json.dumps(data["geometry"]))
        plain = {}
        for layer, other, wkb in found:
            area = float(ellipsoidal_area([shapely.intersection(unit, shapely.from_wkb(bytes(wkb)))])[0])
            if area > 0.5 and layer not in ("province", "city", "county"):
                plain[layer, other] = area
        ours = {
            (n, f["code"]): f["area_m2"]
            for n, layer in layers(data).items()
            for f in layer["features"]
            if f["area_m2"] > 0.5
        }
        assert ours == pytest.approx(plain, rel=1e-6, abs=0.05)
        assert ours
    for layer in layers(data).values():
        assert layer["area_m2"] == pytest.approx(sum(f["area_m2"] for f in layer["features"]), abs=0.05)
        assert layer["share_of_unit"] == pytest.approx(layer["area_m2"] / data["area_m2"], abs=1e-6)


def test_an_element_without_a_layer_says_so_and_no_official_zone_is_claimed(client):
    data = client.get(f"/units/{CODE}").json()
    notes = {element["element"]: element["note"] for element in data["elements"]}
    assert notes["air"]["zh"] == "未持有该要素的图层。"
    assert notes["water"] is None
    assert "YS" in data["elements_note"]["zh"]


def test_ground_without_coverage_is_not_called_free(empty_db, world):
    west = shapely.box(112, 36, 112.5, 37)
    world.put("control_unit", [feature("ZH14000130001", west, **{"class": "3"})], order=6)
    world.entries["redline"]["coverage"] = "admin:140002"
    load_bundled(empty_db, world.folder, world.catalogue)
    data = one(empty_db, "ZH14000130001")
    assert layers(data)["redline"]["covered_share"] == 0
    assert "不等于没有" in layers(data)["redline"]["note"]["zh"]
    assert data["clauses"][2]["note"]["zh"] == "本单元条款未提供。"
    assert not data["clauses"][2]["provided"]


@pytest.mark.parametrize(
    ("visibility", "form", "shown"),
    [("role", "exact", False), ("public", "hidden", False), ("public", "generalised", True)],
)
def test_what_is_not_public_is_not_given(empty_db, world, visibility, form, shown):
    unit = feature("ZH14000130001", shapely.box(112, 36, 112.5, 37), **{"class": "3"})
    world.put("control_unit", [unit], order=6, visibility=visibility, public_form=form)
    world.entries["redline"]["visibility"] = "login"
    load_bundled(empty_db, world.folder, world.catalogue)
    found = unit_at(empty_db, Release(1), "ZH14000130001")
    assert (found is not None) is shown
    if shown:
        data = one(empty_db, "ZH14000130001")
        assert data["geometry"] is None
        assert "redline" not in layers(data)


@pytest.mark.parametrize("written", [CODE.lower(), "ＺＨ14082429001", f" {CODE}\t"])
def test_a_code_is_understood_however_it_is_written(bundled_db, written):
    assert one(bundled_db, written)["code"] == CODE


@pytest.mark.parametrize(
    ("code", "alike"),
    [
        ("ZH14082429099", "ZH14082429001"),
        ("ZH14082479001", CODE),
        ("140824", None),
        ("x" * 60, None),
        ("ZH99", None),
        ("';--", None),
    ],
)
def test_an_unknown_code_is_not_found_with_what_is_alike(client, code, alike):
    answer = client.get(f"/units/{code}")
    data = answer.json()
    assert (answer.status_code, data["type"]) == (404, "urn:shanhe:problem:unit-unknown")
    codes = [one["code"] for one in data["where"]["alike"]]
    assert (alike in codes) if alike else codes == []
    assert all(one["name"]["zh"] for one in data["where"]["alike"])


@pytest.mark.parametrize(
    ("path", "status"), [(f"/units/{CODE}?x=1", 400), (f"/units/{CODE}?release=9", 404), (f"/units/{'x' * 61}", 400)]
)
def test_wrong_parameters_are_refused(client, path, status):
    assert client.get(path).status_code == status


def test_the_answer_is_json_or_text_by_what_is_asked_for_and_need_not_be_sent_twice(client):
    plain = client.get(f"/units/{CODE}", headers={"Accept": "text/plain", "Accept-Language": "zh-CN"})
    assert plain.headers["content-type"].startswith("text/plain")
    assert plain.headers["content-language"] == "zh-CN"
    assert plain.text.startswith(CODE)
    assert "生态环境准入清单" in plain.text
    data = client.get(f"/units/{CODE}")
    assert data.text == canonical_json(data.json())
    assert client.get(f"/units/{CODE}", headers={"If-None-Match": data.headers["etag"]}).status_code == 304
    assert plain.headers["etag"] != data.headers["etag"]


def test_the_command_line_gives_the_same_unit(client, database_url_of_worker, capsys, monkeypatch):
    monkeypatch.setenv("SHANHE_DATABASE_URL", database_url_of_worker.render_as_string(hide_password=False))
    settings.cache_clear()
    try:
        assert main(["unit", CODE, "--json"]) == 0
        assert capsys.readouterr().out == client.get(f"/units/{CODE}").text + "\n"
        for lang, word in (("zh", "重点管控单元"), ("en", "Ellipsoidal area")):
            assert main(["unit", CODE, "--lang", lang]) == 0
            assert word in capsys.readouterr().out
        assert main(["unit", "ZH14082429099", "--lang", "zh"]) == 2
        assert capsys.readouterr().err.startswith("unit-unknown: ")
    finally:
        settings.cache_clear()


def test_a_unit_among_too_many_shapes_says_that_nothing_was_measured(bundled_db, monkeypatch):
    monkeypatch.setattr(units, "MOST_PIECES", 3)
    found = layers(one(bundled_db, "ZH14082839001")).values()
    assert {(layer["area_m2"], layer["share_of_unit"], layer["features_total"]) for layer in found} == {(None, None, 0)}
    assert all("未计算重叠" in layer["note"]["zh"] for layer in found)


def test_a_check_on_the_screen_answers_the_clauses_after_the_six_lines(
    database_url_of_worker, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("SHANHE_DATABASE_URL", database_url_of_worker.render_as_string(hide_password=False))
    settings.cache_clear()
    site = tmp_path / "site.geojson"
    site.write_text(json.dumps(SITE_EXAMPLE), encoding="utf-8")
    try:
        main(["check", str(site), "--industry", "C2521", "--activity", "new", "--as-of", "2024-06-30", "--lang", "zh"])
        lines = capsys.readouterr().out.splitlines()
    finally:
        settings.cache_clear()
    at = [n for n, line in enumerate(lines) if line.startswith("准入清单逐条核对")]
    assert at
    assert at[0] > 6
    answers = [line.strip()[2:].split(" · ")[0] for line in lines[at[0] :] if line.startswith("  - ") and " · " in line]
    order = ["不符合", "待核实", "符合", "不涉及"]
    first = answers[: answers.index("不涉及") + 1]
    assert [order.index(a) for a in first] == sorted(order.index(a) for a in first)
