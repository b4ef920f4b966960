"""What the deployment holds: the layers of a release and the release itself, as JSON data. It reads no feature."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from layers import release as releases
from layers.catalogue import read_catalogue


def layers(engine: sa.Engine, number: int | None = None) -> dict[str, Any]:
    """The layers of a release, held and declared only. Raises `BadProject` ``release-unknown`` or `Unavailable`."""
    view = releases.open_release(engine, number)
    catalogue = read_catalogue()
    held = releases.layers_at(engine, view)
    found = []
    for layer in held:
        meta, spec = layer.meta, layer.spec
        found.append(
            {
                "layer": meta.id,
                "kind": meta.kind,
                "title": meta.title.as_dict(),
                "held": True,
                "legal_status": meta.legal_status,
                "accuracy_m": meta.accuracy_m,
                "version": meta.version,
                "features": meta.feature_count,
                "full_cover": meta.full_cover,
                "checked": spec.get("checked", True),
                "coverage": spec.get("coverage"),
                "review_by": meta.review_by.isoformat() if meta.review_by else None,
                "source": spec.get("source"),
                "licence": spec.get("licence"),
                "content_hash": layer.content_hash,
            }
        )
    ids = {layer.meta.id for layer in held}
    declared = [
        {
            "layer": spec.id,
            "kind": spec.kind,
            "title": spec.title.as_dict(),
            "held": False,
            "why": spec.held_why.as_dict() if spec.held_why else None,
        }
        for spec in catalogue.layers
        if spec.id not in ids
    ]
    return {"release": view.number, "layers": [*found, *declared]}


def release(engine: sa.Engine, number: int) -> dict[str, Any]:
    """One release: when it was published and what it changed. Raises `BadProject` ``release-unknown`` or `Unavailable`."""
    info = releases.release_info(engine, releases.open_release(engine, number))
    return {
        "release": info.release.number,
        "published_at": info.published_at.isoformat(),
        "note": info.note,
        "changed_layers": {name: dict(change) for name, change in info.changed_layers.items()},
    }
