"""`/rules`: the rules with their filters, page by page, and one rule whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from app import request, rules
from app.problem import BadRequest
from app.routes.documents import operation, problems
from app.routes.parameters import only
from app.routes.schema import zh
from zoning.canonical import canonical_json
from zoning.errors import BadProject
from zoning.rulebook import rulebook

router = APIRouter(tags=["reference"])

PAGE = 100


def _json(data: object) -> Response:
    return Response(canonical_json(data), media_type="application/json")


@router.get(
    "/rules",
    dependencies=[Depends(only("layer", "effect", "industry", "activity", "jurisdiction", "date", "limit", "after"))],
    responses=problems(400),
    **operation(
        "Rules", "规则",
        "Rules in id order with effect, place, terms, dates, citations and their owners' decisions. Every filter given must "
        "hold; a rule that may concern an industry or activity, depending on further facts, is listed. `next` leads to the next "
        "page. A rule that is not `in_scope` binds a kind of layer that this deployment leaves out: no check looks at it.",
        "按标识排列的规则：效力、适用位置、条件、时间、出处和主管机关决定。多个筛选条件须同时符合；是否适用还取决于其他资料的规则也列出。"
        "next 为下一页。in_scope 为 false 的规则所约束的图层不在本部署核查范围内，核查时不涉及。",
    ),
)  # fmt: skip
def listed(
    *,
    layer: Annotated[
        str | None,
        Query(
            description="Rules on this kind of layer.",
            json_schema_extra=zh("约束该类图层的规则。"),
            examples=["redline"],
        ),
    ] = None,
    effect: Annotated[
        str | None,
        Query(
            description="prohibit, restrict, require, phase_out, encourage or inform.",
            json_schema_extra=zh("效力：prohibit、restrict、require、phase_out、encourage、inform。"),
            examples=["prohibit"],
        ),
    ] = None,
    industry: Annotated[
        str | None,
        Query(
            description="Rules that may concern it: a code of any level, or the name of a class.",
            json_schema_extra=zh("可能涉及该行业的规则：任一级代码或小类名称。"),
            max_length=100,
            examples=["C2521"],
        ),
    ] = None,
    activity: Annotated[
        str | None,
        Query(
            description="Rules that may concern it.",
            json_schema_extra=zh("可能涉及该建设性质的规则。"),
            max_length=100,
            examples=["new"],
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None,
        Query(
            description="Rules that bind all of this county, city or province, with those of the levels above it; or yellow_river.",
            json_schema_extra=zh("约束该县、市或省全域的规则（含上级的）；或 yellow_river。"),
            examples=["140824"],
        ),
    ] = None,
    date: Annotated[
        str | None,
        Query(
            description="Rules in force on that day, as their owners' decisions leave them.",
            json_schema_extra=zh("该日有效的规则（计入主管机关决定）。"),
            examples=["2024-06-30"],
        ),
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=rules.MOST, description="The most on a page.", json_schema_extra=zh("每页最多条数。"))
    ] = PAGE,
    after: Annotated[
        str,
        Query(description="`next` of the page before.", json_schema_extra=zh("上一页的 next。"), max_length=200),
    ] = "",
) -> Response:
    try:
        day = request.day(date, field="date") if date is not None else None
    except BadProject as error:
        raise BadRequest(error.type, error.message, **error.where) from error
    return _json(
        rules.found(rulebook(), rules.Wanted(layer, effect, industry, activity, jurisdiction, day), limit, after)
    )


@router.get(
    "/rules/{id}",
    dependencies=[Depends(only())],
    responses=problems(400, 404),
    **operation(
        "One rule", "一条规则",
        "A rule whole: its terms in words, the facts it may ask for, its groups of industries, its texts with their quotes, "
        "and the sentences of the plans that it accounts for.",
        "一条规则的全部内容：条件的文字表述、会问到的项目资料、行业组、出处和引文，以及所对应的规划条目。",
    ),
)  # fmt: skip
def rule(
    id: Annotated[
        str,
        Path(
            description="Its id.",
            json_schema_extra=zh("规则标识。"),
            max_length=200,
            examples=["jishan-239-fen-1km"],
        ),
    ],
) -> Response:
    return _json(rules.one(rulebook(), id))
