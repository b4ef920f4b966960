"""Which CRS a site is read in when the file states one and the user another: the user's, but never over a datum of the
past or a shifted one."""

from __future__ import annotations

from layers.opened import CRS
from zoning.bilingual import Bilingual
from zoning.crs import SourceCRS, read_crs
from zoning.errors import BadSite
from zoning.sitefault import Notice


def agreed(own: CRS | None, stated: CRS | None, file: str | None) -> tuple[CRS | None, tuple[Notice, ...]]:
    """The CRS to read in, None where neither says one, and the notice ``crs-overridden`` where they differ.

    Raises
    ------
    BadSite
        ``datum-unsupported``, ``datum-gcj02`` or ``datum-bd09``: the file declares Xi'an 80, Beijing 54 or a web map's
        datum, and the user states another CRS; ``crs-unknown`` for what the user states.
    """
    if own is None:
        return stated, ()
    chosen = None if stated is None else read_crs(stated)
    declared: SourceCRS | None = None
    try:
        declared = read_crs(own)
    except BadSite as error:
        if chosen is None:
            text = Bilingual("{name}：{why}", "{name}: {why}").format(name=_name(file), why=error.message)
            raise BadSite(error.type, text, **{**error.where, "file": file}) from error
        if error.type.startswith("datum-"):
            raise not_overridden(error, chosen, file) from error
    if chosen is None or stated is None:
        return own, ()
    if declared is not None and declared.crs == chosen.crs:
        return stated, ()
    label = declared.label if declared is not None else str(own)[:80]
    text = Bilingual(
        "{name}注明的坐标系是 {own}，按指定的 {label} 读取，请确认。",
        "{name} states its CRS as {own}; it was read as {label}, as asked. Please make sure.",
    ).format(name=_name(file), own=label, label=chosen.label)
    return stated, (Notice("crs-overridden", text, {"file": file, "declared": label, "crs": chosen.label}),)


def _name(file: str | None) -> Bilingual:
    return Bilingual("文件“{f}”", "File “{f}”").format(f=file) if file else Bilingual("选址", "The site")


def not_overridden(error: BadSite, chosen: SourceCRS, file: str | None) -> BadSite:
    """The refusal of a stated CRS over a declared datum: the shift between the two would be lost without a word."""
    text = Bilingual(
        "{name}：{why}另行指定 {label} 不会转换坐标，因此不采用。若文件的标注有误，请先改正文件里的坐标系说明。",
        "{name}: {why} Stating {label} converts nothing and so is not taken. If the file's own statement is wrong, "
        "correct it in the file first.",
    ).format(name=_name(file), why=error.message, label=chosen.label)
    return BadSite(error.type, text, **{**error.where, "file": file})
