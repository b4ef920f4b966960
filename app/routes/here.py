"""`/here`: where a position lies, in plain words. The position comes in the body only, and is neither stored nor logged."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app import here
from app.problem import of_fields
from app.routes.documents import operation, problems
from app.routes.parameters import Engine, json_value, media_type, only, refuse_media
from app.routes.schema import body, zh
from zoning.canonical import canonical_json

router = APIRouter(tags=["here"])

EXAMPLE: Final[dict[str, Any]] = {"lon": 111.47, "lat": 35.54, "accuracy_m": 15, "datum": "WGS84"}


class HereBody(BaseModel):
    """A position and the datum it is in."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    lon: float = Field(ge=-180, le=180, description="Longitude, degrees.", json_schema_extra=zh("经度，度。"))
    lat: float = Field(ge=-89, le=89, description="Latitude, degrees.", json_schema_extra=zh("纬度，度。"))
    accuracy_m: float | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="How far off the position may be, m, as the device says.",
        json_schema_extra=zh("定位误差，米，按设备所报。"),
    )
    datum: Literal["CGCS2000", "WGS84", "GCJ-02"] = Field(
        description="Datum of the position: satellites and browsers give WGS84, most maps of China GCJ-02. It is never guessed.",
        json_schema_extra=zh("坐标基准：卫星定位和浏览器为 WGS84，国内地图多为 GCJ-02。不猜测。"),
    )


async def _said(request: Request) -> HereBody:
    if media_type(request) != "application/json":
        raise refuse_media(request, "application/json")
    try:
        return HereBody.model_validate(json_value(await request.body()))
    except ValidationError as error:
        raise of_fields(error.errors(include_input=False, include_url=False)) from None


@router.post(
    "/here",
    dependencies=[Depends(only())],
    responses=problems(400, 413, 415, 422, 503),
    **operation(
        "Where am I", "我在哪里",
        "Inside or outside the red line, the nearest line with distance and direction, and the control unit, in plain words and "
        "without a project. The position is in no address, is not stored and not logged. On illustrative layers the answer is only "
        "that it cannot be told, and whom to ask.",
        "不涉及项目：是否在红线内、最近红线的距离和方向、所在管控单元，用平常话回答。位置不出现在地址里，不保存、不写日志。"
        "图层为示意时只答“不能判断”和向谁查询。",
        request_body=body(HereBody, "application/json", EXAMPLE),
    ),
)  # fmt: skip
async def where(said: Annotated[HereBody, Depends(_said)], engine: Engine) -> Response:
    def told() -> str:
        return canonical_json(here.answer(engine, said.lon, said.lat, accuracy_m=said.accuracy_m, datum=said.datum))

    return Response(await run_in_threadpool(told), media_type="application/json")
