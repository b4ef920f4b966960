"""`/places`: finding a place by name, code, other name or misprint, and what is known of where it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from app import places
from app.routes.documents import operation, problems
from app.routes.lookups import release_in_address
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from zoning.canonical import canonical_json

router = APIRouter(tags=["places"])

_Release = Annotated[int | None, Query(description="The newest if not given.", json_schema_extra=zh("不填为最新。"))]


@router.get(
    "/places",
    dependencies=[Depends(only("q", "kind", "placed", "limit", "after", "release"))],
    responses=problems(400, 404, 503),
    **operation(
        "Search places", "查找地点",
        "Names of all public layers and of the places that the plans name, with their other names and the plans' misprints; "
        "the closest first. Nothing is cut off: `next` leads to the next page. A place of the plans is only as well placed as "
        "its accuracy says, and no check looks at it.",
        "查找全部公开图层的要素和规划所称地点，可用别名、规划误印、繁体或全角字；最接近的在前。结果不截断，next 为下一页。"
        "规划所称地点的位置以所给精度为限，不参与核查。",
    ),
)  # fmt: skip
def search(
    engine: Engine,
    q: Annotated[
        str,
        Query(
            description="Name, code or part of one; all places if not given.",
            json_schema_extra=zh("名称、代码或其一部分；不填为全部。"),
            max_length=places.LONGEST,
            examples=["漳沱河"],
        ),
    ] = "",
    *,
    kind: Annotated[
        str | None,
        Query(
            description="A layer (county, river) or a class of plan places (lake, spring, key_project).",
            json_schema_extra=zh("图层（如 county、river）或规划所称地点的类别（如 lake、spring、key_project）。"),
        ),
    ] = None,
    placed: Annotated[
        bool | None,
        Query(
            description="false: only those without a position, each with the reason; true: only those with one.",
            json_schema_extra=zh("false 只列未能定位的，并说明原因；true 只列已定位的。"),
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=places.MOST, description="The most on a page.", json_schema_extra=zh("每页最多条数。"))
    ] = 50,
    after: Annotated[
        str | None,
        Query(
            description="`next` of the page before; its release is kept.",
            json_schema_extra=zh("上一页的 next；沿用其数据版本。"),
            max_length=500,
        ),
    ] = None,
    release: _Release = None,
) -> Response:
    with release_in_address():
        data = places.found(engine, q, kind=kind, placed=placed, limit=limit, after=after, number=release)
    return Response(canonical_json(data), media_type="application/json")


@router.get(
    "/places/{id}",
    dependencies=[Depends(only("release"))],
    responses=problems(400, 404, 503),
    **operation(
        "One place", "地点", "What is known of it: position, accuracy, plan lines, source, or why it has no position.",
        "位置、精度、规划出处、来源，或未能定位的原因。",
    ),
)  # fmt: skip
def place(
    engine: Engine,
    id: Annotated[
        str, Path(description="Layer and code.", json_schema_extra=zh("图层:编码。"), examples=["county:140826"])
    ],
    release: _Release = None,
) -> Response:
    with release_in_address():
        return Response(canonical_json(places.one(engine, id, release)), media_type="application/json")
