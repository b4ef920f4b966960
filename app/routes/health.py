"""`/healthz` says that the process lives, `/readyz` that it can answer; neither changes anything."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from app.routes.documents import operation, problems
from app.routes.parameters import Engine, only
from layers import raster as rasters
from layers.release import newest_release
from zoning.rulebook import rulebook

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    dependencies=[Depends(only())],
    responses=problems(400),
    **operation("Alive", "进程存活", "The process answers.", "进程在运行。"),
)
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz",
    dependencies=[Depends(only())],
    responses=problems(400, 503),
    **operation(
        "Ready", "可以服务", "Database reachable, a release published, rules loaded; a 503 problem otherwise. "
        "`rasters_broken` counts raster layers that are left out; the log names their files.",
        "数据库可连、已发布数据、规则已载入；否则返回 503。rasters_broken 为不能使用的栅格图层数，日志中有文件名。",
    ),
)  # fmt: skip
def readyz(engine: Engine) -> Response:
    book = rulebook()
    said = {"release": newest_release(engine).number, "rules": len(book.rules), "rules_hash": book.hash}
    return JSONResponse({"status": "ok", **said, "rasters_broken": len(rasters.broken())})
