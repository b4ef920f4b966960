"""What a layer may show to anybody: whether at all, and in which form. The one place that reads visibility and public form.

Everything that hands out features (tiles, items, identify, exports) asks here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from layers.catalogue import LayerSpec

Form = Literal["exact", "generalised", "hidden"]


def form(spec: LayerSpec | Mapping[str, Any]) -> Form:
    """The form in which anybody may see a layer, from its catalogue entry or the entry as stored with a layer version.

    A layer that needs a login is hidden from the public whatever its form; an entry that does not say is hidden too.

    >>> form({"visibility": "public", "public_form": "generalised"}), form({"visibility": "login", "public_form": "exact"})
    ('generalised', 'hidden')
    """
    said = spec.model_dump() if isinstance(spec, LayerSpec) else spec
    if said.get("visibility") != "public" or said.get("public_form") not in ("exact", "generalised"):
        return "hidden"
    return cast("Form", said["public_form"])


def public(spec: LayerSpec | Mapping[str, Any]) -> bool:
    """Whether anybody may see a layer at all.

    >>> public({"visibility": "public", "public_form": "exact"}), public({"visibility": "public", "public_form": "hidden"})
    (True, False)
    """
    return form(spec) != "hidden"
