"""Which coordinate reference systems a site may come in, and the way from them to EPSG:4490; no datum is shifted here.

CGCS2000 is taken as it is and WGS 84 as the same frame to under a metre. Xi'an 80 and Beijing 54 need parameters their
owner holds and are refused. Coordinates are x = longitude or easting, y = latitude or northing, whatever the order the
CRS itself declares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.exceptions import CRSError

from zoning.bilingual import Bilingual
from zoning.datum import ShiftedDatum, declared_datum
from zoning.errors import BadSite
from zoning.measure import INVERSE_FLATTENING, A

Floats = npt.NDArray[np.float64]
Datum = Literal["cgcs2000", "wgs84"]

_SHORT_TEXT = 100
_LONGEST_TEXT = 20_000
_EPSG = re.compile(
    r"(?:epsg:{1,2}|urn:ogc:def:crs:epsg:[\d.]*:|https?://www\.opengis\.net/def/crs/epsg/[\d.]+/)?(\d{4,6})",
    re.IGNORECASE,
)
_CRS84 = re.compile(
    r"(?:urn:ogc:def:crs:ogc:[\d.]*:|ogc:|https?://www\.opengis\.net/def/crs/ogc/[\d.]+/)?crs84h?", re.IGNORECASE
)
_WKT = re.compile(
    r"\s*(GEOGCS|PROJCS|COMPD_CS|GEOGCRS|GEODCRS|GEODETICCRS|GEOGRAPHICCRS|PROJCRS|PROJECTEDCRS|COMPOUNDCRS|BOUNDCRS)\s*[\[(]"
)
_CGCS2000 = re.compile(
    r"china[ _]?2000|cgcs[ _]?2000|china[ _]geodetic[ _]coordinate[ _]system[ _]2000|2000国家大地", re.IGNORECASE
)
_WGS84 = re.compile(r"wgs[ _]?(19)?84|world geodetic system 1984", re.IGNORECASE)
_OLD: tuple[tuple[re.Pattern[str], Bilingual], ...] = (
    (
        re.compile(r"xi'?an[ _]?(19)?80|西安(19)?80|(19)?80年?西安", re.IGNORECASE),
        Bilingual("西安80坐标系", "Xi'an 1980"),
    ),
    (
        re.compile(r"beijing[ _]?(19)?54|new[ _]beijing|北京(19)?54|(19)?54年?北京", re.IGNORECASE),
        Bilingual("北京54坐标系", "Beijing 1954"),
    ),
)


_ABOUT_CRS = re.compile(r"坐标系(统|名称)?|坐标基准|大地基准|基准面?|空间参考|crs|srs|datum|zbx", re.IGNORECASE)
"""Names of a column that holds the CRS; 原坐标系 is none of them: what was converted says so."""


@dataclass(frozen=True, slots=True)
class SourceCRS:
    """A CRS that a site may come in.

    `label` is ``EPSG:n`` where one fits exactly, else the CRS's own name. For a transverse Mercator, `meridian` is its
    central meridian in degrees; `prefix` is the zone number in front of its eastings, or None.
    """

    label: str
    crs: pyproj.CRS
    datum: Datum
    meridian: float | None = None
    prefix: int | None = None

    @property
    def geographic(self) -> bool:
        return bool(self.crs.is_geographic)

    def to_lonlat(self, xy: npt.ArrayLike) -> Floats:
        """Source coordinates, (n, 2), to longitude and latitude, degrees; infinite where the projection has no
        answer."""
        return _turn(self.crs, np.asarray(xy, dtype=np.float64).reshape(-1, 2), "FORWARD")

    def from_lonlat(self, lonlat: npt.ArrayLike) -> Floats:
        """Longitude and latitude, (n, 2) degrees, to source coordinates."""
        return _turn(self.crs, np.asarray(lonlat, dtype=np.float64).reshape(-1, 2), "INVERSE")


@lru_cache(maxsize=256)
def _transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    # To the CRS's own geographic base, so that PROJ is never asked to change the datum.
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _turn(crs: pyproj.CRS, xy: Floats, direction: Literal["FORWARD", "INVERSE"]) -> Floats:
    if crs.is_geographic:
        return xy
    x, y = _transformer(crs).transform(xy[:, 0], xy[:, 1], direction=direction)
    return np.column_stack([x, y])


def read_crs(given: pyproj.CRS | str | int) -> SourceCRS:
    """Recognise a CRS given as EPSG code, OGC URN, CRS84, or WKT (OGC or ESRI, as in a .prj).

    Raises
    ------
    BadSite
        ``datum-gcj02`` or ``datum-bd09`` when the text names one; ``datum-unsupported`` for Xi'an 80 and Beijing 54;
        ``crs-unknown`` for anything else that is not CGCS2000 or WGS 84 in degrees or projected.

    >>> read_crs("EPSG:4526").prefix, read_crs("4546").meridian
    (38, 111.0)
    """
    if isinstance(given, (str, int)) and len(str(given)) <= _SHORT_TEXT:
        return _read_short(given)
    return _read(given)


@lru_cache(maxsize=128)
def _read_short(given: str | int) -> SourceCRS:
    return _read(given)


def _read(given: pyproj.CRS | str | int) -> SourceCRS:
    text = given if isinstance(given, str) else ""
    if declared := declared_datum(crs=text):
        raise shifted_datum(declared.datum, declared.words, field=declared.field)
    for pattern, name in _OLD:
        if pattern.search(text):
            raise _old_datum(name, text)
    crs = _horizontal(_parse(given), str(given))
    base = crs.geodetic_crs
    if base is None or base.datum is None or base.ellipsoid is None:
        raise _unknown(str(given), Bilingual("没有大地基准", "it has no geodetic datum"))
    datum_name = f"{base.datum.name} {base.name}"
    for pattern, name in _OLD:
        if pattern.search(datum_name):
            raise _old_datum(name, crs.name)
    datum = _datum(base)
    if datum is None:
        reason = Bilingual(
            f"基准“{base.datum.name}”不是 CGCS2000 或 WGS 84",
            f"its datum “{base.datum.name}” is neither CGCS2000 nor WGS 84",
        )
        raise _unknown(crs.name, reason)
    if crs.is_geographic:
        if any(abs(axis.unit_conversion_factor - np.pi / 180) > 1e-12 for axis in crs.axis_info):
            raise _unknown(crs.name, Bilingual("经纬度单位不是度", "its angles are not degrees"))
        return SourceCRS(_label(crs, datum, None, None), crs, datum)
    if not crs.is_projected:
        raise _unknown(
            crs.name, Bilingual("既不是地理坐标系也不是投影坐标系", "it is neither geographic nor projected")
        )
    meridian, prefix = _zone(crs)
    return SourceCRS(_label(crs, datum, meridian, prefix), crs, datum, meridian, prefix)


def _parse(given: pyproj.CRS | str | int) -> pyproj.CRS:
    if isinstance(given, pyproj.CRS):
        return given
    text = str(given).strip()
    try:
        if code := _EPSG.fullmatch(text):
            return pyproj.CRS.from_epsg(int(code.group(1)))
        if _CRS84.fullmatch(text):
            return pyproj.CRS.from_user_input("OGC:CRS84")
        if len(text) <= _LONGEST_TEXT and _WKT.match(text):
            return pyproj.CRS.from_wkt(text)
    except CRSError as error:
        raise _unknown(text, Bilingual("无法解析", "it cannot be parsed")) from error
    raise _unknown(text, Bilingual("写法不在 EPSG 代码、CRS84、WKT 之列", "it is not an EPSG code, CRS84 or WKT"))


def _horizontal(crs: pyproj.CRS, text: str) -> pyproj.CRS:
    if crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if len(crs.axis_info) == 3 and not crs.is_geocentric:
        crs = crs.to_2d()
    if crs.is_geocentric:
        raise _unknown(text, Bilingual("是地心坐标", "it is geocentric"))
    return crs


def _datum(base: pyproj.CRS) -> Datum | None:
    datum, ellipsoid = base.datum, base.ellipsoid
    if datum is None or ellipsoid is None:
        return None
    if base.prime_meridian is not None and abs(base.prime_meridian.longitude) > 1e-12:
        return None
    if abs(ellipsoid.semi_major_metre - A) > 1e-3:
        return None
    if _CGCS2000.search(datum.name) and abs(ellipsoid.inverse_flattening - INVERSE_FLATTENING) < 1e-6:
        return "cgcs2000"
    if _WGS84.search(datum.name) and abs(ellipsoid.inverse_flattening - 298.257223563) < 1e-6:
        return "wgs84"
    return None


def _zone(crs: pyproj.CRS) -> tuple[float | None, int | None]:
    operation = crs.coordinate_operation
    if operation is None or operation.method_name not in ("Transverse Mercator", "Gauss Kruger", "Gauss-Kruger"):
        return None, None
    value = {p.name: float(p.value) for p in operation.params}
    meridian = value.get("Longitude of natural origin")
    prefix, rest = divmod(value.get("False easting", 0.0), 1e6)
    return meridian, int(prefix) if prefix >= 1 and rest == 500_000 else None


def _label(crs: pyproj.CRS, datum: Datum, meridian: float | None, prefix: int | None) -> str:
    """The EPSG code that gives the same positions as `crs`, else its name."""
    codes = [crs.to_epsg(min_confidence=70)]
    if crs.is_geographic:
        codes.append(4490 if datum == "cgcs2000" else 4326)
    if datum == "cgcs2000" and meridian is not None:
        codes += [gauss_krueger_epsg(meridian, prefix, width) for width in (3, 6)]
    for code in codes:
        if code is not None and _same_positions(crs, pyproj.CRS.from_epsg(code)):
            return f"EPSG:{code}"
    return str(crs.name)


def _same_positions(crs: pyproj.CRS, other: pyproj.CRS) -> bool:
    if crs.is_geographic or other.is_geographic:
        return bool(crs.is_geographic and other.is_geographic)
    place = np.array([[111.3, 35.1], [113.9, 40.2]])
    return bool(np.allclose(_turn(crs, place, "INVERSE"), _turn(other, place, "INVERSE"), rtol=0, atol=1e-4))


def gauss_krueger_epsg(meridian: float, prefix: int | None, width: int = 3) -> int | None:
    """EPSG code of a CGCS2000 Gauss-Krüger zone (3° or 6° wide), or None where there is none.

    >>> gauss_krueger_epsg(111, None), gauss_krueger_epsg(114, 38), gauss_krueger_epsg(111, 19, 6)
    (4546, 4526, 4497)
    """
    if width == 3:
        zone, first, last, with_prefix, without = meridian / 3, 25, 45, 4513, 4534
    else:
        zone, first, last, with_prefix, without = (meridian + 3) / 6, 13, 23, 4491, 4502
    if zone != int(zone) or not first <= zone <= last or prefix not in (None, int(zone)):
        return None
    return int(zone) - first + (without if prefix is None else with_prefix)


def zone_of_prefix(prefix: int) -> int | None:
    """EPSG code of the CGCS2000 zone whose eastings begin with `prefix`: 25–45 are 3° zones, 13–23 are 6° zones.

    >>> zone_of_prefix(37), zone_of_prefix(19), zone_of_prefix(50)
    (4525, 4497, None)
    """
    if 25 <= prefix <= 45:
        return 4513 + prefix - 25
    return 4491 + prefix - 13 if 13 <= prefix <= 23 else None


def shifted_datum(datum: ShiftedDatum, words: str, **where: Any) -> BadSite:
    """The refusal of GCJ-02 or BD-09."""
    name = Bilingual("GCJ-02（高德、腾讯所用，俗称火星坐标）", "GCJ-02 (used by Amap and Tencent)")
    if datum == "bd09":
        name = Bilingual("BD-09（百度地图所用）", "BD-09 (used by Baidu Maps)")
    text = Bilingual(
        "“{words}”表明坐标为{name}，与 CGCS2000 相差数百米，不能用于核查。请提供 CGCS2000（EPSG:4490）的测量成果；"
        "由地图坐标换算的结果只能作示意。",
        "“{words}” says the coordinates are {name}, hundreds of metres off CGCS2000, so they cannot be checked. "
        "Give surveyed CGCS2000 "
        "(EPSG:4490) coordinates; a conversion from map coordinates is only indicative.",
    )
    return BadSite(f"datum-{datum}", text.format(words=words, name=name), value=words, **where)


def require_no_old_datum(file_name: str, properties: Mapping[str, Any], **where: Any) -> None:
    """Raise ``datum-unsupported`` when a file without a CRS names Xi'an 80 or Beijing 54 in its name, or in a property
    that is about nothing but the CRS.

    >>> require_no_old_datum("选址.csv", {"坐标系": "CGCS2000", "名称": "西安80号院"})
    """
    said: list[tuple[str, Any]] = [("file", file_name)]
    said += [(str(key), value) for key, value in properties.items() if _ABOUT_CRS.fullmatch(str(key).strip())]
    for field, text in said:
        for pattern, name in _OLD:
            if isinstance(text, str) and pattern.search(text):
                error = _old_datum(name, text)
                raise BadSite(error.type, error.message, **{**error.where, "field": field, **where})


def _old_datum(name: Bilingual, given: str) -> BadSite:
    text = Bilingual(
        "坐标系“{given}”属{name}，与 CGCS2000 之间没有公开的转换参数，直接套用会差几十至上百米。"
        "请由测绘成果的持有单位转换为 CGCS2000（EPSG:4490 或 4513–4554）后再提交。",
        "“{given}” is on {name}; no public parameters lead from it to CGCS2000 and taking it as it is would be "
        "tens to a hundred "
        "metres wrong. Have the owner of the survey convert it to CGCS2000 (EPSG:4490 or 4513–4554).",
    )
    return BadSite("datum-unsupported", text.format(name=name, given=given[:80]), value=given[:200])


def _unknown(given: str, reason: Bilingual) -> BadSite:
    text = Bilingual(
        "不认识坐标系“{given}”：{reason}。可用 EPSG:4490、4513–4554、4491–4512（CGCS2000），或 4326、326xx、"
        "3857（WGS 84）。",
        "The CRS “{given}” is not known here: {reason}. Use EPSG:4490, 4513–4554, 4491–4512 (CGCS2000), or 4326, "
        "326xx, 3857 (WGS 84).",
    )
    return BadSite("crs-unknown", text.format(given=given[:80], reason=reason), value=given[:200])
