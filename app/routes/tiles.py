"""`/tiles`: vector tiles and TileJSON as a plain ASGI application, beside the framework's parameter machinery, for speed.

A versioned tile that is kept in memory is sent by `Service` before guard and routes are asked; every other request goes the way
of all requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import anyio.to_thread
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.guard import HEADERS
from app.problem import BadRequest, of_status
from app.routes.documents import operation, problems
from app.routes.parameters import language_of, only
from app.routes.schema import zh
from app.tile_store import Asked, Engines, KeptTile, TileStore
from layers import tile_grids, tiles
from layers.tile_grids import Place
from layers.tiles import TileLayer
from zoning.bilingual import Bilingual

MOST_LAYERS: Final = 32
"""Layers in one tile."""

_VERSIONED: Final = 6
"""Parts of a versioned tile's address below `/tiles`."""

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_SHORTLY: Final = b"public, max-age=60"
_FOREVER: Final = b"public, max-age=31536000, immutable"

RawHeaders = list[tuple[bytes, bytes]]


class Tiles:
    """The application under `/tiles`. It answers GET; the guard before it turns HEAD into GET."""

    def __init__(self, store: TileStore) -> None:
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method == "GET":
            response = await self._answer(request)
        else:
            response = of_status(405, language_of(request), {"Allow": "GET, HEAD"})
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        root = request.scope.get("root_path", "")
        engine: sa.Engine = request.app.state.engine
        match str(request.scope["path"]).removeprefix(root).removeprefix("/").split("/"):
            case [layers, "tilejson.json"]:
                return await self._tile_json(request, engine, _names(layers))
            case [layers, tms, z, x, y] if y.endswith(".mvt"):
                only("release")(request)
                names, place = _names(layers), _place(tms, z, x, y)
                found = (await self._store.shown(engine)).pick(names, _release(request))
                return await tile_of(request, found, place)
            case [layers, versions, tms, z, x, y] if y.endswith(".mvt"):
                only()(request)
                kept = await _versioned(self._store, _engines(request.app.state), (layers, versions, tms, z, x, y))
                return _tile(request, kept, _FOREVER)
            case _:
                raise HTTPException(404)

    async def _tile_json(self, request: Request, engine: sa.Engine, names: Sequence[str]) -> Response:
        only("release", "tms")(request)
        found = (await self._store.shown(engine)).pick(names, _release(request))
        base = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        tms = request.query_params.get("tms", tile_grids.WEB_MERCATOR)
        said = await anyio.to_thread.run_sync(tiles.tile_json, engine, found, base, tms)
        headers = {"Cache-Control": _SHORTLY.decode()}
        return Response(json.dumps(said, ensure_ascii=False), headers=headers, media_type="application/json")


async def tile_of(request: Request, layers: Sequence[TileLayer], place: Place) -> Response:
    """A tile of these layers as an answer with a short life, for whatever address asks for it, kept as all tiles are.

    Raises `NotFound` and `Unavailable` as `layers.tiles.tile` does, and `Unavailable` ``tiles-busy``.
    """
    state = request.app.state
    return _tile(request, await _kept(state.tile_store, _engines(state), Asked(tuple(layers), place)), _SHORTLY)


def _engines(state: State) -> Engines:
    return Engines(state.tile_engine, state.engine)


async def _kept(store: TileStore, engines: Engines, asked: Asked) -> KeptTile:
    return await store.tile(engines, f"/tiles/{asked.path}", asked)


async def _versioned(store: TileStore, engines: Engines, parts: Sequence[str]) -> KeptTile:
    """The tile of an address that names versions, in its parts below `/tiles`."""
    layers, versions, tms, z, x, y = parts
    names, place = _names(layers), _place(tms, z, x, y)
    numbers = _versions(versions, names)
    shown = await store.shown(engines.plain)
    asked = Asked(tuple(shown.version(id, n) for id, n in zip(names, numbers, strict=True)), place)
    return await _kept(store, engines, asked)


class Service(FastAPI):
    """The application with a lane before it for versioned tiles, which are sent at once with the guard's headers.

    What is wrong with an address or a tile is left to the usual road, which says so as it always does.
    """

    def __init__(self, store: TileStore, **settings: Any) -> None:
        super().__init__(**settings)
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and not scope["query_string"]
            and (kept := self._store.held(scope["path"]) or await self._drawn(scope["path"]))
        ):
            start, content = _ready(scope["headers"], kept)
            await send(start)
            await send(content)
        else:
            await super().__call__(scope, receive, send)

    async def _drawn(self, path: str) -> KeptTile | None:
        match path.split("/"):
            case ["", "tiles", *parts] if len(parts) == _VERSIONED and path.endswith(".mvt"):
                try:
                    return await _versioned(self._store, _engines(self.state), parts)
                except Exception:  # noqa: BLE001 (the usual road meets it again and tells)
                    return None
        return None


def _ready(asked: RawHeaders, kept: KeptTile) -> tuple[Message, Message]:
    """The two messages that answer; those of the common case, a new client that takes gzip, are made once."""
    gzipped, known = False, False
    for name, value in asked:
        if name == b"accept-encoding":
            gzipped = takes_gzip(value)
        elif name == b"if-none-match":
            known = True
    common = gzipped and not known
    if common and (ready := kept.ready) is not None:
        return ready
    status, headers, body = _sent(asked, kept, _FOREVER)
    ready = (
        {"type": "http.response.start", "status": status, "headers": [*_GUARDED, *headers]},
        {"type": "http.response.body", "body": body},
    )
    if common:
        kept.ready = ready
    return ready


_GUARDED: Final[RawHeaders] = [
    (name.lower().encode(), value.encode()) for name, value in HEADERS.items() if name != "Cache-Control"
]


def _sent(asked: RawHeaders, kept: KeptTile, life: bytes) -> tuple[int, RawHeaders, bytes]:
    """Status, headers and body of a tile for the headers of a request."""
    known, gzipped = b"", False
    for name, value in asked:
        if name == b"accept-encoding":
            gzipped = takes_gzip(value)
        elif name == b"if-none-match":
            known = value
    tag = kept.tag if gzipped else kept.plain_tag
    headers = [(b"etag", tag), (b"cache-control", life), (b"vary", b"Accept-Encoding")]
    if known and (kept.tag in known or kept.plain_tag in known or known.strip() == b"*"):
        return 304, headers, b""
    if not kept.body:
        return 204, headers, b""
    body = kept.body if gzipped else kept.plain()
    headers += [(b"content-type", _MEDIA_TYPE), (b"content-length", b"%d" % len(body))]
    if gzipped:
        headers.append((b"content-encoding", b"gzip"))
    return 200, headers, body


_MEDIA_TYPE: Final = tiles.MEDIA_TYPE.encode()


@lru_cache(maxsize=128)
def takes_gzip(accept_encoding: bytes) -> bool:
    """Whether a client takes gzip; what clients send is remembered, for there are few kinds.

    >>> takes_gzip(b"gzip, deflate, br"), takes_gzip(b"GZIP;Q=0"), takes_gzip(b"br, *;q=0.1"), takes_gzip(b"notgzip")
    (True, False, True, False)
    """
    liked = {}
    for part in accept_encoding.lower().split(b","):
        name, _, quality = b"".join(part.split()).partition(b";q=")
        liked[name.removeprefix(b"x-")] = quality.strip(b"0.") != b"" or not quality
    return liked.get(b"gzip", liked.get(b"*", False))


def _tile(request: Request, kept: KeptTile, life: bytes) -> Response:
    status, headers, body = _sent(request.scope["headers"], kept, life)
    response = Response(body, status)
    response.raw_headers = headers
    return response


def _wrong(field: str, value: str, zh: str, en: str) -> BadRequest:
    return BadRequest("parameter-invalid", Bilingual(zh, en), field=field, value=value[:200])


def _names(text: str) -> list[str]:
    names = text.split(",", MOST_LAYERS)
    if len(names) > MOST_LAYERS:
        raise _wrong(
            "layers", text, f"一个切片最多 {MOST_LAYERS} 个图层。", f"A tile holds at most {MOST_LAYERS} layers."
        )
    if len(set(names)) < len(names):
        raise _wrong("layers", text, "图层重复。", "A layer is named twice.")
    return names


def _number(field: str, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise _wrong(field, text, f"{field} 应为非负整数。", f"{field} must be a whole number, zero or more.")
    return int(text)


def _versions(text: str, names: Sequence[str]) -> list[int]:
    given = text.split(",", MOST_LAYERS)
    if len(given) != len(names):
        raise _wrong(
            "versions",
            text,
            "版本的个数与图层的个数不同。",
            "There must be as many versions as layers, in the same order.",
        )
    return [_number("versions", one) for one in given]


def _place(tms: str, z: str, x: str, y: str) -> Place:
    return Place(tms, _number("z", z), _number("x", x), _number("y", y.removesuffix(".mvt")))


def _release(request: Request) -> int | None:
    given = request.query_params.get("release")
    return None if given is None else _number("release", given)


def _path(name: str, description: str, said: str, example: str) -> dict[str, Any]:
    schema = {"type": "string", "description": description, **zh(said), "examples": [example]}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, type: str, description: str, said: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": {"type": type, "description": description, **zh(said)},
    }


_LAYERS = _path("layers", "Layers, with commas between.", "图层标识，用逗号分隔。", "county")
_AT_RELEASE = _query("release", "integer", "The newest if not given.", "不填为最新。")
_PLACE = [
    _path("tms", "WebMercatorQuad or CGCS2000Quad.", "WebMercatorQuad 或 CGCS2000Quad。", "WebMercatorQuad"),
    *(_path(name, one, said, at) for name, one, said, at in (
        ("z", "Level.", "级别。", "8"), ("x", "Column.", "列。", "208"), ("y", "Row from the top.", "行，自上而下。", "99"),
    )),
]  # fmt: skip


def _described(
    texts: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]], media_type: str, name: str
) -> dict[str, Any]:
    schema = {"type": "object"} if media_type == "application/json" else {"type": "string", "format": "binary"}
    answers: dict[str, Any] = {"200": {"description": "OK", "content": {media_type: {"schema": schema}}}}
    if media_type != "application/json":
        answers |= {"204": {"description": "No Content"}, "304": {"description": "Not Modified"}}
    wrong = {str(status): said for status, said in problems(400, 404, 503).items()}
    extra = texts["openapi_extra"]
    said = {"tags": ["tiles"], "summary": texts["summary"], "description": texts["description"], "operationId": name}
    return {"get": {**said, "parameters": list(parameters), "responses": {**answers, **wrong}, **extra}}


PATHS: Final[Mapping[str, Any]] = {
    "/tiles/{layers}/tilejson.json": _described(
        operation(
            "TileJSON of layers", "图层的 TileJSON",
            "TileJSON 3 with the address of the tiles of these layers as a release has them, their zooms, bounds and source.",
            "TileJSON 3：这些图层在某一数据版本的切片地址、级别、范围和来源。",
        ),
        [_LAYERS, _AT_RELEASE, _query("tms", "string", "WebMercatorQuad if not given.", "不填为 WebMercatorQuad。")],
        "application/json", "tile_json",
    ),
    "/tiles/{layers}/{versions}/{tms}/{z}/{x}/{y}.mvt": _described(
        operation(
            "Vector tile of layer versions", "图层指定版本的矢量切片",
            "A Mapbox Vector Tile with one layer for each id; the id of a feature stays the same in all releases that hold it. What "
            "is smaller than a pixel is a point with `small`. It never changes and may be kept for ever. 204: nothing lies there. "
            "Geometry in tiles is for drawing only, never for deciding.",
            "Mapbox 矢量切片，每个图层标识一层；要素 id 在所属各数据版本中不变。小于一个像素的画作带 small 的点。内容永不改变，可长期缓存。"
            "204 表示该处没有要素。切片只供显示，不作判断。",
        ),
        [
            _LAYERS,
            _path("versions", "Each layer's version, in the same order.", "各图层的版本号，次序相同。", "1"),
            *_PLACE,
        ],
        tiles.MEDIA_TYPE, "versioned_tile",
    ),
    "/tiles/{layers}/{tms}/{z}/{x}/{y}.mvt": _described(
        operation(
            "Vector tile of a release", "某一数据版本的矢量切片",
            "The same by release, for programs that keep an address for long; it may be kept for a minute.",
            "同上，按数据版本取用，供长期保存地址的软件使用；可缓存一分钟。",
        ),
        [_LAYERS, *_PLACE, _AT_RELEASE], tiles.MEDIA_TYPE, "tile",
    ),
}  # fmt: skip
"""What the OpenAPI document says of these addresses, which the framework does not know."""
