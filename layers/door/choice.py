"""Which of a file's layers is read: the one with features, or the one asked for by name; it reads none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from layers.door.table import Asked
from zoning.bilingual import Bilingual
from zoning.errors import BadSite

_SHOWN = 20
"""Layers named in a text; `where` lists all."""


@dataclass(frozen=True, slots=True)
class Held:
    """A layer by name, other names it goes by, and how many features it has: None where that cannot be told."""

    name: str
    features: int | None
    aliases: tuple[str, ...] = ()


def chosen(held: Sequence[Held], asked: Asked) -> int | None:
    """The position of the layer to read; None where the file has no layer at all.

    A name is taken as written, else without regard to capitals; an alias counts where only one layer has it.

    Raises
    ------
    BadSite
        ``layers-several``: several have features and none was asked for; ``layer-unknown``: none is called so.
    """
    if asked.layer is not None:
        return _named(held, asked.layer, asked)
    filled = [n for n, layer in enumerate(held) if layer.features != 0]
    if len(filled) > 1:
        text = Bilingual(
            "文件“{f}”里有 {n} 个含图形的图层：{names}。请用 --layer 或 layer 参数指定要核查的一个，"
            "或只保留选址所在的一个。",
            "“{f}” has {n} layers with features: {names}. Say which one is the site with --layer or the layer "
            "parameter, or keep only that one.",
        )
        raise BadSite(
            "layers-several",
            text.format(f=asked.name, n=len(filled), names=_listed([held[n] for n in filled])),
            file=asked.name, layers=[_plain(held[n]) for n in filled],
        )  # fmt: skip
    return filled[0] if filled else (0 if held else None)


def _named(held: Sequence[Held], wanted: str, asked: Asked) -> int:
    tests = (
        lambda layer: layer.name == wanted,
        lambda layer: layer.name.lower() == wanted.lower(),
        lambda layer: wanted.lower() in (alias.lower() for alias in layer.aliases),
    )
    for test in tests:
        found = [n for n, layer in enumerate(held) if test(layer)]
        if len(found) == 1:
            return found[0]
    raise unknown_layer(wanted, held, asked.name)


def unknown_layer(wanted: str, held: Sequence[Held], file: str) -> BadSite:
    """The refusal of a layer that the file does not have, with those that it has."""
    if not held:
        text = Bilingual(
            "文件“{f}”不分图层，没有“{w}”。请去掉 --layer 或 layer 参数。",
            "“{f}” has no layers and so no “{w}”. Leave out --layer or the layer parameter.",
        )
        return BadSite("layer-unknown", text.format(f=file, w=wanted[:100]), file=file, value=wanted[:200], layers=[])
    text = Bilingual(
        "文件“{f}”里没有图层“{w}”。现有图层：{names}。请按原样填写其中一个。",
        "“{f}” has no layer “{w}”. It has {names}. Give one of these as written.",
    )
    return BadSite(
        "layer-unknown",
        text.format(f=file, w=wanted[:100], names=_listed(held)),
        file=file, value=wanted[:200], layers=[_plain(layer) for layer in held],
    )  # fmt: skip


def _plain(layer: Held) -> dict[str, str | int | None]:
    return {"name": layer.name, "features": layer.features}


def _listed(held: Sequence[Held]) -> Bilingual:
    def one(layer: Held) -> Bilingual:
        if layer.features is None:
            return Bilingual(f"“{layer.name}”（无法读取）", f"“{layer.name}” (cannot be read)")
        return Bilingual(f"“{layer.name}”（{layer.features} 个）", f"“{layer.name}” ({layer.features})")

    shown = [one(layer) for layer in held[:_SHOWN]]
    zh, en = "、".join(text.zh for text in shown), ", ".join(text.en for text in shown)
    if (more := len(held) - _SHOWN) > 0:
        zh, en = f"{zh} 等，另有 {more} 个", f"{en} and {more} more"
    return Bilingual(zh, en)
