"""The hostile set: every file gets its answer, in both languages, with what to do, and within the limits of the door."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app import problem_types
from layers import guarded
from layers.door import guard
from layers.sitefile import read_site_bytes
from tests.unit.layers.hostile import HOSTILE, Hostile
from zoning.errors import BadSite

CJK = re.compile(r"[\u4e00-\u9fff]")
BY_NAME = {
    "empty", "no geometry", "mixed types", "NaN", "infinite", "3D", "curves", "unclosed ring", "overlapping parcels",
    "declared area differs", "ten million vertices", "wrong zone", "swapped axes", "degrees in a projected CRS",
    "GCJ-02 suspected", "Xi'an 80", "Beijing 54", "missing .prj", "missing .shx", "wrong .cpg", "traversal", "symlink",
    "nested archive", "bomb", "rar", "7z", "VRT named .shp in a zip", "VRT named .geojson", "KML NetworkLink",
    "XML entit", "DXF blocks only",
}  # fmt: skip
"""What the set must hold, by the beginning of its names."""


def test_the_set_is_whole():
    names = [one.name for one in HOSTILE]
    assert len(set(names)) == len(names)
    assert {wanted for wanted in BY_NAME if not any(name.startswith(wanted) for name in names)} == set()


@pytest.fixture
def ends(monkeypatch):
    """How each child ended: an exit status, or None where it ran out of time."""
    found: list[int | None] = []
    run = guard._run

    def watched(*given, **more):
        found.append(run(*given, **more))
        return found[-1]

    monkeypatch.setattr(guard, "_run", watched)
    return found


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_a_hostile_file_gets_its_answer(one: Hostile, ends):
    data = one.make()
    if one.type is None:
        site = read_site_bytes(data, one.file, crs=one.crs)
        if one.repair is not None:
            assert one.repair in [repair.type for repair in site.repairs]
            return
        (notice,) = [notice for notice in site.notices if notice.type == one.notice]
        assert notice.text.zh
        assert notice.text.en
        assert dict(one.where).items() <= dict(notice.where).items()
        return
    with pytest.raises(BadSite) as caught:
        read_site_bytes(data, one.file, crs=one.crs)
    error = caught.value
    assert error.type == one.type, error.message
    assert str(error.where["file"]).startswith(one.file)
    assert {key: error.where.get(key) for key in one.where} == dict(one.where)
    assert CJK.search(error.message.zh)
    assert error.message.en
    remedy = problem_types.declared()[error.type].remedy
    assert remedy.zh
    assert remedy.en
    if one.type == "file-open-limit":
        assert ends[0] is None or ends[0] != 0
    else:
        assert all(status == 0 for status in ends) or one.type == "file-open-failed"


def test_the_memory_cap_holds_and_is_what_ends_the_greedy(ends, monkeypatch):
    monkeypatch.setattr(guarded, "LIMITS", replace(guarded.LIMITS, memory=200 * 1024**2))
    with pytest.raises(BadSite) as caught:
        read_site_bytes(b"[" + b"[]," * 4_000_000 + b"[]]", "a.geojson")
    assert caught.value.type == "file-open-limit"
    assert ends == [guard.OUT_OF_MEMORY]
    assert "200 MB" in caught.value.message.en
