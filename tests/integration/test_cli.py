"""The command line: exit codes, six lines first, exact JSON, and every error one line in the reader's language."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from rich.cells import cell_len
from starlette.testclient import TestClient

from app import demo
from app.cli import EXIT, MISMATCH, main
from app.http import create_app
from app.routes.schema import CHECK_EXAMPLE, SITE_EXAMPLE
from layers.database import make_engine
from layers.settings import CHECKOUT, settings
from tests.unit.layers.hostile import AREA, gpkg
from zoning import quotes
from zoning.canonical import canonical_json
from zoning.rulebook import packaged_texts, rulebook

CJK = re.compile(r"[\u4e00-\u9fff]")
PROJECTS = CHECKOUT / "data" / "projects"
BOW_TIE = [[111.57, 35.48], [111.58, 35.49], [111.58, 35.48], [111.57, 35.49], [111.57, 35.48]]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(database_url_of_worker: sa.URL, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in this process on the bundled data; keywords are environment variables."""
    url = database_url_of_worker.render_as_string(hide_password=False)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "SHANHE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SHANHE_DATABASE_URL", url)

    def call(*arguments: str, **environment: str) -> Outcome:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    yield call
    settings.cache_clear()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.geojson"
    path.write_text(json.dumps(SITE_EXAMPLE), encoding="utf-8")
    return path


QUESTION = ("--industry", "N7820", "--activity", "new", "--as-of", "2024-06-30")


def sample(id: str) -> tuple[list[str], str]:
    """The command for one sample project as of the plans' period, and the verdict it is said to get."""
    projects = yaml.safe_load((PROJECTS / "projects.yaml").read_text(encoding="utf-8"))["projects"]
    project = next(one for one in projects if one["id"].startswith(id))
    words = [
        "check",
        str(PROJECTS / project["file"]),
        "--industry",
        project["industry"],
        "--activity",
        project["activity"],
    ]
    for name, value in project.get("attributes", {}).items():
        words += ["--attr", f"{name}={str(value).lower() if isinstance(value, bool) else value}"]
    return [*words, "--as-of", "2024-06-30"], project["expected"]["then"]


@pytest.mark.parametrize("id", ["12-", "04-", "10-", "06-", "02-"])
def test_the_exit_code_says_the_verdict(run, id):
    words, expected = sample(id)
    answered = run(*words, "--json")
    verdict = json.loads(answered.out)["verdict"]
    assert answered.code == EXIT[verdict] == EXIT[expected]
    assert answered.err == ""


def test_each_verdict_of_concern_has_an_exit_code_of_its_own():
    assert EXIT == {"clear": 0, "attention": 0, "unknown": 3, "restricted": 4, "prohibited": 5}


def test_json_is_exactly_the_canonical_text_and_the_same_twice(run, site):
    first, again = (run("check", site, *QUESTION, "--json") for _ in range(2))
    assert first.out == again.out
    assert first.out == canonical_json(json.loads(first.out)) + "\n"


def test_the_command_line_and_http_give_the_same_check(run, site, database_url_of_worker):
    words = [f"{k}={v}" for k, v in CHECK_EXAMPLE["project"]["attributes"].items()]
    said = run("check", site, *QUESTION, *(w for word in words for w in ("--attr", word)), "--json").out
    with TestClient(create_app(lambda: make_engine(database_url_of_worker))) as client:
        assert client.post("/checks", json=CHECK_EXAMPLE).text + "\n" == said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_six_lines_come_first_one_line_each_when_piped(run, site, lang):
    data = json.loads(run("check", site, *QUESTION, "--json").out)
    lines = run("check", site, *QUESTION, "--lang", lang).out.splitlines()
    assert lines[:6] == [line[lang] for line in data["lines"]]
    assert lines[6] == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_output_fits_its_width_loses_nothing_and_has_no_control_codes(run, lang, columns):
    words, _ = sample("02-")
    data = json.loads(run(*words, "--json").out)
    out = run(*words, "--lang", lang, COLUMNS=str(columns)).out
    assert max(cell_len(line) for line in out.splitlines()) <= columns
    assert "\x1b" not in out
    assert not any(line.endswith(" ") for line in out.splitlines())
    solid = "".join(out.split())
    assert solid.startswith("".join("".join(line[lang] for line in data["lines"]).split()))
    for finding in data["findings"]:
        assert finding["rule"] in solid
        for cite in finding["cites"]:
            assert "".join(cite["label"][lang].split()) in solid
            assert cite["quote"] is None or "".join(cite["quote"].split()) in solid
    for one in (*data["searched"], *data["not_searched"]):
        assert "".join(one["title"][lang].split()) in solid
    for value in (data["id"], data["number"], data["rules_hash"], f"{data['site']['area_gk_m2']:,.2f}"):
        assert value in solid


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("half_width", [(), ("--half-width", "10")])
def test_a_line_says_where_chainage_begins_and_lengths_that_add_up(run, lang, half_width):
    command, _ = sample("06")
    found = run(*command, *half_width, "--lang", lang, COLUMNS="240")
    assert "112.440000°E" in found.out
    assert "K0+932.23–K3+711.09" in found.out
    assert "K5+917.29" in found.out  # where it crosses the Qin
    sums = re.findall(r"([\d,.]+) m(?: inside)? \+ (?:外 )?([\d,.]+) m(?: outside)? = ([\d,.]+) m", found.out)
    assert len(sums) >= 4
    for inside, outside, whole in sums:
        metres = [float(text.replace(",", "")) for text in (inside, outside, whole)]
        assert metres[0] + metres[1] == pytest.approx(metres[2], abs=0.001)
        assert metres[2] == pytest.approx(5996.98)


def test_the_language_is_the_locales_unless_it_is_named(run, site):
    assert CJK.search(run("check", site, *QUESTION, LANG="zh_CN.UTF-8").out.splitlines()[2])
    assert not CJK.search(run("check", site, *QUESTION, "--lang", "en", LANG="zh_CN.UTF-8").out.splitlines()[2])


BAD = [
    ({"site": b""}, "file-empty"),
    ({"site": b"{"}, "json-invalid"),
    ({"site": b'{"type": "FeatureCollection", "features": []}'}, "site-empty"),
    ({"site": json.dumps({"type": "Polygon", "coordinates": [BOW_TIE]}).encode()}, "site-self-crossing"),
    ({"site": b'{"type": "Point", "coordinates": [116.39, 39.91]}'}, "site-outside-region"),
    ({"site": None}, "file-unreadable"),
    ({"--crs": "EPSG:999999"}, "crs-unknown"),
    ({"--industry": "C9999"}, "industry-unknown"),
    ({"--industry": "C2520"}, "industry-2011-edition"),
    ({"--industry": "D4412 水力发电"}, "industry-2011-edition"),
    ({"--activity": "build"}, "activity-unknown"),
    ({"--attr": "colour=red"}, "attribute-unknown"),
    ({"--attr": "land_take"}, "attribute-value"),
    ({"--document": "energy_review"}, "document-incomplete"),
    ({"--as-of": "tomorrow"}, "date-invalid"),
    ({"--release": "999"}, "release-unknown"),
    ({"--release": "one"}, "usage"),
    ({"--colour": "red"}, "usage"),
]


@pytest.mark.parametrize(("changes", "type"), BAD, ids=[f"{n}-{type}" for n, (_, type) in enumerate(BAD)])
def test_bad_input_is_one_line_in_the_readers_language_and_exit_2(run, bundled_db, site, changes, type):
    options = {"--industry": "N7820", "--activity": "new", **{k: v for k, v in changes.items() if k != "site"}}
    if "site" in changes and changes["site"] is None:
        site = site.parent / "absent.geojson"
    elif "site" in changes:
        site.write_bytes(changes["site"])
    count = sa.text("select count(*) from site_check")
    with bundled_db.connect() as connection:
        before = connection.execute(count).scalar_one()
    for lang in ("zh", "en"):
        words = [word for pair in options.items() for word in pair]
        answered = run("check", site, *words, "--lang", lang)
        assert (answered.code, answered.out) == (2, "")
        assert re.fullmatch(rf"{type}: .+\n", answered.err), answered.err
        assert bool(CJK.search(re.sub(r"[“(].*?[”)]|\S*水力发电\S*|[A-Z]\d{4} \S+", "", answered.err))) or lang == "en"
    with bundled_db.connect() as connection:
        assert connection.execute(count).scalar_one() == before


def test_a_bow_tie_names_file_feature_and_coordinate(run, site):
    site.write_text(json.dumps({"type": "Polygon", "coordinates": [BOW_TIE]}))
    err = run("check", site, *QUESTION).err
    assert "site.geojson" in err
    assert "feature 1" in err
    assert "111.575000000°E 35.485000000°N" in err


def test_a_database_that_cannot_be_reached_is_exit_1(run, site):
    answered = run("check", site, *QUESTION, SHANHE_DATABASE_URL="postgresql://nobody:hushhush@127.0.0.1:1/none")
    assert (answered.code, answered.out) == (1, "")
    assert answered.err.startswith("database-unreachable: ")
    assert "hushhush" not in answered.err


def test_an_unexpected_failure_is_one_line_without_a_traceback(run, site, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something odd")

    monkeypatch.setattr("app.service.ask", broken)
    answered = run("check", site, *QUESTION)
    assert (answered.code, answered.out) == (1, "")
    assert re.fullmatch(r"internal: .*something odd.*\n", answered.err)
    with pytest.raises(RuntimeError):
        run("check", site, *QUESTION, SHANHE_DEBUG="1")


def test_a_check_verifies_from_its_own_document_and_a_changed_one_does_not(run, site, tmp_path):
    document = tmp_path / "check.json"
    text = run("check", site, *QUESTION, "--json").out
    document.write_text(text, encoding="utf-8")
    assert run("verify", document).code == 0
    data = json.loads(text)
    document.write_text(
        json.dumps({**data, "at_worst": "restricted" if data["at_worst"] == "prohibited" else "prohibited"}),
        encoding="utf-8",
    )
    changed = run("verify", document, "--lang", "zh")
    assert changed.code == MISMATCH
    assert "/at_worst" in changed.out
    assert "不一致" in changed.out


@pytest.mark.parametrize("content", ["[]", "{}", '{"project": {}, "site": {}}'])
def test_what_is_no_check_document_is_refused(run, tmp_path, content):
    document = tmp_path / "check.json"
    document.write_text(content)
    answered = run("verify", document)
    assert answered.code == 2
    assert answered.err.startswith("check-document: ")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "command",
    [
        ("layers",),
        ("rules",),
        ("rules", "--layer", "redline", "--date", "2024-06-30"),
        ("rules", "show", "jishan-239-fen-1km"),
        ("rules", "lint"),
        ("attributes",),
        ("industries", "炼焦"),
        ("places", "漳沱河"),
    ],
)
def test_lists_fit_80_columns_and_have_a_json_form(run, command, lang):
    shown = run(*command, "--lang", lang, COLUMNS="80")
    assert shown.code == 0
    assert shown.out
    assert max(cell_len(line) for line in shown.out.splitlines()) <= 80
    data = run(*command, "--json").out
    assert data == canonical_json(json.loads(data)) + "\n"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_account_of_the_plans_fits_80_columns_and_its_exit_code_says_whether_it_is_complete(run, lang):
    data = json.loads(run("rules", "coverage", "--json").out)
    shown = run("rules", "coverage", "--lang", lang, COLUMNS="80")
    assert shown.code == (2 if data["unaccounted"] else 0)
    assert max(cell_len(line) for line in shown.out.splitlines()) <= 80
    assert data["rules"] == len(rulebook().rules)
    assert sum(row["must"] for row in data["rows"]) == data["must"]
    for source in data["sources"]:
        assert f"{source['rules']}  {source['title'][lang]}"[:40] in shown.out


def test_a_rule_is_shown_in_words_with_its_quote_and_where_it_stands(run):
    zh, en = (run("rules", "show", "jishan-195-admission", "--lang", lang, COLUMNS="400").out for lang in ("zh", "en"))
    assert "net_new_capacity 大于 0 t/a" in zh
    assert "（待核实" in zh or "待核实: " in zh
    assert "new or relocate; and net_new_capacity is at most 0 t/a" in en
    assert "“从严从紧从实控制高能耗、高排放项目准入”" in en
    assert "zoning/rules/jishan-plan.yaml:" in en


def test_a_rule_that_does_not_exist_is_named_with_one_that_does(run):
    answered = run("rules", "show", "jishan-239-fen", "--lang", "en")
    assert answered.code == 2
    assert answered.err.startswith("rule-unknown: ")
    assert "jishan-239-fen-1km" in answered.err


@pytest.mark.parametrize(
    ("words", "type"),
    [
        (("--effect", "forbid"), "parameter-invalid"),
        (("--layer", "moon"), "parameter-invalid"),
        (("--jurisdiction", "稷山"), "parameter-invalid"),
        (("--industry", "C9999"), "industry-unknown"),
        (("--activity", "dream"), "activity-unknown"),
        (("--date", "soon"), "date-invalid"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(run, words, type):
    answered = run("rules", *words, "--lang", "en")
    assert answered.code == 2
    assert answered.err.startswith(f"{type}: ")


def test_rule_files_in_a_folder_are_looked_over_before_they_are_used(run, tmp_path):
    for name, text in packaged_texts().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = tmp_path / "jishan-plan.yaml"
    good = plan.read_text(encoding="utf-8")
    assert run("rules", "lint", "--folder", tmp_path).code == 0

    plan.write_text(good.replace("effect: prohibit", "effect: forbid", 1), encoding="utf-8")
    refused = run("rules", "lint", "--folder", tmp_path, "--lang", "en")
    assert refused.code == 2
    line = good.split("effect: prohibit", maxsplit=1)[0].count("\n") + 1
    assert f"jishan-plan.yaml:{line}: jishan-239-fen-1km: unknown effect forbid" in refused.out

    plan.write_text(
        good.replace(
            "[high_pollution]\n",
            "[high_pollution]\n    unless: {activity: [new, rebuild, expand, relocate, temporary]}\n",
            1,
        )
    )
    found = run("rules", "lint", "--folder", tmp_path, "--lang", "en")
    assert found.code == 2
    assert "jishan-plan.yaml:2: jishan-239-fen-1km: can never apply" in " ".join(found.out.split())

    plan.write_text(good.replace("filter: {name: 汾河}", "filter: {bank: left}", 1), encoding="utf-8")
    assert "layer river has no property bank" in run("rules", "lint", "--folder", tmp_path, "--lang", "en").out
    plan.write_text(good.replace("filter: {name: 汾河}", "filter: {name: 汾水, class: canal}", 1), encoding="utf-8")
    said = " ".join(run("rules", "lint", "--folder", tmp_path, "--lang", "en").out.split())
    assert "layer river has no class canal" in said
    assert "layer river has no feature whose name is 汾水: the rule meets nothing here" in said
    (tmp_path / "empty").mkdir()
    assert run("rules", "lint", "--folder", tmp_path / "empty").code == 2


def test_quotes_are_looked_for_in_the_texts_given(run, tmp_path):
    lines = [""] * 400
    lines[238] = "严禁在汾河岸线一公里范围内布设高污染工业项目"
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "jishan-county.txt").write_text("\n".join(lines), encoding="utf-8")
    refused = run("rules", "lint", "--sources", tmp_path, "--lang", "en")
    assert refused.code == 2
    assert "the quote does not stand in plans/jishan-county.txt at L239" in " ".join(refused.out.split())


def test_quotes_are_recorded_only_when_every_one_is_found_in_its_text(run, tmp_path):
    rules, texts = tmp_path / "rules", tmp_path / "texts"
    rules.mkdir()
    for name, text in packaged_texts().items():
        (rules / name).write_text(text, encoding="utf-8")
    plan = rules / "jishan-plan.yaml"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("严禁在汾河岸线一公里范围内", "严禁在汾河岸线两公里范围内", 1)
    )
    lint = ("rules", "lint", "--folder", rules, "--sources", texts, "--lang", "en")
    changed = " ".join(run(*lint).out.split())
    assert re.search(r"jishan-plan.yaml:\d+: jishan-239-fen-1km: the quote was not looked for in its text", changed)
    assert "Texts are absent" in run(*lint, "--record").err
    assert not (rules / "quotes.json").exists()

    whole: dict[str, dict[str, list[str]]] = {}
    for rule in rulebook().rules:
        for cite in rule.cites:
            if cite.quote is not None:
                said = cite.quote.replace("汾河岸线一公里", "汾河岸线两公里")
                whole.setdefault(cite.source.file, {}).setdefault(cite.at, []).append(said)
    for file, places in whole.items():
        lines = [""] * 1200
        for at, said in places.items():
            if at.startswith("L"):
                lines[int(at[1:]) - 1] = " ".join(said)
            else:
                lines.append(f"第{quotes.numeral(int(at))}条 {' '.join(said)}")
        (texts / file).parent.mkdir(parents=True, exist_ok=True)
        (texts / file).write_text("\n".join(lines), encoding="utf-8")
    recorded = run(*lint, "--record")
    assert recorded.code == 0, recorded.out
    assert "found in their texts" in " ".join(recorded.out.split())
    assert run("rules", "lint", "--folder", rules, "--sources", tmp_path / "nowhere").code == 0


def test_the_units_of_an_access_list_given_are_looked_over(run, tmp_path):
    units = "环境管控单元编码,空间布局约束,污染物排放管控,环境风险防控,资源利用效率\n"
    (tmp_path / "list.yaml").write_text(
        "files: [{file: units.csv, title: {zh: 清单, en: list}, legal_status: planning}]\n", encoding="utf-8"
    )
    (tmp_path / "units.csv").write_text(f"{units}ZH14082419001,甲,乙,无,\n", encoding="utf-8")
    looked = run("rules", "lint", "--access", tmp_path, "--lang", "en")
    said = " ".join(looked.out.split())
    assert looked.code == 2
    assert "access-list: ZH14082419001: no clause on use of resources and no explicit none leave" in said
    assert said.count("no explicit none") == 1, "无 in the sheet is an explicit none"
    (tmp_path / "units.csv").write_text(f"{units}ZH14082419001,甲,乙,无,—\n", encoding="utf-8")
    whole = run("rules", "lint", "--access", tmp_path, "--json")
    assert whole.code == 0
    table = json.loads(whole.out)["units"]
    assert table["empty"] == []
    assert table["not_provided"] == (table["units"] - 1) * table["cells"] // table["units"]


def test_a_place_is_found_by_the_plans_misprint_and_the_unplaced_say_why(run):
    shown = run("places", "漳沱河", "--lang", "zh").out
    assert shown.splitlines()[:2] == ["滹沱河（河流）", "  规划文本印作“漳沱河”。"]
    unplaced = run("places", "--unplaced", "--limit", "2", "--lang", "en").out
    assert unplaced.count("  No position: The plan names no county for it.") == 2
    command = unplaced.splitlines()[-1].split()
    assert command[:3] == ["shanhe", "places", "--unplaced"]
    following = run(*command[1:], "--lang", "en").out
    assert following.count("No position: ") == 2
    assert not set(following.splitlines()[::3]) & set(unplaced.splitlines()[::3][:2])
    assert run("places", "稷山", "--kind", "volcano").code == 2


def test_loading_what_is_there_changes_nothing(run):
    answered = run("load", "--lang", "en")
    assert (answered.code, answered.err) == (0, "")
    assert answered.out == "Release 1; nothing changed.\n"


def test_help_is_quick_because_it_loads_nothing_heavy():
    code = "import sys; from app.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert "check" in done.stdout
    heavy = {"shapely", "sqlalchemy", "fastapi", "uvicorn", "pyproj", "numpy", "alembic"}
    assert heavy & set(done.stdout.split()) == set()


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "verify",
        "layers",
        "load",
        "serve",
        "industries",
        "rules",
        "attributes",
        "places",
        "rules show",
        "rules coverage",
        "rules lint",
    ],
)
def test_every_command_has_a_help_text_with_an_example(run, command):
    answered = run(*command.split(), "--help")
    assert answered.code == 0
    assert f"Example: shanhe {command}" in answered.out


def test_the_demo_shows_a_verdict_and_how_to_go_on(database_url_of_worker, monkeypatch, capsys):
    monkeypatch.setenv("SHANHE_DATABASE_URL", database_url_of_worker.render_as_string(hide_password=False))
    monkeypatch.setenv("LC_ALL", "C")
    settings.cache_clear()
    try:
        assert demo.main() == 0
    finally:
        settings.cache_clear()
    out = capsys.readouterr().out
    assert "Not a permit" in out
    assert "make serve" in out
    assert f"http://127.0.0.1:{settings().port}" in out
    assert out.count(".venv/bin/shanhe ") == 2


def test_a_file_of_several_layers_is_read_by_the_layer_named(run, tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(gpkg(AREA, layers=("甲", "乙")))
    several = run("check", path, *QUESTION, "--lang", "zh")
    assert (several.code, several.err.split()[0].rstrip(":：")) == (2, "layers-several")
    assert "--layer" in several.err
    named = run("check", path, *QUESTION, "--layer", "乙", "--json")
    assert named.code in EXIT.values()
    assert "layer-read" in [notice["type"] for notice in json.loads(named.out)["site"]["notices"]]
