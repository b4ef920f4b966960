"""`/checks`: ask, read again, verify. The bytes given are the stored canonical text."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError
from starlette.responses import Response

from app import language, service
from app import request as asked
from app.problem import of_fields
from app.routes.documents import operation, problems
from app.routes.parameters import Engine, JsonBody, Language, json_value, only
from app.routes.schema import CHECK_EXAMPLE, CheckBody, body, zh
from layers.sitefile import read_site_geojson
from zoning.canonical import canonical_json

router = APIRouter(tags=["checks"])

CheckId = Annotated[
    str, Path(description="Its id or its number.", json_schema_extra=zh("标识或编号。"), max_length=100)
]


@router.post(
    "/checks",
    dependencies=[Depends(only())],
    responses=problems(400, 413, 415, 422, 503),
    **operation(
        "Check a site",
        "核查一个选址",
        "May this project be built here? The same question gives the same check, byte for byte. "
        "With `Accept: text/plain` the answer is its six lines.",
        "这个项目能否建在这里？同一问题得到逐字节相同的核查结果。Accept 为 text/plain 时只返回六行结论。",
        request_body=body(CheckBody, "application/json", CHECK_EXAMPLE),
    ),
)
def ask(raw: JsonBody, request: Request, engine: Engine, lang: Language) -> Response:
    try:
        said = CheckBody.model_validate(json_value(raw))
    except ValidationError as error:
        raise of_fields(error.errors()) from error
    site = read_site_geojson(said.site, crs=said.crs, accuracy_m=said.accuracy_m, half_width_m=said.half_width_m)
    project = said.project
    question = asked.question(
        site,
        industry=project.industry,
        activity=project.activity,
        attributes=project.attributes,
        documents=[held.model_dump(exclude_none=True) for held in project.documents],
        name=project.name,
        as_of=said.as_of,
    )
    answer = service.ask(engine, question, said.release)
    return _given(answer, request, lang, {"Location": f"/checks/{answer.data['id']}"})


@router.get(
    "/checks/{id}",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Read a check",
        "读取核查结果",
        "The stored check, by id or by number.",
        "按 id 或编号读取已保存的核查结果。",
    ),
)
def read(id: CheckId, request: Request, engine: Engine, lang: Language) -> Response:
    return _given(service.stored_check(engine, id), request, lang, {"Cache-Control": "private, no-cache"})


@router.post(
    "/checks/{id}/verify",
    dependencies=[Depends(only())],
    responses=problems(400, 404, 503),
    **operation(
        "Verify a check",
        "复算核查结果",
        "Recomputes a stored check on its own release and says match, or where not.",
        "按原数据版本重新计算，说明是否一致、何处不同。",
    ),
)
def verify(id: CheckId, engine: Engine) -> Response:
    found = service.verify(engine, service.stored_check(engine, id).data)
    return Response(canonical_json(found.as_dict()), media_type="application/json")


def _given(answer: service.Answer, request: Request, lang: str, headers: dict[str, str]) -> Response:
    """The check's own bytes, or its six lines when plain text is asked for."""
    accept = request.headers.get("accept")
    if language.media_type(accept, ["application/json", "text/plain"]) == "text/plain":
        content, media_type = six_lines(answer.data, lang), "text/plain; charset=utf-8"
        headers = {**headers, "Content-Language": "zh-CN" if lang == "zh" else "en"}
    else:
        content, media_type = answer.text, "application/json"
    data = content.encode()
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    headers = {**headers, "ETag": tag, "Vary": "Accept, Accept-Language"}
    known = [t.strip().removeprefix("W/") for t in request.headers.get("if-none-match", "").split(",")]
    if request.method == "GET" and (tag in known or "*" in known):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type)


def six_lines(data: Any, lang: str) -> str:
    return "".join(f"{line[lang]}\n" for line in data["lines"])
