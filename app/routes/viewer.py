"""`/viewer`: the map page, its configuration and presets, and the browser parts that the manifest names."""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.routes.documents import operation, problems
from app.routes.html import chosen_language
from app.routes.lookups import release_in_address
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from app.viewer import assets
from app.viewer.body import body
from app.viewer.page import page, policy
from app.viewer.told import Told
from zoning.bilingual import Lang

router = APIRouter(tags=["viewer"])

_Release = Annotated[int | None, Query(description="The newest if not given.", json_schema_extra=zh("不填为最新。"))]
_IMMUTABLE = "public, max-age=31536000, immutable"


def _page_language(
    request: Request,
    lang: Annotated[
        str | None,
        Query(
            description="zh or en; Accept-Language if not given.",
            json_schema_extra=zh("zh 或 en；不填按 Accept-Language。"),
        ),
    ] = None,
) -> Lang:
    return chosen_language(request, lang)


_Lang = Annotated[Lang, Depends(_page_language)]


def _told(request: Request) -> Told:
    return cast("Told", request.app.state.viewer)


Kept = Annotated[Told, Depends(_told)]


def _packed(request: Request, data: bytes, packed: bytes | None, media_type: str, headers: dict[str, str]) -> Response:
    """Compressed when the reader takes gzip; 304 when it has the same bytes already."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    said = {**headers, "ETag": tag, "Vary": ", ".join(filter(None, ["Accept-Encoding", headers.get("Vary")]))}
    if tag in [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=said)
    if "gzip" in request.headers.get("accept-encoding", ""):
        zipped = gzip.compress(data, 6, mtime=0) if packed is None else packed
        return Response(zipped, headers={**said, "Content-Encoding": "gzip"}, media_type=media_type)
    return Response(data, headers=said, media_type=media_type)


def _json(request: Request, data: Any) -> Response:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return _packed(request, text, None, "application/json", headers)


@router.get("/viewer", include_in_schema=False, dependencies=[Depends(only("lang", "release"))])
def viewer(request: Request, engine: Engine, kept: Kept, lang: _Lang, release: _Release = None) -> Response:
    nonce = secrets.token_urlsafe(16)
    with release_in_address():
        told = kept.config(engine, release, lang)
    asked = {"lang": "en" if lang == "zh" else "zh"} | ({"release": release} if release is not None else {})
    text = page(told, nonce, body(told, f"/viewer?{urlencode(asked)}"))
    headers = {
        "Content-Security-Policy": policy(nonce, kept.chosen.base_map),
        "Content-Language": "zh-CN" if lang == "zh" else "en",
        "Vary": "Accept-Language",
    }
    return _packed(request, text.encode(), None, "text/html; charset=utf-8", headers)


@router.get(
    "/viewer/config.json",
    dependencies=[Depends(only("lang", "release"))],
    responses=problems(400, 404, 503),
    **operation(
        "What the map page is told", "地图页面配置",
        "The layers of a release with their styles, the layout, settings and texts, as the map page reads them.",
        "某一数据版本的图层及样式、布局、设置和文字，供地图页面读取。",
    ),
)  # fmt: skip
def told(request: Request, engine: Engine, kept: Kept, lang: _Lang, release: _Release = None) -> Response:
    with release_in_address():
        return _json(request, kept.config(engine, release, lang))


@router.get(
    "/viewer/presets.json",
    dependencies=[Depends(only("lang", "release"))],
    responses=problems(400, 404, 503),
    **operation(
        "Where the map may go", "地图预设",
        "Rivers, cities, counties and lakes with their boxes and naming points.",
        "河流、市、县和湖泊的范围与标注点。",
    ),
)  # fmt: skip
def places_to_go(request: Request, engine: Engine, kept: Kept, lang: _Lang, release: _Release = None) -> Response:
    with release_in_address():
        return _json(request, kept.presets(engine, release, lang))


@router.get("/viewer/assets/{version}/{name}", include_in_schema=False, dependencies=[Depends(only())])
async def part(request: Request, version: Annotated[str, Path()], name: Annotated[str, Path()]) -> Response:
    found = assets.find(version, name)
    if found is None:
        raise HTTPException(404)
    return _packed(request, found.data, found.packed, found.media_type, {"Cache-Control": _IMMUTABLE})
