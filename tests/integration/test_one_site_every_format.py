"""One sample site in every format, CRS and encoding: one id and one verdict, at the command line and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.cli import EXIT, main
from app.http import create_app
from layers.database import make_engine
from layers.settings import settings
from tests.site_writers import Drawn, Written, every_way, write

SAMPLE = [
    Drawn(
        "1",
        "绛县一期",
        shapely.Polygon(
            [(111.5701, 35.4801), (111.5722, 35.4803), (111.5725, 35.4820), (111.5712, 35.4826), (111.5702, 35.4817)],
            [[(111.5709, 35.4809), (111.5711, 35.4814), (111.5714, 35.4810)]],
        ),
    ),
    Drawn(
        "2",
        "绛县二期",
        shapely.Polygon([(111.5722, 35.4803), (111.5741, 35.4799), (111.5744, 35.4818), (111.5725, 35.4820)]),
    ),
]
"""Two neighbouring parcels, one with a hole; no edge is so long that another CRS would bend it by a millimetre."""
PROJECT = {"industry": "C2521", "activity": "new", "attributes": {"net_new_capacity": 1000}}
DAY = "2024-06-30"
WAYS = [pytest.param(way, id="-".join(str(word) for word in way if word)) for way in every_way()]


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
        yield client


def as_drawn() -> dict[str, Any]:
    """The sample as GeoJSON in EPSG:4490."""
    features = [
        {"type": "Feature", "properties": {"地块编号": one.number}, "geometry": shapely.geometry.mapping(one.geometry)}
        for one in SAMPLE
    ]
    return {"type": "FeatureCollection", "features": features}


def ask(client: TestClient, site: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/checks", json={"site": site, "project": PROJECT, "as_of": DAY})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def expected(client: TestClient) -> dict[str, Any]:
    return ask(client, as_drawn())


def without_reading(check: dict[str, Any]) -> dict[str, Any]:
    """A check but for how its file was read: the CRS it came in, and what was assumed and mended."""
    site = {key: value for key, value in check["site"].items() if key not in ("crs", "notices", "repairs")}
    return {**check, "site": site}


@pytest.fixture
def run(
    database_url_of_worker: sa.URL, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Written], tuple[int, dict[str, Any]]]]:
    """Checks a file at the command line: exit code and answer."""
    monkeypatch.setenv("SHANHE_DATABASE_URL", database_url_of_worker.render_as_string(hide_password=False))
    settings.cache_clear()

    def check(file: Written) -> tuple[int, dict[str, Any]]:
        path = tmp_path / file.name
        path.write_bytes(file.data)
        words = [
            "check",
            str(path),
            "--industry",
            PROJECT["industry"],
            "--activity",
            PROJECT["activity"],
            "--as-of",
            DAY,
        ]
        words += [word for key, value in PROJECT["attributes"].items() for word in ("--attr", f"{key}={value}")]
        code = main([*words, "--json", *(["--crs", file.crs] if file.crs else [])])
        return code, json.loads(capsys.readouterr().out)

    yield check
    settings.cache_clear()


@pytest.mark.parametrize("way", WAYS)
def test_a_file_gets_the_one_id_and_verdict_at_the_command_line(run, expected, way):
    code, check = run(write(way, SAMPLE))
    assert check["id"] == expected["id"]
    assert code == EXIT[expected["verdict"]]
    assert without_reading(check) == without_reading(expected)
    assert check["site"]["crs"] == f"EPSG:{way[1]}"


@pytest.mark.parametrize("way", WAYS)
def test_a_file_gives_the_one_site_over_http_and_its_check_the_one_id(client, expected, way):
    file = write(way, SAMPLE)
    read = client.post("/sites", files={"file": (file.name, file.data)}, data={"crs": file.crs} if file.crs else {})
    assert read.status_code == 200, read.text
    site = read.json()
    assert site["geometry"] == expected["site"]["geometry"]
    features = [
        {"type": "Feature", "properties": {"地块编号": one["number"]}, "geometry": one["geometry"]}
        for one in site["parcels"]
    ]
    check = ask(client, {"type": "FeatureCollection", "features": features})
    assert check["id"] == expected["id"]
    assert without_reading(check) == without_reading(expected)


def test_the_sample_is_written_in_every_format_in_six_crs_and_in_both_encodings():
    ways = list(every_way())
    assert {writer for writer, _, _ in ways} == {
        "geojson", "shapefile", "geopackage", "kml", "kmz", "wkt", "table", "corner points", "dxf",
    }  # fmt: skip
    assert {code for _, code, _ in ways} == {4490, 4326, 4525, 4546, 4497, 4508}
    for writer in ("geojson", "shapefile", "table", "corner points", "dxf", "kml"):
        assert len({(encoding or "").lower() for name, _, encoding in ways if name == writer}) == 2


@pytest.mark.parametrize("digits", [2, 3])
def test_fewer_decimals_are_another_id_and_here_the_same_verdict(run, expected, digits):
    """A survey text in centimetres or millimetres is its own site, off by at most half of its last digit."""
    code, check = run(write(("corner points", 4525, "utf-8"), SAMPLE, digits=digits))
    assert check["id"] != expected["id"]
    assert (check["verdict"], check["at_worst"], code) == (
        expected["verdict"],
        expected["at_worst"],
        EXIT[expected["verdict"]],
    )
    assert check["site"]["area_m2"] == pytest.approx(expected["site"]["area_m2"], abs=900 * 10.0**-digits)
    drawn = shapely.geometry.shape(expected["site"]["geometry"])
    assert shapely.hausdorff_distance(shapely.geometry.shape(check["site"]["geometry"]), drawn) < 10.0**-digits / 85_000
