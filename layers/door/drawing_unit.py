"""The unit that a drawing states ($INSUNITS) as metres; it changes no coordinate."""

from __future__ import annotations

from typing import Any

from layers.door.table import Fault
from zoning.bilingual import Bilingual

_METRES = {
    1: ("in", 0.0254), 2: ("ft", 0.3048), 4: ("mm", 0.001), 5: ("cm", 0.01), 6: ("m", 1.0), 7: ("km", 1000.0),
    14: ("dm", 0.1),
}  # fmt: skip


def metres_of(code: int) -> tuple[float, dict[str, Any] | None]:
    """What coordinates are multiplied by to give metres, and the note of it where that is no matter of course.

    0 says nothing and is taken as metres. Raises `Fault` ``dxf-units`` for a unit that is not read.
    """
    if code == 0:
        return 1.0, {"unit": None, "factor": 1.0, "code": code}
    if code not in _METRES:
        reason = Bilingual(f"图纸单位 $INSUNITS={code} 不是米制或英尺英寸", f"its unit $INSUNITS={code} is not read")
        raise Fault("dxf-units", reason, value=code)
    unit, factor = _METRES[code]
    return factor, None if unit == "m" else {"unit": unit, "factor": factor, "code": code}
