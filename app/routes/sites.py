"""`/sites`: a file in, the normalised site with its repairs and notices out; nothing is stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.routes.documents import operation, problems
from app.routes.parameters import JSON_TYPES, media_type, only, refuse_media
from app.routes.schema import SITE_EXAMPLE
from app.routes.upload import FIELD_SCHEMA, FIELDS, FILE_SCHEMA, Upload, uploaded
from zoning.canonical import canonical_json
from zoning.sitedoc import named_site_dict

router = APIRouter(tags=["sites"])


async def _upload(request: Request) -> Upload:
    """The file of a multipart form (field `file`), or a GeoJSON body."""
    given = media_type(request)
    if given == "multipart/form-data":
        return (await uploaded(request))[0]
    if given in JSON_TYPES:
        fields = {name: request.query_params.get(name) for name in FIELDS}
        return Upload.of(await request.body(), "site.geojson", fields)
    raise refuse_media(request, "multipart/form-data", *JSON_TYPES)


@router.post(
    "/sites",
    dependencies=[Depends(only(*FIELDS))],
    responses=problems(400, 413, 415, 422),
    **operation(
        "Read a site file",
        "读取选址文件",
        "A site file in; the normalised site, its areas, repairs and notices out. Nothing is stored.",
        "上传选址文件，返回规范化的选址、面积、修复和提示。不保存。",
        request_body={
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": FILE_SCHEMA, **FIELD_SCHEMA},
                    }
                },
                "application/geo+json": {"schema": {"type": "object", "examples": [SITE_EXAMPLE]}},
            },
        },
        parameters=[
            {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in FIELD_SCHEMA.items()
        ],
        curl="curl -F file=@site.zip -F crs=EPSG:4546 {base}/sites",
    ),
)
async def read(upload: Annotated[Upload, Depends(_upload)]) -> Response:
    def normalised() -> str:
        return canonical_json(named_site_dict(upload.site()))

    return Response(await run_in_threadpool(normalised), media_type="application/json")
