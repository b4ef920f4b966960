"""The request bodies of the HTTP service as pydantic models, with a real example; the domain validates what they hold."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

SITE_EXAMPLE: Final[dict[str, Any]] = {
    "type": "Polygon",
    "coordinates": [[[111.47, 35.54], [111.472, 35.54], [111.472, 35.541], [111.47, 35.541], [111.47, 35.54]]],
}
"""A small made-up site in Jiang county (绛县)."""

PROJECT_EXAMPLE: Final[dict[str, Any]] = {
    "name": "餐厨垃圾处置项目（示例）",
    "industry": "N7820",
    "activity": "new",
    "attributes": {
        "land_take": "permanent",
        "fuel": "gas",
        "discharges_to_water": False,
        "new_groundwater_intake": False,
    },
}

CHECK_EXAMPLE: Final[dict[str, Any]] = {"site": SITE_EXAMPLE, "project": PROJECT_EXAMPLE, "as_of": "2024-06-30"}


def zh(text: str) -> dict[str, Any]:
    """The Chinese twin of a description, which OpenAPI has no place for."""
    return {"x-zh": text}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Held(_Strict):
    """A document held. Nobody verifies it; it counts as named."""

    kind: str = Field(
        description="One of the kinds that rules name. See GET /attributes.",
        json_schema_extra=zh("规则所列的文件种类，见 GET /attributes。"),
    )
    number: str = Field(description="The document's number (文号).", json_schema_extra=zh("文号。"))
    issuer: str | None = Field(default=None, description="Who issued it.", json_schema_extra=zh("出具机关。"))
    date: str | None = Field(
        default=None, description="Day of issue, e.g. 2023-05-01.", json_schema_extra=zh("出具日期，如 2023-05-01。")
    )


class ProjectBody(_Strict):
    """What is to be done there."""

    name: str = Field(
        default="",
        max_length=200,
        description="For people only; it is no part of the question.",
        json_schema_extra=zh("仅供人看，不影响核查。"),
    )
    industry: str = Field(
        description="GB/T 4754-2017 class, e.g. C2521, or its Chinese name. See GET /industries.",
        json_schema_extra=zh("GB/T 4754-2017 小类代码（如 C2521）或名称，见 GET /industries。"),
    )
    activity: str = Field(
        description="new, rebuild, expand, relocate, retrofit, restore, explore, temporary, operate or close.",
        json_schema_extra=zh("建设性质：new 新建、rebuild 改建、expand 扩建等，见 GET /attributes。"),
    )
    attributes: dict[str, Any] = Field(
        default_factory=dict,
        description="Facts by name. See GET /attributes.",
        json_schema_extra=zh("项目资料，按名称给值，见 GET /attributes。"),
    )
    documents: list[Held] = Field(
        default_factory=list,
        max_length=100,
        description="Documents held; nobody verifies them, they count as named.",
        json_schema_extra=zh("已取得的文件；本系统不核验。"),
    )


class QuestionBody(_Strict):
    """What is asked of a site: one project, one day, one release."""

    project: ProjectBody = Field(description="What is to be done there.", json_schema_extra=zh("拟建项目。"))
    as_of: str | None = Field(
        default=None,
        description="Day whose rules and boundaries hold, e.g. 2024-06-30; today if not given.",
        json_schema_extra=zh("依据日期，如 2024-06-30；不填为当天。"),
    )
    release: int | None = Field(
        default=None,
        description="Number of the data release; the newest if not given.",
        json_schema_extra=zh("数据版本号；不填为最新。"),
    )


class CheckBody(QuestionBody):
    """One site, one project, one day, one release."""

    site: dict[str, Any] = Field(
        description="GeoJSON geometry, Feature or FeatureCollection; longitude and latitude unless crs says otherwise.",
        json_schema_extra=zh("GeoJSON 几何、Feature 或 FeatureCollection；未给 crs 时为经纬度。"),
    )
    crs: str | None = Field(
        default=None,
        description="CRS of the coordinates, e.g. EPSG:4546; overrides the file's own, but for an old datum.",
        json_schema_extra=zh("坐标系，如 EPSG:4546；优先于文件自带的说明，但不能改变西安80、北京54。"),
    )
    accuracy_m: float = Field(
        default=0.0,
        description="Accuracy of the site, m, one-sided at 95 %; 0 for surveyed corners.",
        json_schema_extra=zh("选址精度，米，95 % 单侧；测量成果填 0。"),
    )
    half_width_m: float | None = Field(
        default=None,
        description="For lines and points: half-width or radius, m.",
        json_schema_extra=zh("线的半宽或点的半径，米。"),
    )


def body(model: type[BaseModel], media_type: str, example: Any) -> dict[str, Any]:
    """The OpenAPI request body of a model, with an example."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    return {
        "required": True,
        "content": {media_type: {"schema": {**inlined(schema, definitions), "examples": [example]}}},
    }


def inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with its references written out, so that it stands alone."""
    if isinstance(schema, list):
        return [inlined(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if reference := schema.get("$ref"):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**inlined(definitions[reference.rsplit("/", 1)[-1]], definitions), **beside}
    return {key: inlined(value, definitions) for key, value in schema.items()}
