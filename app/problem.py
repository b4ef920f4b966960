"""Errors as RFC 9457 problem documents, one shape for every error of the HTTP service; it decides no status but those named here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app import language, problem_types
from zoning.bilingual import Bilingual, Lang
from zoning.errors import BadInput, ShanheError

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:shanhe:problem:"


class BadRequest(BadInput):
    """The request itself, not the site or project in it: unknown or invalid parameters."""

    status = 400


class TooLarge(BadInput):
    """A body over the limit (HTTP 413)."""

    status = 413


class UnreadMedia(BadInput):
    """A body in a media type that is not read here (HTTP 415)."""

    status = 415


_STATUS: Final[Mapping[int, tuple[str, Bilingual]]] = {
    400: ("request-invalid", Bilingual("请求格式有误。", "The request is malformed.")),
    404: (
        "page-unknown",
        Bilingual("没有这个地址。接口列表见 /docs。", "There is nothing at this address. See /docs."),
    ),
    405: (
        "method-not-allowed",
        Bilingual("此地址不支持该方法。接口列表见 /docs。", "This address does not take that method. See /docs."),
    ),
    500: (
        "internal",
        Bilingual(
            "系统内部错误，本次没有得出结论，也没有保存。请告知运维人员。",
            "Something failed inside; nothing was decided and nothing stored. Please tell the operator.",
        ),
    ),
}


def document(type: str, status: int, message: Bilingual, where: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """A problem document: `detail` in the reader's language, both languages beside it, and where it happened."""
    return {
        "type": URN + type,
        "title": problem_types.title(type).get(lang),
        "status": status,
        "detail": message.get(lang),
        "detail_zh": message.zh,
        "detail_en": message.en,
        "remedy": problem_types.remedy(type).get(lang),
        "where": dict(where),
    }


def response(
    type: str,
    status: int,
    message: Bilingual,
    where: Mapping[str, Any],
    lang: Lang,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    data = document(type, status, message, where, lang)
    return Response(
        json.dumps(data, ensure_ascii=False, default=str),
        status,
        {**(headers or {}), "Content-Language": "zh-CN" if lang == "zh" else "en", "Vary": "Accept, Accept-Language"},
        MEDIA_TYPE,
    )


def of_error(error: ShanheError, lang: Lang) -> Response:
    """Any error of the domain, with the status its class states."""
    headers = {"Retry-After": "5"} if error.status == 503 else None
    return response(error.type, error.status, error.message, error.where, lang, headers=headers)


def of_status(status: int, lang: Lang, headers: Mapping[str, str] | None = None) -> Response:
    """An error that only has an HTTP status."""
    type, message = _STATUS.get(status, _STATUS[500] if status >= 500 else _STATUS[400])
    return response(type, status, message, {}, lang, headers=headers)


_WRONG: Final[Mapping[str, Bilingual]] = {
    "extra_forbidden": Bilingual("不认识的键", "unknown key"),
    "missing": Bilingual("缺少必填项", "required, but not given"),
}


def of_fields(errors: Sequence[Any]) -> BadInput:
    """What pydantic found wrong, as one error that names every field. Query and path parameters make it a 400."""
    fields, zh, en = [], [], []
    outside_body = False
    for error in errors:
        place = [str(part) for part in error["loc"]]
        if place and place[0] in ("query", "path", "header"):
            outside_body = True
        if place and place[0] in ("query", "path", "header", "body"):
            place = place[1:]
        name = ".".join(place) or "(body)"
        text = _WRONG.get(error["type"], Bilingual(f"取值有误（{error['msg']}）", error["msg"]))
        fields.append(name)
        zh.append(f"{name}：{text.zh}")
        en.append(f"{name}: {text.en}")
    message = Bilingual(f"请求内容有误：{'；'.join(zh)}。", f"The request is wrong: {'; '.join(en)}.")
    if outside_body:
        return BadRequest("parameter-invalid", message, fields=fields)
    return BadInput("body-invalid", message, fields=fields)


async def on_error(request: Request, error: Exception) -> Response:
    """The one handler for everything that routes raise."""
    lang = language.from_header(request.headers.get("accept-language"))
    if isinstance(error, ShanheError):
        return of_error(error, lang)
    if isinstance(error, (RequestValidationError, ValidationError)):
        return of_error(of_fields(error.errors()), lang)
    if isinstance(error, HTTPException):
        return of_status(error.status_code, lang, error.headers)
    return of_status(500, lang)
