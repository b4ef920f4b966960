"""How a layer is drawn: colours, hatches, lines and points, validated; it draws nothing.

Fills of a layer's classes and the layers that lie on one another are told apart by hatch and lightness as well as by hue,
so that a colour-blind reader can tell them too. An illustrative area is always hatched: `of_layer` sees to it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Hatch = Literal["diagonal", "back", "cross", "horizontal", "vertical", "dots"]
Shape = Literal["circle", "square", "diamond", "triangle"]
Group = Literal["boundary", "ecology", "water", "unit", "land", "place"]

GROUPS: Final[tuple[Group, ...]] = ("unit", "ecology", "water", "land", "place", "boundary")
"""Groups of the layer tree, from top to bottom."""

_DEFAULT_HATCH: Final[Hatch] = "diagonal"


class Paint(BaseModel):
    """What may differ between the classes of a layer. Widths and sizes in CSS pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    fill: Colour | None = None
    fill_opacity: float | None = Field(default=None, ge=0, le=1)
    stroke: Colour | None = None
    width: float | None = Field(default=None, ge=0, le=12)
    dash: tuple[float, ...] | None = Field(default=None, max_length=6)
    hatch: Hatch | None = None
    shape: Shape | None = None
    size: float | None = Field(default=None, gt=0, le=24)


class Style(Paint):
    """How a layer is drawn; `classes` overrides single values for a class of its features.

    `group` is where the layer stands in the layer tree, `rank` its place among those drawn: a higher one lies on top.
    `shown` layers are switched on when the map opens. `label_zoom`: from which zoom names are written, None for never.
    """

    group: Group = "land"
    rank: int = Field(default=50, ge=0, le=100)
    shown: bool = False
    label_zoom: int | None = Field(default=None, ge=0, le=22)
    classes: dict[str, Paint] = Field(default_factory=dict)

    def of_class(self, name: str | None) -> Paint:
        """The paint of one class: its own values over the layer's."""
        own = self.classes.get(name or "", Paint()).model_dump(exclude_none=True)
        return Paint.model_validate({**self.model_dump(include=set(Paint.model_fields)), **own})


def of_layer(style: Style, *, illustrative: bool, area: bool) -> Style:
    """The style as it must be drawn: an illustrative area is hatched whether or not the catalogue says so."""
    if not (illustrative and area):
        return style
    hatch = style.hatch or _DEFAULT_HATCH
    classes = {name: paint.model_copy(update={"hatch": paint.hatch or hatch}) for name, paint in style.classes.items()}
    return style.model_copy(update={"hatch": hatch, "classes": classes})


def read_style(data: Any) -> Style:
    """The style in a stored catalogue entry; what an older entry says that is no longer known is left out."""
    known = {key: value for key, value in dict(data or {}).items() if key in Style.model_fields}
    return Style.model_validate(known)
