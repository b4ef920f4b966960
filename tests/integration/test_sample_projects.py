"""The sample projects, each in its own format, get the verdicts that their plan lines and the bundled layers call
for; by every door."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from starlette.testclient import TestClient

from app.cli import EXIT, main
from app.http import create_app
from app.service import decide
from layers.database import make_engine
from layers.release import open_release
from layers.settings import CHECKOUT, settings
from layers.sitefile import read_site_file
from zoning.check import Check
from zoning.decision import SEVERITY
from zoning.identity import Question
from zoning.project import Project

FOLDER = CHECKOUT / "data" / "projects"
PROJECTS = yaml.safe_load((FOLDER / "projects.yaml").read_text(encoding="utf-8"))["projects"]
THEN, LATER = dt.date(2024, 6, 30), dt.date(2026, 11, 22)


def cases() -> Iterator[Any]:
    for base in PROJECTS:
        for variant in ({}, *base.get("variants", ())):
            attributes = {k: v for k, v in base["attributes"].items() if k not in variant.get("without", ())}
            merged = {
                **base,
                **{
                    k: v
                    for k, v in variant.items()
                    if k in ("industry", "activity", "documents", "accuracy_m", "expected")
                },
                "attributes": {**attributes, **variant.get("attributes", {})},
            }
            for when, day in (("then", THEN), ("later", LATER)):
                title = variant.get("title", "as planned").replace(" ", "-")
                yield pytest.param(merged, when, day, id=f"{base['id']}-{title}-{when}")


def run(engine: sa.Engine, sample: Mapping[str, Any], day: dt.date) -> Check:
    project = Project.of(
        sample["industry"], sample["activity"], sample["attributes"], sample.get("documents", ()), sample["title"]["zh"]
    )
    site = read_site_file(FOLDER / sample["file"], accuracy_m=sample.get("accuracy_m", 0))
    return decide(engine, Question(site, project, day), open_release(engine))


def require(expected: Mapping[str, Any], when: str, found: Mapping[str, Any]) -> None:
    """An answer is what a sample project is said to get."""
    if expected.get("at_most"):
        assert SEVERITY.index(found["verdict"]) <= SEVERITY.index(expected[when])
        return
    assert found["verdict"] == expected[when]
    if "at_worst" in expected:
        assert found["at_worst"] == expected["at_worst"]
    if "basis" in expected and when == "then":
        assert found["basis"] == expected["basis"]


@pytest.mark.parametrize(("sample", "when", "day"), list(cases()))
def test_sample_project(bundled_db: sa.Engine, sample: Mapping[str, Any], when: str, day: dt.date) -> None:
    result = run(bundled_db, sample, day)
    require(sample["expected"], when, {"verdict": result.verdict, "at_worst": result.at_worst, "basis": result.basis})
    illustrative = any(f.legal_status == "illustrative" for f in result.deciding)
    assert result.demonstration or not illustrative


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
        yield client


@pytest.fixture
def command(
    database_url_of_worker: sa.URL, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[list[str]], tuple[int, dict[str, Any]]]]:
    """Runs a command and gives its exit code and its JSON."""
    monkeypatch.setenv("SHANHE_DATABASE_URL", database_url_of_worker.render_as_string(hide_password=False))
    settings.cache_clear()

    def run(words: list[str]) -> tuple[int, dict[str, Any]]:
        code = main(words)
        return code, json.loads(capsys.readouterr().out)

    yield run
    settings.cache_clear()


@pytest.mark.parametrize(("sample", "when", "day"), list(cases()))
def test_sample_project_by_both_doors(client, command, sample: Mapping[str, Any], when: str, day: dt.date) -> None:
    """The file as it is: at the command line, and sent to `/sites` with what that gives sent to `/checks`."""
    path, documents = FOLDER / sample["file"], sample.get("documents", ())
    words = ["check", str(path), "--industry", sample["industry"], "--activity", sample["activity"]]
    for name, value in sample["attributes"].items():
        words += ["--attr", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    for held in documents:
        words += ["--document", ",".join(f"{key}={value}" for key, value in held.items())]
    accuracy = sample.get("accuracy_m", 0)
    words += ["--accuracy", str(accuracy)]
    code, said = command([*words, "--as-of", day.isoformat(), "--json"])
    require(sample["expected"], when, said)
    assert code == EXIT[said["verdict"]]

    site = client.post("/sites", files={"file": (path.name, path.read_bytes())}).json()
    features = [
        {
            "type": "Feature",
            "properties": {"地块编号": parcel["number"]},
            "geometry": parcel.get("geometry", site["geometry"]),
        }
        for parcel in site["parcels"]
    ]
    project = {key: sample[key] for key in ("industry", "activity", "attributes")}
    held = [{key: str(value) for key, value in one.items()} for one in documents]
    body = {"site": {"type": "FeatureCollection", "features": features}, "as_of": day.isoformat()}
    body["accuracy_m"] = accuracy
    answer = client.post("/checks", json={**body, "project": {**project, "documents": held}})
    assert answer.status_code == 200, answer.text
    require(sample["expected"], when, answer.json())
    assert answer.json()["id"] == said["id"]
