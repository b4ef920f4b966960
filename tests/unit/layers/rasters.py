"""Small raster files with entries, written for tests: a smooth field with a hole, classes, and one that is not public."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import yaml
from affine import Affine

WEST, NORTH, CELL = 112.0, 37.0, 0.01
FIELD = np.add.outer(np.arange(40) * 10, np.arange(60)).astype(np.int16)
"""Rising 10 a row southwards and 1 a cell eastwards, so that every value says which cell it is."""
HOLE = (slice(10, 14), slice(20, 26))
ZONE_WEST, ZONE_NORTH, ZONE_CELL = 500_000.0, 4_095_000.0, 100.0


def entry(id: str, **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": id, "order": 1, "title": {"zh": "测试", "en": "Test <b>"}, "unit": {"zh": "米", "en": "m", "symbol": "m"},
        "accuracy": {"value": 3.5, "text": {"zh": "约", "en": "about"}}, "legal_status": "illustrative", "visibility": "public",
        "source": {"zh": "测试", "en": "test"}, "licence": "CC0", "nodata": -1, "zoom": [5, 12], "resampling": "nearest",
        "style": {"ramp": [[0, "#000000"], [459, "#ffffff"]]}, "file": f"{id}.tif",
    }  # fmt: skip
    return {**base, **changes}


def write(folder: Path, values: np.ndarray, said: dict[str, Any], **changes: Any) -> None:
    profile = {
        "driver": "GTiff", "count": 1, "dtype": values.dtype.name, "height": values.shape[0], "width": values.shape[1],
        "crs": "EPSG:4490", "transform": Affine(CELL, 0, WEST, 0, -CELL, NORTH), "nodata": said["nodata"],
    }  # fmt: skip
    with rasterio.open(folder / said["file"], "w", **{**profile, **changes}) as band:
        band.write(values, 1)
    (folder / f"{said['id']}.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")


def fill(folder: Path) -> Path:
    """`field` (EPSG:4490, with a hole of no value), `kind` (classes, Gauss-Krüger) and `secret` (not public)."""
    field = FIELD.copy()
    field[HOLE] = -1
    write(folder, field, entry("field"))
    kinds = np.where(np.arange(50) < 20, 1, 2).astype(np.uint8) * np.ones((50, 1), dtype=np.uint8)
    classes = [
        {"value": 1, "colour": "#ff0000", "label": {"zh": "甲", "en": "One"}},
        {"low": 2, "high": 5, "colour": "#0000ff80", "label": {"zh": "乙", "en": "Two & <more>"}},
    ]
    zone = {"crs": "EPSG:4546", "transform": Affine(ZONE_CELL, 0, ZONE_WEST, 0, -ZONE_CELL, ZONE_NORTH)}
    write(folder, kinds, entry("kind", order=2, unit=None, nodata=0, style={"classes": classes}), **zone)
    write(folder, field, entry("secret", visibility="login"))
    return folder
