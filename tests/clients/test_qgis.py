"""QGIS's own providers, headless, read the OGC API and draw the tiles of the running service. Run by `make test-clients`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.serving import Served

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("qgis_reads.py")


@pytest.fixture(scope="module")
def stored(bundled_db: sa.Engine) -> dict[str, list[str]]:
    with bundled_db.connect() as connection:
        rows = connection.execute(sa.text("select layer, code from feature where releases @> 1 order by layer, code"))
        found: dict[str, list[str]] = {}
        for layer, code in rows:
            found.setdefault(layer, []).append(code)
    return found


@pytest.fixture(scope="module")
def read(service: Served, stored: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS found, by layer."""
    home = str(tmp_path_factory.mktemp("qgis"))
    # Nothing of the virtual environment may come between QGIS and its own Python.
    environment = {"PATH": os.environ["PATH"], "HOME": home, "XDG_RUNTIME_DIR": home, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [PYTHON, str(SCRIPT), service.url, *stored],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def test_qgis_reads_every_collection_whole(read, stored):
    for layer, codes in stored.items():
        found = read[layer]["features"]
        assert "error" not in found, (layer, found)
        assert found["codes"] == codes, layer
        assert found["count"] == len(codes), layer
        west, south, east, north = found["extent"]
        assert 110 < west < east < 115.5, layer
        assert 34 < south < north < 41, layer


def test_qgis_finds_what_lies_in_a_box(read, stored, bundled_db):
    text = """select code from feature where layer = :layer and releases @> 1
              and ST_Intersects(geom, ST_MakeEnvelope(111.2, 35.3, 112.1, 36.2, 4490))"""
    with bundled_db.connect() as connection:
        for layer in stored:
            expected = set(connection.execute(sa.text(text), {"layer": layer}).scalars())
            # Without the flag for exact intersection QGIS may give a few more, whose boxes meet; never fewer.
            assert expected <= set(read[layer]["features"]["inside"]), layer


def test_qgis_draws_the_tiles_of_every_layer(read, stored):
    for layer in stored:
        found = read[layer]["tiles"]
        assert "error" not in found, (layer, found)
        assert found["coloured"] > 20, layer
    assert read["county"]["tiles"]["coloured"] > read["county"]["tiles"]["of"] * 0.2
