"""Write the bundled access list: `python data/access/build`. It binds each clause of clauses.yaml to the codes it stands under."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
UNITS = HERE.parents[1] / "boundaries" / "control_unit.geojson"
CITIES = HERE.parents[1] / "boundaries" / "city.geojson"
OUT = HERE.parent / "illustrative.json"


def _properties(path: Path) -> list[dict[str, Any]]:
    return [feature["properties"] for feature in json.loads(path.read_text(encoding="utf-8"))["features"]]


def built() -> str:
    """The file as text: one clause on a line, in the order of clauses.yaml, codes sorted; the same bytes every time."""
    cities = sorted(one["code"] for one in _properties(CITIES))
    units = _properties(UNITS)
    lines = []
    for clause in yaml.safe_load((HERE / "clauses.yaml").read_text(encoding="utf-8"))["clauses"]:
        basis, bind = clause.pop("basis", None), clause.pop("bind", None)
        codes = sorted(one["code"] for one in units if one["basis"] == basis) if basis else bind
        said = {**clause, "codes": cities if codes == "cities" else codes, "legal_status": "illustrative"}
        lines.append(json.dumps(said, ensure_ascii=False, sort_keys=True))
    return '{"clauses": [\n' + ",\n".join(lines) + "\n]}\n"


if __name__ == "__main__":
    OUT.write_text(built(), encoding="utf-8", newline="\n")
