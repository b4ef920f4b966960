"""The access list in the database: published with the layers, all or nothing, read by release; and answered in checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
import yaml

from app import service
from app.request import question
from app.routes.schema import SITE_EXAMPLE
from layers import publication
from layers.access_sheet import BadAccessList
from layers.database import reading
from layers.known import known
from layers.load import load_bundled
from layers.release import Release, release_info
from layers.settings import settings
from layers.sitefile import read_site_geojson
from layers.store import gather
from tests.integration.conftest import World, feature
from zoning.errors import Unavailable
from zoning.evidence import Evidence, Window

UNIT, OTHER = "ZH14000130001", "ZH14000230001"


def clause(id: str, codes: list[str], **facts: Any) -> dict[str, Any]:
    return {
        "id": id, "codes": codes, "dimension": "space", "text": {"zh": "甲", "en": "a"}, "legal_status": "planning",
        "source": {"title": {"zh": "清单", "en": "List"}, "at": 1}, **facts,
    }  # fmt: skip


@pytest.fixture
def access(tmp_path: Path, world: World) -> Path:
    """A folder for a list, and a layer of two units beside the world's own."""
    west, east = shapely.box(112, 36, 112.5, 37), shapely.box(112.5, 36, 113, 37)
    units = [feature(UNIT, west, **{"class": "3"}), feature(OTHER, east, **{"class": "3"})]
    world.put("control_unit", units, order=6, full_cover=True)
    folder = tmp_path / "access"
    folder.mkdir()
    return folder


def put(folder: Path, *clauses: dict[str, Any]) -> None:
    (folder / "list.yaml").write_text(yaml.safe_dump({"files": [{"file": "own.json"}]}), encoding="utf-8")
    (folder / "own.json").write_text(json.dumps({"clauses": clauses}), encoding="utf-8")


def load(engine: sa.Engine, world: World, access: Path | None) -> Any:
    return load_bundled(engine, world.folder, world.catalogue, access)


def near(engine: sa.Engine, number: int, lon: float = 112.3) -> Evidence:
    window = Window(lon - 0.01, 36.49, lon + 0.01, 36.51, 1000.0)
    return gather(engine, Release(number), window, piece_box=(lon, 36.5, lon, 36.5))


def held(engine: sa.Engine, number: int, lon: float = 112.3) -> dict[str, list[str]]:
    return {code: [c.id for c in found] for code, found in near(engine, number, lon).clauses.items()}


def rows(engine: sa.Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(sa.text("select t::text from unit_clause t order by 1")).scalars())


def test_clauses_are_published_with_the_layers_and_again_only_when_they_change(empty_db, world, access):
    put(access, clause("a", ["140000", UNIT]), clause("b", [UNIT]))
    first = load(empty_db, world, access)
    assert first.release == Release(1)
    assert (first.changes["unit_clause"].added, first.changes["unit_clause"].closed) == (3, 0)
    before = rows(empty_db)
    again = load(empty_db, world, access)
    assert (again.release, again.changes) == (Release(1), {})
    assert rows(empty_db) == before
    put(access, clause("a", ["140000", UNIT]), clause("b", [UNIT], text={"zh": "乙", "en": "b"}))
    second = load(empty_db, world, access)
    assert {name: (c.added, c.closed) for name, c in second.changes.items()} == {"unit_clause": (1, 1)}
    assert release_info(empty_db, Release(2)).changed_layers == {"unit_clause": {"added": 1, "closed": 1}}


def test_an_old_release_keeps_its_clauses(empty_db, world, access):
    put(access, clause("a", ["140000"]), clause("b", [UNIT]))
    load(empty_db, world, access)
    put(access, clause("a", ["140000"], text={"zh": "乙", "en": "b"}), clause("c", [OTHER]))
    load(empty_db, world, access)
    load(empty_db, world, None)
    assert [held(empty_db, n) for n in (1, 2, 3)] == [
        {"140000": ["140000:a"], UNIT: [f"{UNIT}:b"]},
        {"140000": ["140000:a"]},
        {},
    ]
    assert held(empty_db, 2, lon=112.7) == {"140000": ["140000:a"], OTHER: [f"{OTHER}:c"]}
    assert [near(empty_db, n).clauses["140000"][0].text.zh for n in (1, 2)] == ["甲", "乙"]


def test_a_clause_reads_back_as_it_was_stated(empty_db, world, access):
    terms = {"effect": "prohibit", "industries": ["coking"], "when": {"attribute": "fuel", "is": "coal"}}
    put(
        access,
        clause("a", ["140000"], unit_class="general", terms=terms, valid=["2024-01-01", None], text={"zh": "甲"}),
    )
    load(empty_db, world, access)
    (found,) = near(empty_db, 1).clauses["140000"]
    assert (found.text.en, found.terms.as_dict(), found.unit_class) == (
        "甲",
        {k: v for k, v in terms.items() if v},
        "general",
    )
    assert [str(day) for day in (found.valid.start, found.valid.end)] == ["2024-01-01", "None"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", f"编码,分类,空间布局约束\n{UNIT},3,甲\n{OTHER},2,乙\n"),
        ("list.csv", f"编码,空间布局约束\n{UNIT},甲\nZH14000930001,乙\n"),
        ("list.csv", f"编码,空间布局约束\n{UNIT},甲\nZH1400013000,乙\n"),
    ],
)
def test_a_wrong_list_is_refused_with_its_row_and_nothing_is_loaded_layers_neither(empty_db, world, access, name, text):
    put(access, clause("a", [UNIT]))
    load(empty_db, world, access)
    before = rows(empty_db)
    entry = {"file": name, "title": {"zh": "清单", "en": "List"}, "legal_status": "planning"}
    (access / "list.yaml").write_text(yaml.safe_dump({"files": [entry]}), encoding="utf-8")
    (access / name).write_text(text, encoding="utf-8")
    world.features["redline"][0]["properties"]["name"] = "也变了"
    with pytest.raises(BadAccessList) as caught:
        load(empty_db, world, access)
    assert caught.value.where["row"] == 3
    assert rows(empty_db) == before
    with pytest.raises(Exception, match="no release 2"):
        release_info(empty_db, Release(2))


def test_a_kill_while_clauses_are_written_leaves_the_former_release(empty_db, world, access, monkeypatch):
    put(access, clause("a", [UNIT]))
    load(empty_db, world, access)
    before = rows(empty_db)
    put(access, clause("a", [UNIT], text={"zh": "乙", "en": "b"}))
    copy = publication.copy

    def dying(connection, into, columns, rows):
        if into == "unit_clause":
            pid = connection.connection.driver_connection.info.backend_pid
            with empty_db.connect() as other:
                other.execute(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        copy(connection, into, columns, rows)

    monkeypatch.setattr(publication, "copy", dying)
    with pytest.raises(Unavailable):
        load(empty_db, world, access)
    monkeypatch.undo()
    assert rows(empty_db) == before


def test_what_was_read_of_the_list_is_not_read_again(empty_db, world, access):
    put(access, clause("a", ["140000", UNIT]))
    load(empty_db, world, access)
    near(empty_db, 1)
    memory = known(empty_db)
    asked: list[Any] = []
    real = memory.clauses

    class Watched:
        def __init__(self, connection):
            self.connection = connection

        def execute(self, statement, values=None):
            asked.append(values)
            return self.connection.execute(statement, values)

    def watched(connection, view, codes):
        return real(Watched(connection), view, codes)

    memory.clauses = watched  # type: ignore[method-assign]
    assert near(empty_db, 1).clauses
    assert asked == []
    near(empty_db, 1, lon=112.7)
    assert asked == [{"codes": [OTHER], "release": 1}]


# --- the bundled list --------------------------------------------------------------------------------------------------


def test_a_check_answers_every_bundled_clause_and_none_of_them_decides(bundled_db):
    site = read_site_geojson(SITE_EXAMPLE)
    asked = question(site, industry="N7820", activity="new", as_of="2024-06-30")
    data = service.ask(bundled_db, asked).data
    assert data["clauses"]
    for unit in data["clauses"]:
        assert unit["provided"]
        for answers in unit["dimensions"].values():
            assert {a["level"] for a in answers} == {"province", "city", "unit"}
            assert all(a["reason"]["zh"] and a["reason"]["en"] and not a["decides"] for a in answers)
    assert not [f for f in data["findings"] if f["rule"].startswith("clause:")]
    assert service.verify(bundled_db, data).match


def test_the_bundled_list_is_there_in_release_1(bundled_db):
    assert release_info(bundled_db, Release(1)).changed_layers["unit_clause"]["added"] > 1500
    assert settings().access_list.name == "access"
