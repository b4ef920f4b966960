"""What the tests of the bundled boundaries share: the build package on the path, and the layers read once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[3]
BOUNDARIES = ROOT / "data/boundaries"
if str(BOUNDARIES / "build") not in sys.path:
    sys.path.insert(0, str(BOUNDARIES / "build"))


@dataclass(frozen=True)
class Layer:
    """A bundled layer: the attributes of its features, and their geometries."""

    properties: list[dict[str, Any]]
    geometries: npt.NDArray[np.object_]

    def where(self, **wanted: Any) -> npt.NDArray[np.object_]:
        """Geometries of the features whose attributes have these values."""
        chosen = [all(p[key] == value for key, value in wanted.items()) for p in self.properties]
        return np.asarray(self.geometries[np.asarray(chosen, dtype=bool)])


@cache
def _layer(name: str) -> Layer:
    features = json.loads((BOUNDARIES / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    texts = np.asarray([json.dumps(feature["geometry"]) for feature in features], dtype=object)
    return Layer([feature["properties"] for feature in features], shapely.from_geojson(texts))


@pytest.fixture(scope="session")
def layer() -> Callable[[str], Layer]:
    """Reads a bundled layer by its id."""
    return _layer


@pytest.fixture(scope="session")
def boundaries() -> Path:
    """The folder of the bundled layers."""
    return BOUNDARIES
