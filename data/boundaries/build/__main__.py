"""Rebuild the bundled boundaries: `python data/boundaries/build [--inputs DIR] [--out DIR] [--table] [--places]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import shapely

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE)]

from bundled import area_table, feature_file, raster  # noqa: E402
from bundled.bundle import derive  # noqa: E402
from bundled.inputs import InputUnavailableError, fetch, sha256  # noqa: E402
from bundled.places import plan_places  # noqa: E402


def _read(path: Path) -> dict[str, tuple[shapely.Geometry, str]]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {
        f["properties"]["code"]: (shapely.from_geojson(json.dumps(f["geometry"])), f["properties"]["class"])
        for f in features
    }


def _write_places(folder: Path) -> None:
    """The places of the plans, from the layers just written: the same bytes whether they were made now or long ago."""
    divisions = {**_read(folder / "county.geojson"), **_read(folder / "city.geojson")}
    polygons = {code: polygon for code, (polygon, _) in divisions.items()}
    feature_file.write(folder / "plan_place.geojson", plan_places(polygons, _read(folder / "river.geojson")))


def _write_sums(folder: Path, pattern: str) -> None:
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in sorted(folder.glob(pattern)))
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")


def main() -> int:
    """Fetch the inputs, derive all layers, write them and their hashes; with --table only compare areas."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=Path, default=ROOT / ".shanhe/inputs", help="directory of downloaded inputs")
    parser.add_argument("--out", type=Path, default=HERE.parent, help="directory of the layer files")
    parser.add_argument("--table", action="store_true", help="only print the areas beside the published figures")
    parser.add_argument(
        "--places", action="store_true", help="only make the plans' places again, from the files in --out"
    )
    options = parser.parse_args()
    if not options.table:
        options.out.mkdir(parents=True, exist_ok=True)
        if not options.places:
            try:
                inputs = fetch(options.inputs)
            except InputUnavailableError as error:
                print(error, file=sys.stderr)
                return 1
            for layer, features in sorted(derive(inputs).items()):
                feature_file.write(options.out / f"{layer}.geojson", features)
            raster.write(inputs.relief, options.out / "rasters")
            _write_sums(options.out / "rasters", "*.tif")
        _write_places(options.out)
        _write_sums(options.out, "*.geojson")
    print(area_table.text(options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
