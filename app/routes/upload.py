"""Takes an uploaded site file and what is stated beside it out of a request; it reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.guard import UPLOAD_LIMIT, too_large
from app.problem import BadRequest
from app.routes.parameters import number
from app.routes.schema import CheckBody, zh
from layers.sitefile import read_site_bytes
from zoning.bilingual import Bilingual
from zoning.site import Site

FIELDS = ("crs", "accuracy_m", "half_width_m", "layer")
"""What may be stated beside a file."""
FIELD_SCHEMA: dict[str, Any] = {
    **{name: CheckBody.model_json_schema()["properties"][name] for name in FIELDS if name != "layer"},
    "layer": {
        "type": "string",
        "description": "Which layer is the site, where a GPKG, KMZ, zipped Shapefile or DXF has several.",
        **zh("文件（GPKG、KMZ、打包的 Shapefile、DXF）有多个图层时，选址所在的图层名。"),
    },
}
FILE_SCHEMA = {
    "type": "string",
    "format": "binary",
    "description": "GeoJSON, zipped Shapefile, GPKG, KML, KMZ, DXF, corner-point TXT, CSV or WKT.",
    **zh("GeoJSON、打包的 Shapefile、GPKG、KML、KMZ、DXF、界址点 TXT、CSV 点表或 WKT。"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file's bytes and name, and what was stated beside it."""

    data: bytes
    filename: str
    crs: str | None
    layer: str | None
    accuracy_m: float
    half_width_m: float | None

    @classmethod
    def of(cls, data: bytes, filename: str, fields: dict[str, str | None]) -> Upload:
        """Raises `BadRequest` ``parameter-invalid`` for a field that should be a number."""
        return cls(
            data,
            filename,
            fields.get("crs") or None,
            fields.get("layer") or None,
            number(fields.get("accuracy_m"), "accuracy_m") or 0.0,
            number(fields.get("half_width_m"), "half_width_m"),
        )

    def site(self) -> Site:
        """The site in the file; raises as `layers.sitefile.read_site_bytes`."""
        return read_site_bytes(
            self.data,
            self.filename,
            crs=self.crs,
            layer=self.layer,
            accuracy_m=self.accuracy_m,
            half_width_m=self.half_width_m,
        )


async def uploaded(request: Request, *more: str) -> tuple[Upload, dict[str, str | None]]:
    """The file of a multipart form (field `file`), and the values of the fields named in `more`.

    All is given in the form; the layer may be named in the address instead (``?layer=``).

    Raises
    ------
    BadRequest
        ``parameter-unknown``, ``parameter-invalid``, ``file-missing``, ``form-invalid``.
    """
    if misplaced := sorted(set(request.query_params) - {"layer"}):
        raise _parameter_in_form(misplaced)
    known = (*FIELDS, *more)
    try:
        async with request.form(max_files=1, max_fields=len(known)) as form:
            unknown = sorted(set(form) - {"file", *known})
            if unknown:
                text = Bilingual(
                    f"不认识的表单项：{'、'.join(unknown)}。", f"Unknown form fields: {', '.join(unknown)}."
                )
                raise BadRequest("parameter-unknown", text, fields=unknown)
            file = form.get("file")
            if not isinstance(file, UploadFile):
                text = Bilingual("表单里没有文件（字段 file）。", "The form holds no file (field file).")
                raise BadRequest("file-missing", text, field="file")
            fields = {name: str(form[name]) if name in form else None for name in known}
            data = await file.read()
            if len(data) > UPLOAD_LIMIT:
                raise too_large(UPLOAD_LIMIT)
            filename = file.filename or "site"
    except HTTPException as error:
        text = Bilingual(
            "multipart 表单格式有误，只能有一个文件。", "The multipart form is malformed or holds several files."
        )
        raise BadRequest("form-invalid", text) from error
    if (layer := request.query_params.get("layer")) is not None:
        if fields["layer"] is not None:
            text = Bilingual("layer 在地址和表单里各给了一次。", "layer is given both in the address and in the form.")
            raise BadRequest("parameter-invalid", text, field="layer")
        fields["layer"] = layer
    return Upload.of(data, filename, fields), {name: fields[name] for name in more}


def _parameter_in_form(names: list[str]) -> BadRequest:
    return BadRequest(
        "parameter-unknown",
        Bilingual(
            f"上传文件时请把 {'、'.join(names)} 写在表单里。",
            f"With an uploaded file, give {', '.join(names)} as form fields.",
        ),
        fields=names,
    )
