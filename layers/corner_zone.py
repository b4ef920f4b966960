"""The CRS of a corner-point file from what it declares of datum and zone, held against its own eastings; it chooses none
where the file leaves a doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from layers.declared_crs import not_overridden
from layers.opened import CRS
from layers.table_angle import degrees_of
from zoning.bilingual import Bilingual
from zoning.crs import SourceCRS, gauss_krueger_epsg, read_crs, zone_of_prefix
from zoning.errors import BadSite
from zoning.placement import Region, crs_needed, easting_prefix, unprefixed
from zoning.sitefault import Notice

Floats = npt.NDArray[np.float64]

_CGCS2000 = re.compile(r"(?<!\d)2000(?!\d)")
_OLD = (
    (re.compile(r"西安|xi'?an|(?<!\d)(19)?80(?!\d)", re.IGNORECASE), "西安80"),
    (re.compile(r"北京|beijing|(?<!\d)(19)?54(?!\d)", re.IGNORECASE), "北京54"),
)
_LOCAL = re.compile("独立|地方|工程|任意|假定")
"""A system of a city or a works: its frame may be CGCS2000, its coordinates are not."""
_UNITS = re.compile("千米|公里|分米|厘米|毫米|英尺|km|cm|mm", re.IGNORECASE)
_WIDTHS = {"3": 3, "三": 3, "6": 6, "六": 6}


def zone_crs(
    declared: Mapping[str, str],
    xy: Floats,
    lines: Sequence[int],
    *,
    stated: CRS | None,
    region: Region,
    file: str,
) -> tuple[CRS | None, tuple[Notice, ...]]:
    """The CRS that a file states, and what was assumed.

    Parameters
    ----------
    declared
        坐标系, 几度分带 and 带号 as written.
    xy
        Easting and northing, (n, 2), metres; or longitude and latitude.
    lines
        The line of each row of `xy`.
    stated
        What the user stated; the file's own words then only make a notice, unless they name an old datum.

    Raises
    ------
    BadSite
        ``axes-swapped``; ``zone-contradictory``; ``datum-unsupported``; ``crs-unknown``; ``crs-needed``.
    """
    require_on_earth(xy, lines, file)
    require_axes(xy, lines, region, file)
    system = declared.get("坐标系", "").strip()
    if stated is not None:
        chosen = read_crs(stated)
        if any(pattern.search(system) for pattern, _ in _OLD):
            try:
                _system(system, file)
            except BadSite as error:
                raise not_overridden(error, chosen, file) from error
        return None, _overridden(declared, chosen, file)
    if not system:
        raise crs_needed(xy, region, _candidates(xy, region), file=file, field="坐标系")
    named = _system(system, file)
    if named is not None:
        return named.label if named.label.startswith("EPSG:") else named.crs, ()
    if bool((np.abs(xy) <= 360).all()):
        return "EPSG:4490", ()
    return _zone(declared, xy, lines, region, file)


def require_on_earth(xy: Floats, lines: Sequence[int], file: str) -> None:
    """Raise ``site-outside-region`` at the first coordinate that is no easting or northing of any projection in use, as
    when a decimal point is lost; a projection would wrap it around the Earth."""
    far = np.flatnonzero((np.abs(xy) > 1e8).any(axis=1))
    if not far.size:
        return
    x, y = (float(v) for v in xy[far[0]])
    text = Bilingual(
        "文件“{f}”第 {line} 行的坐标（东 {x:.12g}，北 {y:.12g}）过大，不是投影坐标，请检查小数点。",
        "File “{f}”, line {line}: the coordinate (east {x:.12g}, north {y:.12g}) is too large for any projection; look at "
        "its decimal point.",
    ).format(f=file, line=lines[far[0]], x=x, y=y)
    raise BadSite("site-outside-region", text, file=file, line=lines[far[0]], source_coordinate=[x, y])


def require_axes(xy: Floats, lines: Sequence[int], region: Region, file: str) -> None:
    """Raise ``axes-swapped`` when the eastings hold what can only be northings (or latitudes) of the region."""
    low, high = region.south * 110_500, region.north * 111_700
    east, north = xy[:, 0], xy[:, 1]
    if bool((np.abs(xy) <= 360).all()):
        if not region.holds(xy[:, ::-1]).all():
            return
        wanted = Bilingual("X 应为纬度，Y 应为经度", "X must be the latitude, Y the longitude")
    elif not ((east > low) & (east < high)).all() or ((north > low) & (north < high)).any():
        return
    else:
        wanted = Bilingual(
            f"X 应为七位的北坐标（约 {low / 1e4:.0f}–{high / 1e4:.0f} 万米），Y 应为东坐标",
            f"X must be the seven-digit northing (about {low / 1e6:.2f} to {high / 1e6:.2f} million m), Y the easting",
        )
    text = Bilingual(
        "文件“{f}”第 {line} 行：X 为 {x:.10g}，Y 为 {y:.10g}，两列颠倒了。{wanted}。请调换两列后重新提交。",
        "File “{f}”, line {line}: X is {x:.10g} and Y is {y:.10g}; the two are swapped. {wanted}. Exchange the columns "
        "and send it again.",
    ).format(f=file, line=lines[0], x=float(north[0]), y=float(east[0]), wanted=wanted)
    raise BadSite("axes-swapped", text, file=file, line=lines[0], source_coordinate=[float(east[0]), float(north[0])])


def _system(system: str, file: str) -> SourceCRS | None:
    """None for CGCS2000 by its Chinese or short name; another CRS by its code; old and unknown ones are refused."""
    old = next((name for pattern, name in _OLD if pattern.search(system)), None)
    if old is None and not _LOCAL.search(system) and _CGCS2000.search(system) and not system.upper().startswith("EPSG"):
        return None
    try:
        return read_crs(f"{system}（{old}）" if old and old not in system else system)
    except BadSite as error:
        text = Bilingual("文件“{f}”：{why}", "File “{f}”: {why}").format(f=file, why=error.message)
        raise BadSite(error.type, text, **{**error.where, "file": file, "field": "坐标系"}) from error


def _zone(
    declared: Mapping[str, str], xy: Floats, lines: Sequence[int], region: Region, file: str
) -> tuple[str, tuple[Notice, ...]]:
    def contradiction(reason: Bilingual, row: int | None = None, **where: Any) -> BadSite:
        line = None if row is None else lines[row]
        at = Bilingual(f"第 {line} 行", f", line {line}") if line else Bilingual("", "")
        text = Bilingual(
            "文件“{f}”{at}的分带自相矛盾：{reason}。", "File “{f}”{at}: its zone is contradictory: {reason}."
        )
        return BadSite("zone-contradictory", text.format(f=file, at=at, reason=reason), file=file, line=line, **where)

    zone, width = _zone_number(declared, contradiction), _width(declared, contradiction)
    prefixes = np.floor(xy[:, 0] / 1e6).astype(np.int64)
    wanted = int(prefixes[0]) if zone is None or prefixes[0] == 0 else zone
    if (odd := np.flatnonzero(prefixes != wanted)).size:
        row = int(odd[0])
        reason = Bilingual(
            f"东坐标 {xy[row, 0]:.10g} 的带号与{f'带号 {wanted}' if wanted else '前面不带带号的东坐标'}不符",
            f"the easting {xy[row, 0]:.10g} does not begin with "
            f"{f'zone number {wanted}' if wanted else 'six digits as those before it'}",
        )
        raise contradiction(reason, row, value=float(xy[row, 0]))
    prefix = wanted or None
    if zone is None:
        if prefix is None or zone_of_prefix(prefix) is None:
            raise crs_needed(xy, region, _candidates(xy, region), file=file, field="带号")
        zone = prefix
    natural = 3 if zone >= 25 else 6
    meridian = 3 * zone if (width or natural) == 3 else 6 * zone - 3
    code = gauss_krueger_epsg(meridian, prefix, width or natural)
    _require_plane(declared, meridian, contradiction)
    if code is None:
        reason = Bilingual(
            f"几度分带为 {width or natural}，却是带号 {zone}（3 度带为 25–45，6 度带为 13–23）",
            f"zones of {width or natural}° but zone number {zone} (3° zones are 25–45, 6° zones 13–23)",
        )
        raise contradiction(reason, value=zone)
    label = f"EPSG:{code}"
    if declared.get("带号") and declared.get("几度分带"):
        return label, ()
    text = Bilingual(
        f"文件未写明{'带号' if not declared.get('带号') else '几度分带'}，按带号 {zone} 取 {label}。",
        f"The file does not state its {'zone number' if not declared.get('带号') else 'zone width'}; {label} was chosen by "
        f"zone number {zone}.",
    )
    return label, (Notice("zone-chosen", text, {"file": file, "crs": label}),)


def _require_plane(declared: Mapping[str, str], meridian: int, contradiction: Any) -> None:
    """What else the file says of its plane is that of the zone: projection, unit, central meridian."""
    if (projection := declared.get("投影类型", "")) and not re.search(r"高斯|gauss|gk", projection, re.IGNORECASE):
        reason = Bilingual(
            f"投影类型“{projection}”不是高斯-克吕格", f"投影类型 “{projection}” is not Gauss-Krüger, which has zones"
        )
        raise contradiction(reason, field="投影类型", value=projection)
    if _UNITS.search(unit := declared.get("计量单位", "")):
        raise contradiction(
            Bilingual(f"坐标的计量单位是“{unit}”，应为米", f"its coordinates are in “{unit}”, not in metres"),
            field="计量单位",
            value=unit,
        )
    for key in ("中央子午线", "中央经线", "中央子午线经度"):
        given = declared.get(key, "")
        if given and degrees_of(given) != meridian:
            reason = Bilingual(
                f"{key}为 {given}，带号的中央子午线却是 {meridian}°",
                f"{key} is {given} but that of its zone is {meridian}°",
            )
            raise contradiction(reason, field=key, value=given)


def _zone_number(declared: Mapping[str, str], contradiction: Any) -> int | None:
    given = declared.get("带号", "")
    if not given:
        return None
    digits = re.findall(r"\d+", given, re.ASCII)
    if len(digits) != 1:
        raise contradiction(Bilingual(f"带号“{given}”不是一个数", f"带号 “{given}” is not one number"), value=given)
    return int(digits[0][:6])


def _width(declared: Mapping[str, str], contradiction: Any) -> int | None:
    given = declared.get("几度分带", "")
    if not given:
        return None
    width = _WIDTHS.get(re.sub(r"\.0+|[度°带分\s]", "", given))
    if width is None:
        raise contradiction(
            Bilingual(f"几度分带“{given}”不是 3 或 6", f"几度分带 “{given}” is neither 3 nor 6"), value=given
        )
    return width


def _candidates(xy: Floats, region: Region) -> list[SourceCRS]:
    if bool((np.abs(xy) <= 360).all()):
        return [read_crs(4490)]
    prefix = easting_prefix(xy)
    if prefix == 0:
        return unprefixed(region)
    code = zone_of_prefix(prefix) if prefix else None
    return [read_crs(code)] if code else []


def _overridden(declared: Mapping[str, str], stated: SourceCRS, file: str) -> tuple[Notice, ...]:
    own = "，".join(f"{key}={declared[key]}" for key in ("坐标系", "几度分带", "带号") if declared.get(key))
    if not own:
        return ()
    text = Bilingual(
        f"文件写明“{own}”，按指定的 {stated.label} 读取，请确认。",
        f"The file says “{own}”; it was read as {stated.label}, as stated. Please make sure.",
    )
    return (Notice("crs-overridden", text, {"file": file, "crs": stated.label}),)
