"""The HTTP service: puts routes, guard and error handling together around one database engine. It decides nothing."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app import problem
from app.guard import Guard
from app.routes import (
    checks,
    collections,
    health,
    here,
    identify,
    items,
    lookups,
    pages,
    places,
    rasters,
    reports,
    rules,
    sites,
    tile_sets,
    tiles,
    units,
    viewer,
)
from app.tile_store import TileStore
from app.viewer import assets
from app.viewer.base_map import base_map
from app.viewer.config import Chosen
from app.viewer.told import Told
from layers.database import database_url, make_engine
from layers.settings import settings
from zoning import __version__
from zoning.errors import ShanheError
from zoning.industry import industries
from zoning.rulebook import rulebook

_DESCRIPTION = (
    "May this project be built here? A site is checked against versioned spatial layers with cited rules; the answer is "
    "measured and says what it does not know. Not a permit; the competent authority decides."
)


def _own_engine() -> sa.Engine:
    return make_engine(database_url())


def create_app(open_engine: Callable[[], sa.Engine] = _own_engine) -> FastAPI:
    """The application. `open_engine` is called once at its start; the engine is disposed of at its end.

    Raises `app.viewer.base_map.BadBaseMap` when the base map that is set cannot be used.
    """
    chosen = Chosen(base_map(settings()), settings().map_approval)

    store = TileStore()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        rulebook()
        industries()
        gc.collect()
        gc.freeze()  # rules and industries stay for good: the collector need not look at them again
        engine = await anyio.to_thread.run_sync(open_engine)
        app.state.engine = engine
        app.state.viewer = Told(chosen)
        assets.rewrite_folium()
        app.state.tile_store = store
        app.state.tile_engine = make_engine(engine.url, prepared=True)
        # No more requests at work than there are database connections: nobody waits inside the pool.
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2 * settings().pool_size
        try:
            yield
        finally:
            store.close()
            app.state.tile_engine.dispose()
            engine.dispose()

    app = tiles.Service(
        store,
        title="Shanhe 山河",
        version=__version__,
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    questions = (checks, reports, here, sites, units, rules, lookups, places)
    features = (collections, items, tile_sets, identify)
    for resource in (*questions, *features, rasters, viewer, health, pages):
        app.include_router(resource.router)
    for kind in (ShanheError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, problem.on_error)
    app.mount("/tiles", tiles.Tiles(store))
    app.add_middleware(Guard)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document without the framework's own validation errors, which are problems here."""
    if not app.openapi_schema:
        document = FastAPI.openapi(app)
        document["paths"].update(tiles.PATHS)
        for methods in document["paths"].values():
            for operation in methods.values():
                if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                    del operation["responses"]["422"]
        for name in ("HTTPValidationError", "ValidationError"):
            document.get("components", {}).get("schemas", {}).pop(name, None)
    return app.openapi_schema or {}
