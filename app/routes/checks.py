"""`/checks`: ask, read again, verify. The bytes given are the stored canonical text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ValidationError
from starlette.responses import Response

from app import request as asked
from app import service, withheld
from app.problem import BadRequest, of_fields
from app.routes.documents import operation, problems
from app.routes.negotiated import given
from app.routes.parameters import JSON_TYPES, Engine, Language, json_value, media_type, only, refuse_media
from app.routes.schema import CHECK_EXAMPLE, CheckBody, QuestionBody, body, inlined, zh
from app.routes.upload import FIELD_SCHEMA, FILE_SCHEMA, Upload, uploaded
from layers.sitefile import read_site_geojson
from zoning.bilingual import Bilingual, Lang
from zoning.canonical import canonical_json
from zoning.site import Site

router = APIRouter(tags=["checks"])

CheckId = Annotated[
    str, Path(description="Its id or its number.", json_schema_extra=zh("标识或编号。"), max_length=100)
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A check's JSON, and the file with the site where the JSON does not hold it."""

    raw: bytes
    upload: Upload | None = None


async def _asked(request: Request) -> _Asked:
    """A JSON body with the site in it, or a form of a file (`file`) and the rest as JSON (`check`)."""
    if media_type(request) == "multipart/form-data":
        upload, more = await uploaded(request, "check")
        if not (text := more["check"]):
            message = Bilingual(
                "表单里没有 check 项：请把项目、日期写成 JSON 放在其中。",
                "The form has no field check: put project and day into it as JSON.",
            )
            raise BadRequest("parameter-invalid", message, field="check")
        return _Asked(text.encode(), upload)
    if media_type(request) not in JSON_TYPES:
        raise refuse_media(request, *JSON_TYPES, "multipart/form-data")
    if "layer" in request.query_params:
        message = Bilingual(
            "JSON 里的选址是 GeoJSON，不分图层，请去掉 layer。",
            "The site in the JSON is GeoJSON without layers: drop layer.",
        )
        raise BadRequest("parameter-unknown", message, fields=["layer"])
    return _Asked(await request.body())


def _said(given: _Asked) -> tuple[QuestionBody, Site]:
    """What is asked, and the site it is asked of."""
    value = json_value(given.raw)
    try:
        if given.upload is not None:
            return QuestionBody.model_validate(value), given.upload.site()
        said = CheckBody.model_validate(value)
    except ValidationError as error:
        raise of_fields(error.errors()) from error
    site = read_site_geojson(said.site, crs=said.crs, accuracy_m=said.accuracy_m, half_width_m=said.half_width_m)
    return said, site


_BODY = body(CheckBody, "application/json", CHECK_EXAMPLE)
_QUESTION = inlined(
    QuestionBody.model_json_schema(ref_template="#/$defs/{model}"), QuestionBody.model_json_schema()["$defs"]
)
_FORM = {
    "type": "object",
    "required": ["file", "check"],
    "properties": {
        "file": FILE_SCHEMA,
        **FIELD_SCHEMA,
        "check": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {key: value for key, value in _QUESTION.items() if key != "$defs"},
            "description": "Project, day and release as JSON, as in the JSON body but without the site.",
            **zh("项目、日期、数据版本的 JSON，同 JSON 请求，但不含选址。"),
        },
    },
}


@router.post(
    "/checks",
    dependencies=[Depends(only("layer"))],
    responses=problems(400, 413, 415, 422, 503),
    **operation(
        "Check a site",
        "核查一个选址",
        "May this project be built here? The same question gives the same check, byte for byte. "
        "With `Accept: text/plain` the answer is its six lines. "
        "A site file of any kind read at /sites may come as a form, with the question as JSON in its field check.",
        "这个项目能否建在这里？同一问题得到逐字节相同的核查结果。Accept 为 text/plain 时只返回六行结论。"
        "也可用表单上传选址文件，问题以 JSON 写在 check 项里。",
        request_body={
            **_BODY,
            "content": {**_BODY["content"], "multipart/form-data": {"schema": _FORM}},
        },
    ),
)
def ask(sent: Annotated[_Asked, Depends(_asked)], request: Request, engine: Engine, lang: Language) -> Response:
    said, site = _said(sent)
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
    return _given(engine, answer, request, lang, {"Location": f"/checks/{answer.data['id']}"})


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
    return _given(engine, service.stored_check(engine, id), request, lang, {"Cache-Control": "private, no-cache"})


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
    stored = service.stored_check(engine, id).data
    found = withheld.verification(
        service.verify(engine, stored).as_dict(), withheld.forms_of(engine, stored["release"])
    )
    return Response(canonical_json(found), media_type="application/json")


def _given(engine: Engine, answer: service.Answer, request: Request, lang: Lang, headers: dict[str, str]) -> Response:
    """The check's own bytes, or its six lines when plain text is asked for; without what not everybody may see."""
    public = withheld.check(answer.data, withheld.forms_of(engine, answer.data["release"]))
    if public is None:
        return given(request, lang, answer.text, lambda: six_lines(answer.data, lang), headers)
    return given(request, lang, canonical_json(public), lambda: six_lines(public, lang), headers)


def six_lines(data: Any, lang: str) -> str:
    return "".join(f"{line[lang]}\n" for line in data["lines"])
