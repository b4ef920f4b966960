"""`/sites`: a file in, the normalised site with its repairs and notices out; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.guard import UPLOAD_LIMIT, too_large
from app.problem import BadRequest
from app.routes.documents import operation, problems
from app.routes.parameters import JSON_TYPES, media_type, number, only, refuse_media
from app.routes.schema import SITE_EXAMPLE, CheckBody, zh
from layers.sitefile import read_site_bytes
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.sitedoc import named_site_dict

router = APIRouter(tags=["sites"])

_FIELDS = ("crs", "accuracy_m", "half_width_m")
_FIELD_SCHEMA = {name: CheckBody.model_json_schema()["properties"][name] for name in _FIELDS}
"""As in a check's body."""
_FILE_SCHEMA = {
    "type": "string",
    "format": "binary",
    "description": "GeoJSON, zipped Shapefile, GPKG, KML, KMZ, DXF, corner-point TXT, CSV or WKT.",
    **zh("GeoJSON 或打包的 Shapefile。"),
}


@dataclass(frozen=True, slots=True)
class _Upload:
    data: bytes
    filename: str
    crs: str | None
    accuracy_m: float
    half_width_m: float | None


async def _upload(request: Request) -> _Upload:
    """The file of a multipart form (field `file`), or a GeoJSON body."""
    given = media_type(request)
    if given in JSON_TYPES:
        fields: dict[str, str | None] = {name: request.query_params.get(name) for name in _FIELDS}
        data, filename = await request.body(), "site.geojson"
    elif given == "multipart/form-data":
        if unknown := sorted(request.query_params):
            raise _parameter_in_form(unknown)
        data, filename, fields = await _form(request)
    else:
        raise refuse_media(request, "multipart/form-data", *JSON_TYPES)
    return _Upload(
        data,
        filename,
        fields["crs"] or None,
        number(fields["accuracy_m"], "accuracy_m") or 0.0,
        number(fields["half_width_m"], "half_width_m"),
    )


async def _form(request: Request) -> tuple[bytes, str, dict[str, str | None]]:
    try:
        async with request.form(max_files=1, max_fields=len(_FIELDS)) as form:
            unknown = sorted(set(form) - {"file", *_FIELDS})
            if unknown:
                text = Bilingual(
                    f"不认识的表单项：{'、'.join(unknown)}。", f"Unknown form fields: {', '.join(unknown)}."
                )
                raise BadRequest("parameter-unknown", text, fields=unknown)
            file = form.get("file")
            if not isinstance(file, UploadFile):
                text = Bilingual("表单里没有文件（字段 file）。", "The form holds no file (field file).")
                raise BadRequest("file-missing", text, field="file")
            fields = {name: str(form[name]) if name in form else None for name in _FIELDS}
            data = await file.read()
            if len(data) > UPLOAD_LIMIT:
                raise too_large(UPLOAD_LIMIT)
            return data, file.filename or "site", fields
    except HTTPException as error:
        text = Bilingual(
            "multipart 表单格式有误，只能有一个文件。", "The multipart form is malformed or holds several files."
        )
        raise BadRequest("form-invalid", text) from error


def _parameter_in_form(names: list[str]) -> BadRequest:
    return BadRequest(
        "parameter-unknown",
        Bilingual(
            f"上传文件时请把 {'、'.join(names)} 写在表单里。",
            f"With an uploaded file, give {', '.join(names)} as form fields.",
        ),
        fields=names,
    )


@router.post(
    "/sites",
    dependencies=[Depends(only(*_FIELDS))],
    responses=problems(400, 413, 415, 422),
    **operation(
        "Read a site file",
        "读取选址文件",
        "A site file in; the normalised site, its areas, repairs and notices out. Nothing is stored.",
        "上传 GeoJSON 或打包的 Shapefile，返回规范化的选址、面积、修复和提示。不保存。",
        request_body={
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": _FILE_SCHEMA, **_FIELD_SCHEMA},
                    }
                },
                "application/geo+json": {"schema": {"type": "object", "examples": [SITE_EXAMPLE]}},
            },
        },
        parameters=[
            {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in _FIELD_SCHEMA.items()
        ],
        curl="curl -F file=@site.zip -F crs=EPSG:4546 {base}/sites",
    ),
)
async def read(upload: Annotated[_Upload, Depends(_upload)]) -> Response:
    def normalised() -> str:
        site = read_site_bytes(
            upload.data,
            upload.filename,
            crs=upload.crs,
            accuracy_m=upload.accuracy_m,
            half_width_m=upload.half_width_m,
        )
        return canonical_json(named_site_dict(site))

    return Response(await run_in_threadpool(normalised), media_type="application/json")
