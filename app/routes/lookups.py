"""`/layers`, `/releases`, `/industries`, `/attributes`: what may be looked up before asking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from app import holdings, reference, withheld
from app.problem import BadRequest
from app.routes.documents import operation, problems
from app.routes.parameters import Engine, only
from app.routes.schema import zh
from zoning.bilingual import Bilingual
from zoning.canonical import canonical_json
from zoning.errors import BadProject, NotFound

router = APIRouter(tags=["reference"])

MOST_INDUSTRIES = 200


@contextmanager
def release_in_address() -> Iterator[None]:
    """A release named in the address that does not exist is a 404, not a wrong body."""
    try:
        yield
    except BadProject as error:
        raise NotFound(error.type, error.message, **error.where) from error


def _json(data: Any) -> Response:
    return Response(canonical_json(data), media_type="application/json")


@router.get(
    "/layers",
    dependencies=[Depends(only("release"))],
    responses=problems(400, 404, 503),
    **operation(
        "Layers held", "所持图层", "The layers of a release, and those declared but not held, with the reason.",
        "某一数据版本的图层，以及已声明但未持有的图层和原因。",
    ),
)  # fmt: skip
def layers(
    engine: Engine,
    release: Annotated[
        int | None, Query(description="The newest if not given.", json_schema_extra=zh("不填为最新。"))
    ] = None,
) -> Response:
    with release_in_address():
        data = holdings.layers(engine, release)
    return _json(withheld.layers(data, withheld.forms_of(engine, data["release"])))


@router.get(
    "/releases/{number}",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation("One release", "数据版本", "When it was published and what it changed.", "发布时间和所改图层。"),
)
def release(
    engine: Engine,
    number: Annotated[int, Path(description="Number of the release.", json_schema_extra=zh("版本号。"), examples=[1])],
) -> Response:
    with release_in_address():
        data = holdings.release(engine, number)
    return _json(withheld.release(data, withheld.forms_of(engine, number)))


@router.get(
    "/industries",
    dependencies=[Depends(only("q", "limit"))],
    responses=problems(400),
    **operation(
        "Search industries", "查找行业", "GB/T 4754-2017 by code or name; `total` says how many there are in all.",
        "按代码或名称查 GB/T 4754-2017；total 为符合的总数。",
    ),
)  # fmt: skip
def industries(
    q: Annotated[
        str,
        Query(
            description="Code or part of a name.",
            json_schema_extra=zh("代码或名称的一部分。"),
            max_length=100,
            examples=["炼焦"],
        ),
    ],
    limit: Annotated[
        int,
        Query(ge=1, le=MOST_INDUSTRIES, description="Show at most so many.", json_schema_extra=zh("最多显示的条数。")),
    ] = 50,
) -> Response:
    if not q.strip():
        text = Bilingual("请给出要查的代码或名称。", "Give a code or a name to look for.")
        raise BadRequest("parameter-invalid", text, field="q")
    return _json(reference.industries(q, limit))


@router.get(
    "/attributes",
    dependencies=[Depends(only())],
    responses=problems(400),
    **operation(
        "Facts about a project", "项目资料项", "Attributes with their questions, activities, and kinds of documents.",
        "可填的项目资料（含问法）、建设性质和文件种类。",
    ),
)  # fmt: skip
def attributes() -> Response:
    return _json(reference.facts())
