"""Value → colour of a raster layer: what an entry may say of it, the palette it makes, and its legend. It reads no file."""

from __future__ import annotations

import itertools
import re
from typing import Annotated, Final, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from zoning.bilingual import Bilingual

Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint8]
Palette = npt.NDArray[np.uint8]
"""Rows of red, green, blue, alpha; row 0 is transparent."""

MOST_CLASSES: Final = 255
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}([0-9a-f]{2})?")


def _is_colour(text: str) -> str:
    if not _COLOUR.fullmatch(text):
        raise ValueError("a colour is written as #rrggbb or #rrggbbaa, in small letters")
    return text


Colour = Annotated[str, AfterValidator(_is_colour)]


def rgba(colour: str) -> tuple[int, int, int, int]:
    """The four channels, 0–255.

    >>> rgba("#ff000080")
    (255, 0, 0, 128)
    """
    red, green, blue, alpha = bytes.fromhex(colour[1:].ljust(8, "f"))
    return red, green, blue, alpha


class ValueClass(BaseModel):
    """Values from `low` up to but not including `high`; a class of one whole number is written with `value`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    label: Bilingual
    colour: Colour
    value: int | None = None
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.value is not None:
            if self.low is not None or self.high is not None:
                raise ValueError("a class has a value, or low and high")
        elif self.low is None or self.high is None or self.low >= self.high:
            raise ValueError("a class has a value, or a low under its high")
        return self

    @property
    def span(self) -> tuple[float, float]:
        """First value and the one that is no longer in it."""
        if self.value is not None:
            return float(self.value), float(self.value) + 1
        return float(self.low or 0), float(self.high or 0)

    def contains(self, value: float) -> bool:
        low, high = self.span
        return value == self.value if self.value is not None else low <= value < high

    def holds(self, values: Values) -> npt.NDArray[np.bool_]:
        if self.value is not None:
            return np.asarray(values == self.value)
        low, high = self.span
        return np.asarray((values >= low) & (values < high))


class RasterStyle(BaseModel):
    """Either a `ramp` of (value, colour) stops with colours between them, or `classes` that do not overlap.

    Beyond its ends a ramp keeps its end colours. A value in no class is transparent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    ramp: tuple[tuple[float, Colour], ...] = ()
    classes: tuple[ValueClass, ...] = Field(default=(), max_length=MOST_CLASSES)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.ramp) is bool(self.classes):
            raise ValueError("a style has a ramp or classes")
        if self.ramp:
            values = [value for value, _ in self.ramp]
            if len(values) < 2 or any(a >= b for a, b in itertools.pairwise(values)):
                raise ValueError("a ramp has two stops or more, their values rising")
        spans = sorted(one.span for one in self.classes)
        if any(high > low for (_, high), (low, _) in itertools.pairwise(spans)):
            raise ValueError("classes overlap")
        return self

    def palette(self) -> Palette:
        """The colours that tiles are drawn with: 255 steps of the ramp or one for each class, after the transparent one."""
        clear = [(0, 0, 0, 0)]
        if self.classes:
            return np.array(clear + [rgba(one.colour) for one in self.classes], dtype=np.uint8)
        stops, colours = [v for v, _ in self.ramp], np.array([rgba(c) for _, c in self.ramp])
        steps = np.linspace(stops[0], stops[-1], MOST_CLASSES)
        channels = np.stack([np.interp(steps, stops, colours[:, k]) for k in range(4)], axis=-1)
        return np.concatenate([np.array(clear, dtype=np.uint8), np.round(channels).astype(np.uint8)])

    def indices(self, values: Values, valid: npt.NDArray[np.bool_]) -> Indices:
        """Row of the palette for each value; 0 where it is not valid or in no class."""
        found = np.zeros(values.shape, dtype=np.uint8)
        if self.classes:
            for number, one in enumerate(self.classes, start=1):
                found[one.holds(values) & valid] = number
            return found
        first, last = self.ramp[0][0], self.ramp[-1][0]
        place = (np.clip(np.nan_to_num(values), first, last) - first) / (last - first)
        return np.where(valid, np.round(1 + place * (MOST_CLASSES - 1)), 0).astype(np.uint8)
