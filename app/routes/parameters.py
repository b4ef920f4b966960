"""What routes share in reading a request: engine, language, body, and the refusal of unknown query parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any, cast

import sqlalchemy as sa
from fastapi import Depends, Request

from app import language
from app.problem import BadRequest, UnreadMedia
from layers.geojson import parse_json
from zoning.bilingual import Bilingual, Lang

JSON_TYPES = ("application/json", "application/geo+json")


def _engine(request: Request) -> sa.Engine:
    return cast("sa.Engine", request.app.state.engine)


def language_of(request: Request) -> Lang:
    """The language a request asks for."""
    return language.from_header(request.headers.get("accept-language"))


Engine = Annotated[sa.Engine, Depends(_engine)]
Language = Annotated[Lang, Depends(language_of)]


def only(*names: str) -> Callable[[Request], None]:
    """A dependency that refuses query parameters other than these, and any given twice."""

    def check(request: Request) -> None:
        refuse_others(request, names)

    return check


def refuse_others(request: Request, names: Sequence[str]) -> None:
    """Refuse query parameters other than these, and any given twice.

    Raises
    ------
    BadRequest
        ``parameter-unknown``, ``parameter-invalid``.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    if unknown := sorted(set(given) - set(names)):
        known = "、".join(names) or "—"
        raise BadRequest(
            "parameter-unknown",
            Bilingual(
                f"不认识的查询参数：{'、'.join(unknown)}。可用：{known}。",
                f"Unknown query parameters: {', '.join(unknown)}. Known here: {', '.join(names) or 'none'}.",
            ),
            fields=unknown,
        )
    counted = Counter(given)
    if repeated := sorted(name for name, times in counted.items() if times > 1):
        raise BadRequest(
            "parameter-invalid",
            Bilingual(
                f"查询参数重复：{'、'.join(repeated)}。", f"Query parameters given twice: {', '.join(repeated)}."
            ),
            fields=repeated,
        )


def number(text: str | None, field: str) -> float | None:
    """A number in a form field or query parameter. Raises `BadRequest` ``parameter-invalid``."""
    if text is None or text == "":
        return None
    try:
        return float(text)
    except ValueError as error:
        raise BadRequest(
            "parameter-invalid",
            Bilingual(f"{field} 应为数字：{text}", f"{field} must be a number: {text}"),
            field=field,
            value=text,
        ) from error


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def refuse_media(request: Request, *read: str) -> UnreadMedia:
    given = media_type(request) or "—"
    return UnreadMedia(
        "media-type-unsupported",
        Bilingual(
            f"不读 Content-Type 为 {given} 的内容；请用 {'、'.join(read)}。",
            f"Content-Type {given} is not read here; use {', '.join(read)}.",
        ),
        field="Content-Type",
        value=given,
    )


def json_value(raw: bytes) -> Any:
    """A JSON body's value: UTF-8, no repeated keys, no NaN. Raises `BadSite` ``json-invalid`` or ``encoding-unknown``."""
    value, notices = parse_json(raw, "request.json")
    if notices:
        raise BadRequest("encoding-unknown", Bilingual("请求内容须为 UTF-8 编码。", "A request body must be UTF-8."))
    return value
