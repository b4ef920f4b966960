"""The one settings object: what a deployment may set through the environment. It opens nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent
"""The folder that holds the packages `app`, `layers` and `zoning`: the checkout, when run from one."""


class Settings(BaseSettings):
    """Settings, each from the environment variable `SHANHE_<NAME>`; the defaults serve a checkout on one machine."""

    model_config = SettingsConfigDict(env_prefix="SHANHE_", env_ignore_empty=True, frozen=True, extra="ignore")

    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL with PostGIS; not set: the checkout's own cluster is used and started."
    )
    host: str = Field(default="127.0.0.1", description="Address the service listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port the service listens on.")
    workers: int = Field(default=0, ge=0, le=64, description="Service processes; 0: one for each core, at most 4.")
    statement_timeout_ms: int = Field(
        default=15_000, ge=1, description="Longest time one read may take in the database."
    )
    connect_timeout_s: int = Field(default=5, ge=1, description="Longest wait for a connection to the database.")
    pool_size: int = Field(default=5, ge=1, description="Database connections kept open.")
    tiles: Path = Field(
        default=CHECKOUT / ".shanhe" / "tiles",
        description="Folder of map tiles that are cut when a release is published.",
    )
    tile_cache_mb: int = Field(
        default=256, ge=1, description="Memory for map tiles in each service process, in MB; the oldest go first."
    )
    boundaries: Path = Field(
        default=CHECKOUT / "data" / "boundaries", description="Folder of the bundled boundary files."
    )
    rasters: Path = Field(
        default=CHECKOUT / "data" / "boundaries" / "rasters",
        description="Folder of the raster layers: an entry `<id>.yaml` beside each GeoTIFF.",
    )
    access_list: Path = Field(
        default=CHECKOUT / "data" / "access", description="Folder of the access list: list.yaml and the files it names."
    )
    sources: Path | None = Field(
        default=None,
        description="Folder with the texts that the rules quote (plans/, laws/), for the lint; not set: ../shared of a checkout, if there.",
    )
    base_map: str | None = Field(
        default=None,
        description="XYZ address of a base map in CGCS2000 or WGS 84, with {z}, {x} and {y}; not set: none.",
    )
    base_map_attribution: str | None = Field(default=None, description="Who made the base map; shown on the map.")
    tianditu_key: SecretStr | None = Field(
        default=None,
        description="Key of 天地图, instead of SHANHE_BASE_MAP. It reaches every browser that opens the map.",
    )
    map_approval: str | None = Field(
        default=None, max_length=60, description="审图号 (map approval number), printed on every map; not set: none."
    )

    @property
    def texts(self) -> Path | None:
        """The folder of the texts that the rules quote, if there is one."""
        beside = CHECKOUT.parent / "shared"
        return self.sources or (beside if (beside / "plans").is_dir() else None)


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
