"""The printable report: the six lines first, everything the check says, no script, and the map drawn from the exact boundaries."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
import shapely
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from app.report import coordinates, page
from app.report.around import surroundings
from app.report.frame import Sheet
from app.report.words import Words, words
from app.routes.schema import PROJECT_EXAMPLE
from layers.database import make_engine
from layers.load import load_bundled
from layers.release import Release
from layers.settings import settings
from tests.integration.test_sample_projects import FOLDER, PROJECTS
from zoning.crs import read_crs
from zoning.measure import ellipsoidal_area

VOID = {"meta", "link", "br", "img", "input", "hr", "col", "rect", "path", "circle", "line"}


class Read(HTMLParser):
    """The page's elements as (name, attributes), its texts in order, and whether every element is closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        if data.strip() and (not self.open or self.open[-1] != "style"):
            self.texts.append((" ".join(self.open), data.strip()))


def read(text):
    found = Read()
    found.feed(text)
    assert not found.open
    return found


@pytest.fixture(scope="module")
def client(database_url_of_worker: sa.URL) -> Iterator[TestClient]:
    with TestClient(create_app(lambda: make_engine(database_url_of_worker)), raise_server_exceptions=False) as client:
        yield client


def asked(client, sample):
    project = {
        "industry": sample["industry"],
        "activity": sample["activity"],
        "attributes": sample["attributes"],
        "documents": sample.get("documents", []),
    }
    answer = client.post(
        "/checks",
        files={"file": (sample["file"], (FOLDER / sample["file"]).read_bytes())},
        data={
            "check": json.dumps({"project": project, "as_of": "2024-06-30"}),
            "accuracy_m": str(sample.get("accuracy_m", 0)),
        },
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def samples(client):
    return {sample["id"]: asked(client, sample) for sample in PROJECTS}


def of(client, check, lang="zh"):
    answer = client.get(f"/checks/{check['id']}/report?lang={lang}")
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("id", [sample["id"] for sample in PROJECTS])
def test_every_sample_is_reported_with_its_six_lines_first(client, samples, id, lang):
    check = samples[id]
    answer = of(client, check, lang)
    found = read(answer.text)
    title = {"zh": "项目选址分区管控核查报告（非行政许可）", "en": "Site Check Report (not a permit)"}[lang]
    texts = [text for where, text in found.texts if "title" not in where.split() and "svg" not in where.split()]
    other = {"zh": "English", "en": "中文"}[lang]
    number = {"zh": "编号：", "en": "Number: "}[lang] + check["number"]
    assert texts[:3] == [title, number, other]
    page_text = "".join(texts[3:])
    word = {"prohibited": ("禁止", "prohibited"), "restricted": ("受限", "restricted"), "unknown": ("不能判断", "cannot tell"),
            "attention": ("须落实要求", "duties to meet"), "clear": ("未发现冲突", "no conflict found")}[check["verdict"]]  # fmt: skip
    at = page_text.index(word[0 if lang == "zh" else 1])
    assert at == 0
    for line in check["lines"]:
        said = re.sub(r"\s*⛔\s*", "", line[lang]).replace(" ", "")
        at_line = page_text.replace(" ", "").index(said)
        assert at_line >= at
        at = at_line
    assert f'<section class="six {check["verdict"]}"' in answer.text
    lang_attribute = dict(found.elements[0][1])["lang"]
    assert lang_attribute == {"zh": "zh-CN", "en": "en"}[lang]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_says_all_that_the_check_says(client, samples, lang):
    for check in samples.values():
        text = unescape(of(client, check, lang).text)
        for finding in check["findings"]:
            assert finding["title"][lang] in text
            assert finding["demand"][lang] in text
            assert f"[{finding['rule']}]" in text
            for cite in finding["cites"]:
                assert cite["label"][lang] in text
                assert not cite["quote"] or cite["quote"] in text
        for unit in check["clauses"]:
            assert unit["code"] in text
            for clauses in unit["dimensions"].values():
                assert all(clause["text"][lang] in text and clause["reason"][lang] in text for clause in clauses)
        for one in [*check["searched"], *check["not_searched"]]:
            assert one["title"][lang] in text
        for one in check["duties"]:
            assert one["demand"][lang] in text
        assert check["id"] in text
        assert check["rules_hash"] in text
        assert check["release_date"] in text
        assert f"{check['site']['area_m2']:,.2f} m²" in text or check["site"]["dimension"] != 2
        assert f"{check['site']['area_gk_m2']:,.2f} m²" in text or check["site"]["dimension"] != 2
        assert all(f"{one['layer']} {one['release']}" in text for one in check["searched"])


def test_it_runs_nothing_and_loads_nothing(client, samples):
    answer = of(client, samples["06-rail-siding"])
    found = read(answer.text)
    names = {name for name, _ in found.elements}
    assert not names & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
        "video",
        "audio",
        "image",
        "use",
        "foreignobject",
    }
    for _, attributes in found.elements:
        assert "style" not in attributes
        assert not [key for key in attributes if key.startswith("on")]
        for key in ("href", "src"):
            assert key not in attributes or re.match(r"/(?!/)", attributes[key])
    assert not re.search(r"@import|url\((?!#)", answer.text)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert set(re.findall(r"https?://[\w./]+", answer.text)) == {"http://www.w3.org/2000/svg"}


def test_the_same_report_is_the_same_bytes_and_is_not_sent_twice(client, samples):
    check = samples["07-scenic-area"]
    first, again = of(client, check), of(client, check)
    assert first.content == again.content
    tag = first.headers["etag"]
    assert client.get(f"/checks/{check['id']}/report?lang=zh", headers={"If-None-Match": tag}).status_code == 304
    assert of(client, check, "en").headers["etag"] != tag
    by_number = client.get(f"/checks/{check['number']}/report?lang=zh")
    assert by_number.content == first.content
    assert client.get(f"/checks/{check['id']}/report", headers={"Accept-Language": "zh-CN"}).content == first.content
    assert client.head(f"/checks/{check['id']}/report").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "type"),
    [
        ("/checks/nothing/report", 404, "check-unknown"),
        ("/checks/{id}/report?lang=de", 400, "language-unknown"),
        ("/checks/{id}/report?lang=zh&lang=en", 400, "parameter-invalid"),
        ("/checks/{id}/report?size=A3", 400, "parameter-unknown"),
    ],
)
def test_what_is_not_there_or_not_meant_is_a_problem(client, samples, path, status, type):
    answer = client.get(path.format(id=samples["07-scenic-area"]["id"]))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:shanhe:problem:{type}")


# ---- the box


def test_the_box_says_what_is_not_answered(client, samples):
    text = unescape(of(client, samples["10-battery-recycling"]).text)
    box = text[text.index("本报告没有回答的问题") :]
    box = box[: box.index("</section>")]
    assert "以下图层未能查到：重金属重点防控区（未持有该图层）" in box
    assert "核查范围之外的 34 类图层" in box
    assert "重要湿地" in box
    assert "2024-06-30 之后生效的规定" in box
    assert "不是行政许可" in box
    english = unescape(of(client, samples["10-battery-recycling"], "en").text)
    assert "What this report does not answer" in english


# ---- coordinates


def test_corner_points_are_those_of_the_site_on_both_bases(client, samples):
    check = samples["01-coking-new"]
    text = of(client, check).text
    section = text[text.index("拐点坐标</h2>") :].split("</section>")[0]
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", section) if "<td>" in row]
    shapes = [shapely.geometry.shape(p["geometry"]) for p in check["site"]["parcels"]]
    assert len(rows) == sum(len(s.exterior.coords) - 1 for s in shapes)
    assert "EPSG:4525" in section
    zone = read_crs("EPSG:4525")
    for (lon, lat), row in zip([xy for s in shapes for xy in s.exterior.coords[:-1]], rows, strict=True):
        east, north = zone.from_lonlat([[lon, lat]])[0]
        assert row[2:] == [f"{lon:.9f}", f"{lat:.9f}", f"{north:.3f}", f"{east:.3f}"]
        assert row[5].startswith("37")


def test_printed_overlap_coordinates_make_the_overlap_again(client, samples):
    check = samples["07-scenic-area"]
    text = of(client, check).text
    section = text[text.index("压占与最短距离坐标</h2>") :].split("</section>")[0]
    points = [
        re.findall(r"<td>(.*?)</td>", row)[2:4] for row in re.findall(r"<tr>(.*?)</tr>", section) if "<td>" in row
    ]
    area = float(ellipsoidal_area([shapely.Polygon([(float(x), float(y)) for x, y in points])])[0])
    assert area == pytest.approx(check["findings"][0]["overlap_m2"], rel=1e-6)


def test_points_that_do_not_fit_are_counted_and_it_is_said_where_they_are():
    round_ = shapely.Point(112, 36).buffer(0.01, quad_segs=200)
    with_hole = shapely.Polygon(round_.exterior, [shapely.Point(112, 36).buffer(0.001).exterior])
    plane = coordinates.Plane.of(111)
    whole = coordinates.listed("x", with_hole, plane, Words("zh"), 10_000)
    assert whole.left == 0
    assert {row[1] for row in whole.rows} == {"1 外圈", "2 内圈"}
    cut = coordinates.listed("x", with_hole, plane, Words("zh"), 100)
    assert len(cut.rows) == 100
    assert len(cut.rows) + cut.left == len(whole.rows)


def test_a_report_of_a_site_of_many_corners_is_bounded_and_says_so(client):
    site = shapely.geometry.mapping(shapely.Point(111.47, 35.54).buffer(0.002, quad_segs=500))
    check = client.post("/checks", json={"site": site, "project": PROJECT_EXAMPLE, "as_of": "2024-06-30"}).json()
    text = unescape(of(client, check).text)
    assert "另有 1600 个点未列出；全部坐标在" in text
    assert f"site.geometry（/checks/{check['id']}）" in text or f"/checks/{check['id']} 的 site.geometry" in text
    assert len(text) < 400_000


# ---- the map


def test_the_map_marks_the_demonstration_hatches_it_and_has_scale_north_and_legend(client, samples):
    text = of(client, samples["07-scenic-area"]).text
    drawing = text[text.index('<svg xmlns="http://www.w3.org/2000/svg" class="map"') :].split("</figure>")[0]
    assert "演 示" in drawing
    assert "<pattern" in drawing
    assert 'fill="url(#h' in drawing
    assert re.search(r">\d+ k?m</text>", drawing)
    assert ">北</text>" in drawing
    assert "生态保护红线（示意）" in drawing
    assert "没有审图号" in drawing
    assert re.search(r"按原尺寸打印约 1:[\d,]+", drawing)


def test_a_map_approval_number_is_printed_where_it_is_set(client, samples, monkeypatch):
    monkeypatch.setenv("SHANHE_MAP_APPROVAL", "晋S(2026)001号")
    settings.cache_clear()
    try:
        text = unescape(of(client, samples["07-scenic-area"]).text)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert "审图号：晋S(2026)001号" in text
    assert "没有审图号" not in text


SITE = {
    "type": "Polygon",
    "coordinates": [
        [[112.4995, 36.2995], [112.5005, 36.2995], [112.5005, 36.3005], [112.4995, 36.3005], [112.4995, 36.2995]]
    ],
}


@pytest.fixture
def tiny(empty_db, world):
    """A client on the tiny world, in which the site reaches over the red line's southern edge."""

    def load(**changes):
        world.entries["redline"] |= changes
        load_bundled(empty_db, world.folder, world.catalogue)
        return TestClient(create_app(lambda: make_engine(empty_db.url)), raise_server_exceptions=False)

    return load


def tiny_report(client):
    check = client.post("/checks", json={"site": SITE, "project": PROJECT_EXAMPLE, "as_of": "2024-06-30"}).json()
    assert [f["layer"] for f in check["findings"]] != []
    return unescape(client.get(f"/checks/{check['id']}/report?lang=zh").text)


@pytest.mark.parametrize(
    "changes",
    [{"visibility": "login"}, {"visibility": "role"}, {"public_form": "hidden"}, {"public_form": "generalised"}],
)
def test_what_is_not_public_is_neither_drawn_nor_listed_and_that_is_said(tiny, changes):
    with tiny(**changes) as client:
        text = tiny_report(client)
    drawing = text[text.index('class="map"') :].split("</figure>")[0]
    assert "redline</span>" not in drawing
    assert "另有 1 个图层不公开" in drawing
    assert "RL-1</h3>" not in text


def test_what_is_public_is_drawn_and_listed(tiny):
    with tiny() as client:
        text = tiny_report(client)
    assert "redline（示意）</span>" in text
    assert "不公开" not in text


def test_hostile_names_stay_text(tiny, world):
    evil = "<script>alert(1)</script>\"'&{{7*7}}"
    world.features["redline"][0]["properties"]["name"] = evil
    world.features["county"][0]["properties"]["name"] = evil
    with tiny() as client:
        check = client.post("/checks", json={"site": SITE, "project": PROJECT_EXAMPLE, "as_of": "2024-06-30"}).json()
        text = client.get(f"/checks/{check['id']}/report?lang=zh").text
    assert "<script" not in text
    assert "{{7*7}}" in text
    assert unescape(text).count(evil) >= 3
    read(text)


def test_features_of_another_day_are_not_drawn(empty_db, world):
    world.features["redline"][0]["properties"].update({"valid_from": "2025-01-01", "valid_to": "2026-12-31"})
    load_bundled(empty_db, world.folder, world.catalogue)
    site = shapely.geometry.shape(SITE)

    def drawn(day):
        found = surroundings(empty_db, Release(1), Sheet.around(site, []), dt.date.fromisoformat(day))
        return [one.feature.code for layer in found.layers if layer.id == "redline" for one in layer.features]

    days = ["2024-12-31", "2025-01-01", "2026-12-31", "2027-01-01"]
    assert [drawn(day) for day in days] == [[], ["RL-1"], ["RL-1"], []]


def test_the_map_shows_the_same_ground_as_the_layers_hold(bundled_db, samples):
    check = samples["07-scenic-area"]
    site = shapely.geometry.shape(check["site"]["geometry"])
    sheet = Sheet.around(site, [])
    layer = next(
        one for one in surroundings(bundled_db, Release(1), sheet, dt.date(2024, 6, 30)).layers if one.id == "redline"
    )
    area = shapely.union_all([one.area for one in layer.features])
    overlap = shapely.intersection(area, sheet.placed([site])[0])
    metres = shapely.area(overlap) * sheet.metres**2
    assert metres == pytest.approx(check["findings"][0]["overlap_m2"], rel=2e-3)


# ---- the words


def test_every_word_stands_in_both_languages_and_none_is_a_pass():
    for key, text in words().items():
        assert text.zh.strip(), key
        assert text.en.strip(), key
        assert not re.search(r"通过|合格|可以建设|✓|✔|✅", text.zh), key
        assert not re.search(r"\b(pass|passed|qualified|may build)\b", text.en, re.IGNORECASE), key
        assert set(re.findall(r"{(\w+)}", text.zh)) == set(re.findall(r"{(\w+)}", text.en)), key


def test_each_verdict_has_a_shape_of_its_own():
    assert set(page.SIGNS) == {"prohibited", "restricted", "unknown", "attention", "clear"}
    assert len(set(page.SIGNS.values())) == 5
