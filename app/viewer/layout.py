"""The layout that the map opens with, read from `layout.yaml` and joined with what a release holds of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from zoning.bilingual import Bilingual

_FILE: Final = Path(__file__).resolve().parent / "layout.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mountain(_Strict):
    """A mountain range's name and schematic axis, positions in degrees of EPSG:4490."""

    name: Bilingual
    axis: tuple[tuple[float, float], ...] = Field(min_length=2)


class River(_Strict):
    """One of the seven rivers and the codes of the lines that stand for it."""

    name: Bilingual
    codes: tuple[str, ...] = Field(min_length=1)


class Basin(_Strict):
    """The basin: its river, and the property of counties that belong to it."""

    name: Bilingual
    river: str
    property: str


class Layout(_Strict):
    """Mountains, rivers, basin and lakes of the layout."""

    title: Bilingual
    mountains: Mapping[str, Mountain]
    rivers: Mapping[str, River]
    basin: Basin
    lakes: tuple[str, ...]

    @field_validator("rivers")
    @classmethod
    def _once(cls, rivers: Mapping[str, River]) -> Mapping[str, River]:
        codes = [code for river in rivers.values() for code in river.codes]
        if len(codes) != len(set(codes)):
            raise ValueError("a line belongs to one river only")
        return rivers


@cache
def layout() -> Layout:
    """The packaged layout."""
    document: Any = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return Layout.model_validate(document)
