"""The declared layers: reads and validates `layers/catalogue/*.yaml`; it opens no boundary file and no database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from layers.style import Style
from zoning.bilingual import Bilingual
from zoning.errors import BadInput
from zoning.evidence import LegalStatus

Kind = Literal[
    "province", "city", "county", "river", "redline", "control_unit", "permanent_basic_farmland", "protected_area",
    "water_source", "county_planning_area", "industrial_park", "spring_domain", "river_corridor", "river_management",
    "groundwater_zone", "no_coal_zone", "heavy_metal_key_area", "plan_place",
]  # fmt: skip
GeometryType = Literal["MultiPolygon", "MultiLineString", "MultiPoint"]
ADMIN_KINDS = ("province", "city", "county")


class BadCatalogue(BadInput):
    """A catalogue file is wrong; `where` names file and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PropertySpec(_Strict):
    """One attribute of a layer's features beyond the common ones."""

    type: Literal["text", "number", "bool"]
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


class LayerSpec(_Strict):
    """One declared layer. Lengths in metres; `file` None means declared but not held, `held_why` then says why.

    A layer that is not `checked` is for finding and showing only: it has no pieces, edges or coverage, so no check can see
    it, and its features may have an empty geometry when their place is not known.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Kind
    order: int
    title: Bilingual
    geometry: GeometryType
    full_cover: bool
    checked: bool = True
    accuracy_m: float = Field(ge=0)
    legal_status: LegalStatus
    review_by: dt.date | None
    visibility: Literal["public", "login", "role"]
    public_form: Literal["exact", "generalised", "hidden"]
    stands_for_bound_m: float = Field(default=0, ge=0)
    complete_for: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    code_pattern: str
    classes: dict[str, Bilingual] = Field(default_factory=dict)
    properties: dict[str, PropertySpec] = Field(default_factory=dict)
    zoom: tuple[int, int]
    style: Style = Field(default_factory=Style)
    source: Bilingual
    licence: str
    coverage: str | None = Field(pattern=r"^admin:\d{6}$")
    file: str | None = Field(pattern=r"^[a-z0-9_]+\.geojson$")
    held_why: Bilingual | None = None

    @field_validator("code_pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.file is None and self.held_why is None:
            raise ValueError("a layer without a file says in held_why why it is not held")
        if self.zoom[0] > self.zoom[1]:
            raise ValueError("zoom runs from the smaller to the larger")
        if unknown := set(self.style.classes) - set(self.classes):
            raise ValueError(f"style of classes that the layer has not: {', '.join(sorted(unknown))}")
        if not self.checked and (self.full_cover or self.coverage is not None):
            raise ValueError("a layer that is not checked covers nothing")
        return self

    @property
    def coverage_code(self) -> str | None:
        """Code of the admin feature within which the layer claims to be complete."""
        return None if self.coverage is None else self.coverage.removeprefix("admin:")

    def as_json(self) -> dict[str, Any]:
        """Everything the entry says, as plain JSON values; what is so for nearly every layer (`checked`) is left out."""
        said = self.model_dump(mode="json", exclude={"style", "checked"} if self.checked else {"style"})
        return said | {"style": self.style.model_dump(mode="json", exclude_defaults=True)}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All declared layers in display order."""

    layers: tuple[LayerSpec, ...]

    @property
    def held(self) -> tuple[LayerSpec, ...]:
        """The layers that have a file."""
        return tuple(layer for layer in self.layers if layer.file is not None)

    @property
    def not_held(self) -> tuple[LayerSpec, ...]:
        """The layers that are declared only; each says why."""
        return tuple(layer for layer in self.layers if layer.file is None)

    def get(self, layer_id: str) -> LayerSpec | None:
        return next((layer for layer in self.layers if layer.id == layer_id), None)


def _problem(name: str, error: ValidationError) -> BadCatalogue:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "(whole)"
    text = f"{name}: {field}: {first['msg']}"
    return BadCatalogue(
        "catalogue-invalid", Bilingual(f"图层目录有误：{text}", f"Catalogue: {text}"), file=name, field=field
    )


def parse(documents: Mapping[str, Any]) -> Catalogue:
    """Build a catalogue from parsed YAML documents by file stem. Raises `BadCatalogue` at the first thing wrong."""
    layers: list[LayerSpec] = []
    for stem in sorted(documents):
        try:
            spec = LayerSpec.model_validate(documents[stem])
        except ValidationError as error:
            raise _problem(f"{stem}.yaml", error) from error
        if spec.id != stem:
            text = f"{stem}.yaml: id {spec.id}"
            message = Bilingual(f"图层目录文件名与 id 不一致：{text}", f"The id must be the file's name: {text}")
            raise BadCatalogue("catalogue-invalid", message, file=f"{stem}.yaml", field="id")
        layers.append(spec)
    return Catalogue(tuple(sorted(layers, key=lambda layer: (layer.order, layer.id))))


def read_catalogue(folder: Traversable | None = None) -> Catalogue:
    """The packaged catalogue, or that of another folder. Raises `BadCatalogue`."""
    documents: dict[str, Any] = {}
    for entry in (folder or files("layers") / "catalogue").iterdir():
        if entry.name.endswith(".yaml"):
            try:
                documents[entry.name.removesuffix(".yaml")] = yaml.safe_load(entry.read_text(encoding="utf-8"))
            except yaml.YAMLError as error:
                message = Bilingual(
                    f"图层目录不是有效的 YAML：{entry.name}", f"Catalogue file is no valid YAML: {entry.name}"
                )
                raise BadCatalogue("catalogue-invalid", message, file=entry.name) from error
    return parse(documents)
