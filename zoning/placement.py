"""Whether a site lies in the region served and, if not, which known coordinate mistake explains it; it corrects
nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zoning.bilingual import Bilingual
from zoning.crs import SourceCRS, gauss_krueger_epsg, read_crs, zone_of_prefix
from zoning.errors import BadSite

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Region:
    """The box of longitude and latitude that a deployment serves, degrees."""

    name: Bilingual
    west: float
    south: float
    east: float
    north: float

    def holds(self, lonlat: Floats) -> npt.NDArray[np.bool_]:
        """For each row (longitude, latitude) whether it is in the box; infinite and NaN are not."""
        lon, lat = lonlat[:, 0], lonlat[:, 1]
        return np.asarray((lon >= self.west) & (lon <= self.east) & (lat >= self.south) & (lat <= self.north))

    def meridians(self, width: int = 3) -> list[int]:
        """Central meridians of the Gauss-Krüger zones (3° or 6° wide) that the box meets, degrees.

        >>> SHANXI.meridians(), SHANXI.meridians(6)
        ([111, 114], [111, 117])
        """
        if width == 3:
            return [3 * n for n in range(round(self.west / 3), round(self.east / 3) + 1)]
        return [6 * n - 3 for n in range(int(self.west // 6) + 1, int(self.east // 6) + 2)]


SHANXI = Region(Bilingual("山西省", "Shanxi"), 110.0, 34.4, 114.8, 40.9)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake that would put every coordinate inside the region; `crs` is what to state instead, if that cures
    it."""

    code: str
    text: Bilingual
    crs: str | None = None


_RETURN = 1.0
"""A position projected and back must come within this of itself: m, or degrees, which is ample for both."""


def require_inside(
    xy: Floats, source: SourceCRS, region: Region, where_of: Callable[[int], Mapping[str, object]]
) -> None:
    """Raise ``site-outside-region`` naming the first coordinate outside `region`, and the mistake that explains it if
    one does.

    Parameters
    ----------
    xy
        Source coordinates, (n, 2), all finite.
    where_of
        The place of row i of `xy` in the file, for the error.
    """
    lonlat = source.to_lonlat(xy)
    inside = region.holds(lonlat)
    # Far outside its zone a projection may come round into the region again: only what leads back to itself is there.
    with np.errstate(invalid="ignore"):
        returns = np.abs(source.from_lonlat(lonlat) - xy).max(axis=1, initial=0.0) <= _RETURN
    inside &= returns
    if inside.all():
        return
    first = int(np.argmin(inside))
    x, y = (float(v) for v in xy[first])
    lon, lat = (float(v) for v in lonlat[first])
    mistake = explain(xy, source, region) if not inside.any() else None
    finite = bool(np.isfinite(lonlat[first]).all())
    place = (
        Bilingual(f"，即 {lon:.6f}°E {lat:.6f}°N", f", that is {lon:.6f}°E {lat:.6f}°N")
        if finite
        else Bilingual("", "")
    )
    if source.geographic:
        place = Bilingual("", "")
    text = Bilingual(
        "坐标 ({x}, {y}) 按 {crs} 读取{place}，不在{region}范围（{w}–{e}°E，{s}–{n}°N）内。{mistake}",
        "The coordinate ({x}, {y}), read as {crs}{place}, is outside {region} ({w}–{e}°E, {s}–{n}°N). {mistake}",
    ).format(
        x=_plain(x), y=_plain(y), crs=source.label, place=place, region=region.name,
        w=region.west, e=region.east, s=region.south, n=region.north,
        mistake=mistake.text if mistake else Bilingual("请检查坐标和坐标系。", "Check the coordinates and the CRS."),
    )  # fmt: skip
    raise BadSite(
        "site-outside-region",
        text,
        coordinate=[lon, lat] if finite else [x, y],
        source_coordinate=[x, y],
        crs=source.label,
        diagnosis=mistake.code if mistake else None,
        suggested_crs=mistake.crs if mistake else None,
        **where_of(first),
    )


def _plain(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def explain(xy: Floats, source: SourceCRS, region: Region) -> Mistake | None:
    """The first known mistake under which all of `xy` falls inside `region`, or None."""
    swapped = xy[:, ::-1]
    if not source.geographic and (region.holds(xy).all() or region.holds(swapped).all()):
        return _DEGREES
    if region.holds(source.to_lonlat(swapped)).all():
        return _SWAPPED
    for turned in (xy, swapped):
        for true in _projected_candidates(turned, source, region):
            if region.holds(true.to_lonlat(turned)).all():
                return _mistaken(source, true, swapped=turned is swapped)
    return None


def _mistaken(source: SourceCRS, true: SourceCRS, *, swapped: bool) -> Mistake:
    also = _AND_SWAPPED if swapped else Bilingual("", "")
    if source.geographic:
        code, text = "metres-in-geographic-crs", _METRES
    elif source.meridian != true.meridian:
        code, text = "wrong-zone", _WRONG_ZONE
    elif true.prefix is None:
        code, text = "zone-prefix-missing", _PREFIX_MISSING
    else:
        code, text = "zone-prefix-extra", _PREFIX_EXTRA
    return Mistake(code, text.format(given=source.label, true=true.label, prefix=true.prefix, also=also), true.label)


def easting_prefix(xy: Floats) -> int | None:
    """The zone number all eastings begin with: 0 for plain six-digit eastings, None where they are neither or do not
    agree.

    >>> easting_prefix(np.array([[37498000.0, 3.9e6]])), easting_prefix(np.array([[498000.0, 3.9e6]]))
    (37, 0)
    """
    east, north = xy[:, 0], xy[:, 1]
    if not len(xy) or not bool(((north > 1e6) & (north < 7e6)).all()):
        return None
    prefixes = np.unique(np.floor(east / 1e6))
    if len(prefixes) != 1:
        return None
    prefix = int(prefixes[0])
    if prefix == 0:
        return 0 if bool((east > 1e5).all()) else None
    return prefix if 13 <= prefix <= 45 else None


def unprefixed(region: Region) -> list[SourceCRS]:
    """The CGCS2000 3° zones of the region without zone prefix."""
    codes = [gauss_krueger_epsg(m, None) for m in region.meridians()]
    return [read_crs(code) for code in codes if code is not None]


def _projected_candidates(xy: Floats, source: SourceCRS, region: Region) -> list[SourceCRS]:
    """Gauss-Krüger zones that eastings of this look may be in, those of the stated meridian first."""
    prefix = easting_prefix(xy)
    if prefix is None:
        return []
    code = zone_of_prefix(prefix)
    found = unprefixed(region) if prefix == 0 else [read_crs(code)] if code else []
    return sorted(found, key=lambda crs: crs.meridian != source.meridian)


def infer(xy: Floats, region: Region, **where: object) -> tuple[SourceCRS, bool]:
    """The CRS of coordinates that come without one, and whether it was chosen by a zone prefix.

    Degrees are EPSG:4490. Eastings with a zone prefix give their zone. Six-digit eastings fit every zone:
    ``crs-needed`` names the candidates with the place each would give.
    """
    if bool((np.abs(xy) <= 360).all()):
        return read_crs(4490), False
    for turned in (xy, xy[:, ::-1]):
        prefix = easting_prefix(turned)
        code = zone_of_prefix(prefix) if prefix else None
        if code is not None:
            return read_crs(code), True  # swapped ones are then outside the region, and told so
        if prefix == 0:
            raise crs_needed(turned, region, unprefixed(region), **where)
    raise crs_needed(xy, region, [], **where)


def crs_needed(xy: Floats, region: Region, candidates: list[SourceCRS], **where: object) -> BadSite:
    """The question for a CRS, with what each candidate would mean for the first coordinate."""
    x, y = (float(v) for v in xy[0])
    fits: list[str] = []
    for candidate in candidates:
        lonlat = candidate.to_lonlat(xy)
        (lon, lat), inside = lonlat[0], bool(region.holds(lonlat).all())
        fits.append(f"{candidate.label} → {lon:.4f}°E {lat:.4f}°N {'✓' if inside else '✗'}")
    listed = "；".join(fits)
    text = Bilingual(
        f"坐标 ({_plain(x)}, {_plain(y)}) 没有注明坐标系，不能唯一确定，请指定（--crs 或 crs）。"
        + (
            f"可能是：{listed}（✓ 表示落在{region.name.zh}范围内）。"
            if fits
            else "常用 EPSG:4490、4525、4526、4546、4547。"
        ),
        f"The coordinate ({_plain(x)}, {_plain(y)}) comes without a CRS and fits no single one; state it (--crs "
        f"or crs). "
        + (
            f"Candidates: {'; '.join(fits)} (✓ inside {region.name.en})."
            if fits
            else "Usual: EPSG:4490, 4525, 4526, 4546, 4547."
        ),
    )
    return BadSite(
        "crs-needed", text, source_coordinate=[x, y], candidates=[c.label for c in candidates] or None, **where
    )


_SWAPPED = Mistake(
    "swapped-axes",
    Bilingual(
        "两个坐标的次序颠倒了：应为先经度（或东坐标）后纬度（或北坐标）。",
        "The axes are swapped: longitude or easting comes first.",
    ),
)
_AND_SWAPPED = Bilingual("另外两个坐标的次序也颠倒了。", " The axes are swapped as well.")
_DEGREES = Mistake(
    "degrees-in-projected-crs",
    Bilingual(
        "坐标是经纬度，坐标系却是投影坐标系：请改用 EPSG:4490。",
        "The coordinates are degrees but the CRS is projected: use EPSG:4490.",
    ),
    "EPSG:4490",
)

_METRES = Bilingual(
    "坐标是投影坐标（米），坐标系却是经纬度：请改用 {true}。{also}",
    "The coordinates are projected metres but the CRS is in degrees: use {true}.{also}",
)
_PREFIX_MISSING = Bilingual(
    "{given} 的东坐标应以带号开头（八位），文件里没有带号：请改用不带带号的 {true}。{also}",
    "Eastings of {given} begin with the zone number (eight digits), these do not: use {true}.{also}",
)
_PREFIX_EXTRA = Bilingual(
    "东坐标以带号 {prefix} 开头，而 {given} 不带带号：请改用 {true}。{also}",
    "The eastings begin with the zone number {prefix} but {given} has none: use {true}.{also}",
)
_WRONG_ZONE = Bilingual(
    "高斯-克吕格分带用错：不是 {given}，应为 {true}。{also}",
    "The Gauss-Krüger zone is wrong: not {given} but {true}.{also}",
)
