"""The declared raster layers: reads and validates the entries beside the raster files; it opens no raster."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from layers.catalogue import BadCatalogue
from layers.raster_style import RasterStyle
from zoning.bilingual import Bilingual
from zoning.evidence import LegalStatus


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Unit(_Strict):
    """Unit of the values: its name in both languages and its symbol."""

    zh: str
    en: str
    symbol: str


class Accuracy(_Strict):
    """How far a value may be wrong, in the layer's unit (one-sided, 95 %); None when nobody measured it. `text` says more."""

    value: float | None = Field(ge=0)
    text: Bilingual


class RasterSpec(_Strict):
    """One declared raster layer: a file of one band, its meaning and its look."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    order: int
    title: Bilingual
    unit: Unit | None
    accuracy: Accuracy
    legal_status: LegalStatus
    visibility: Literal["public", "login", "role"]
    source: Bilingual
    licence: str
    nodata: float | None
    zoom: tuple[int, int]
    resampling: Literal["nearest", "bilinear", "cubic"]
    style: RasterStyle
    file: str = Field(pattern=r"^[a-z0-9_]+\.tif$")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not 0 <= self.zoom[0] <= self.zoom[1] <= 22:
            raise ValueError("zoom runs from the smaller to the larger, within 0 to 22")
        if self.style.classes and self.resampling != "nearest":
            raise ValueError("classes are drawn with resampling nearest: there is nothing between them")
        return self

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def _wrong(name: str, field: str, said: str) -> BadCatalogue:
    text = f"{name}: {field}: {said}"
    message = Bilingual(f"栅格目录有误：{text}", f"Raster catalogue: {text}")
    return BadCatalogue("catalogue-invalid", message, file=name, field=field)


def parse_entry(name: str, text: str) -> RasterSpec:
    """One entry from the text of its file. Raises `BadCatalogue` at the first thing wrong."""
    try:
        spec = RasterSpec.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise _wrong(name, "(whole)", "no valid YAML") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(name, ".".join(map(str, first["loc"])) or "(whole)", first["msg"]) from error
    if f"{spec.id}.yaml" != name:
        raise _wrong(name, "id", "must be the file's name")
    return spec


def read_entry(path: Path) -> RasterSpec:
    """The entry in a file. Raises `BadCatalogue`."""
    try:
        return parse_entry(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path.name, "(whole)", "cannot be read as UTF-8") from error


def read_entries(folder: Path) -> tuple[RasterSpec, ...]:
    """All entries `<id>.yaml` of a folder, in display order; none when there is no such folder. Raises `BadCatalogue`."""
    return in_order(read_entry(path) for path in sorted(folder.glob("*.yaml")))


def in_order(specs: Iterable[RasterSpec]) -> tuple[RasterSpec, ...]:
    """Entries in display order."""
    return tuple(sorted(specs, key=lambda spec: (spec.order, spec.id)))
