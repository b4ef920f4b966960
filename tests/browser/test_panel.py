"""The planner's panel in a real browser with the network cut: sites come in, verdicts come out, findings light up, nothing leaks."""

from __future__ import annotations

import json
import logging
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import SHOTS, Visitor
from tests.integration.test_sample_projects import FOLDER, PROJECTS, require
from tests.site_writers import Drawn, geopackage

TWELVE = [sample for sample in PROJECTS if int(sample["id"][:2]) <= 12]


class Watched(Visitor):
    """A visitor whose requests are watched as well. `refused`: statuses that a test expects, which the console names as errors."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        super().__init__(browser, address, **{"viewport": {"width": 1360, "height": 900}, **options})
        self.refused: set[int] = set()
        self.requests: list[str] = []
        self.page.set_default_navigation_timeout(60_000)
        self.page.on("request", lambda request: self.requests.append(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if not any(f"status of {status}" in message.text for status in self.refused):
            super()._said(message)

    def panel(self, lang: str = "zh") -> Page:
        """The map page with the panel open."""
        page = self.open(f"/viewer?lang={lang}")
        page.evaluate("shanhe.side.open('check')")
        page.wait_for_selector("#run")
        return page

    def close(self) -> None:
        self.context.close()
        assert self.errors == []
        assert self.elsewhere == []


@pytest.fixture
def watched(chromium: Browser, service: str) -> Iterator[Watched]:
    page = Watched(chromium, service)
    yield page
    page.close()


def choose_industry(page: Page, code: str) -> None:
    """By keyboard alone."""
    page.focus("#industry")
    page.keyboard.type(code)
    page.wait_for_selector("#industry-list [role=option]")
    page.keyboard.press("Enter")
    expect(page.locator("#industry")).to_have_value(re.compile(rf"^{code} "))


def fill(page: Page, sample: dict[str, Any]) -> None:
    choose_industry(page, sample["industry"])
    page.select_option("#activity", sample["activity"])
    page.fill("#as-of", "2024-06-30")


def put(page: Page, path: Path) -> None:
    page.set_input_files("#site-file", path)
    page.wait_for_selector(".read .taken")


def verdict(page: Page) -> dict[str, Any]:
    page.wait_for_selector("#answer .six")
    six = page.locator("#answer .six")
    return {"verdict": six.get_attribute("data-verdict"), "at_worst": six.get_attribute("data-at-worst")}


def answer_all(page: Page, attributes: dict[str, Any]) -> list[str]:
    """Answers every question that is asked as the sample says; the names of what was asked."""
    asked = []
    while True:
        open_ = page.locator("[data-asks]").evaluate_all("all => all.map((one) => one.dataset.asks)")
        name = next((one for one in open_ if one in attributes), None)
        if name is None:
            return asked
        assert name not in asked
        asked.append(name)
        item, value = page.locator(f'[data-asks="{name}"]'), attributes[name]
        with page.expect_response(lambda response: response.url.endswith("/checks")):
            if isinstance(value, (bool, str)):
                item.locator(f'button[data-value="{json.dumps(value) if isinstance(value, bool) else value}"]').click()
            else:
                item.locator("input").fill(str(value))
                page.keyboard.press("Enter")
        page.wait_for_function('name => !document.querySelector(`[data-asks="${name}"]`)', arg=name)


def check_id(page: Page) -> str:
    return (page.locator("#report-link").get_attribute("href") or "").split("/")[2]


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(400)
    page.screenshot(path=SHOTS / f"panel-{name}.png")


@pytest.mark.parametrize("sample", TWELVE, ids=lambda sample: sample["id"])
def test_a_sample_file_is_drawn_and_gets_its_verdict_by_its_questions(watched, sample):
    page = watched.panel()
    put(page, FOLDER / sample["file"])
    outline = page.locator('path[data-site="outline"]')
    expect(outline.first).to_be_attached()
    assert all(len(d) > 10 for d in outline.evaluate_all("all => all.map((one) => one.getAttribute('d'))"))
    fill(page, sample)
    page.click("#run")
    verdict(page)
    asked = answer_all(page, sample["attributes"])
    assert set(asked) <= set(sample["attributes"])
    found = verdict(page)
    require({k: v for k, v in sample["expected"].items() if k != "basis"}, "then", found)
    word = {
        "prohibited": "禁止",
        "restricted": "受限",
        "unknown": "不能判断",
        "attention": "须落实要求",
        "clear": "未发现冲突",
    }
    assert page.locator("#answer .six .verdict b").inner_text() == word[found["verdict"]]
    assert page.locator("#answer .six").evaluate("one => one.firstElementChild.className") == "verdict"
    assert (
        page.locator("#answer")
        .evaluate("one => one.querySelector('.answer').firstElementChild.className")
        .startswith("six")
    )
    heads = ["原因：", "怎样改变：", "还缺什么：", "查了什么：", "依据日期："]
    lines = page.locator("#answer .six li").all_inner_texts()
    assert len(lines) == 6
    assert [line.startswith(head) for line, head in zip(lines[1:], heads, strict=True)] == [True] * 5
    assert page.locator("#verdict-said").get_attribute("aria-live") == "assertive"
    assert "不是行政许可" in (page.locator("#verdict-said").text_content() or "")
    shot(page, sample["id"])
    page.locator("#answer details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    whole = page.locator("#answer").inner_text()
    assert not re.search(r"\[object|undefined|\bnull\b|NaN|\{\w+\}|panel\.|relation\.|verdict\.", whole)
    answer = page.evaluate("id => fetch(`/checks/${id}`).then((answer) => answer.json())", check_id(page))
    for unit in answer["clauses"]:
        assert all(one["text"]["zh"] in whole for clauses in unit["dimensions"].values() for one in clauses)
    assert all(
        one["title"]["zh"] in whole for one in [*answer["searched"], *answer["not_searched"], *answer["findings"]]
    )


def test_a_question_is_asked_only_while_its_answer_matters_and_can_be_taken_back(watched):
    sample = TWELVE[0]
    page = watched.panel()
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    page.click("#run")
    assert verdict(page) == {"verdict": "unknown", "at_worst": "prohibited"}
    assert page.locator("[data-asks]").evaluate_all("all => all.map((one) => one.dataset.asks)") == ["net_new_capacity"]
    shot(page, "question")
    page.fill("#question-net_new_capacity", "0")
    page.keyboard.press("Enter")
    page.wait_for_selector('.six[data-verdict="restricted"]')
    assert page.locator("[data-asks]").count() == 0
    page.click(".said > summary")
    page.click(".said button")
    page.wait_for_selector('.six[data-verdict="unknown"]')


def test_no_answer_stands_beside_a_form_that_asks_something_else(watched):
    sample = TWELVE[0]
    page = watched.panel()
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    for change in (
        lambda: page.select_option("#activity", "close"),
        lambda: page.fill("#as-of", "2024-07-01"),
        lambda: (page.fill("#industry", ""), choose_industry(page, "N7820")),
    ):
        page.click("#run")
        verdict(page)
        change()
        expect(page.locator("#answer .six")).to_have_count(0)


def test_findings_light_up_when_hovered_or_focused_and_show_their_distance(watched):
    page = watched.panel()
    sample = next(one for one in TWELVE if one["id"].startswith("07"))
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    page.click("#run")
    verdict(page)
    page.mouse.move(900, 300)
    lit = page.locator("path[data-lit]")
    assert lit.count() == 0
    page.locator(".finding-item").first.hover()
    expect(lit).to_have_attribute("data-lit", "red-line-ha05-visiting")
    shot(page, "lit-overlap")
    page.mouse.move(900, 300)
    expect(lit).to_have_count(0)
    page.locator(".finding-item .look").first.focus()
    expect(lit).to_have_count(1)
    cite = page.locator(".finding-item .cite").first
    cite.locator("summary").click()
    expect(cite.locator("p, blockquote")).to_be_visible()

    sample = next(one for one in TWELVE if one["id"].startswith("03"))
    put(page, FOLDER / sample["file"])
    choose_industry(page, "C2521") if page.input_value("#industry") != "C2521 炼焦" and not page.fill(
        "#industry", ""
    ) else None
    page.select_option("#activity", "expand")
    page.click("#run")
    page.wait_for_selector('.finding-item[data-rule="jishan-239-fen-1km"]')
    page.locator('.finding-item[data-rule="jishan-239-fen-1km"] .look').click()
    expect(page.locator(".marked")).to_have_text("884 m")
    shot(page, "lit-distance")


def test_typed_corner_points_in_degrees_and_on_the_plane_are_the_same_site(watched):
    page = watched.panel()
    page.click(".typing > summary")
    page.fill("#corners", "J1 111.4700，35.5400\nJ2 111.4720, 35.5400\n111.4720 35.5410\n\t111.4700\t35.5410\n")
    page.click("#corners-take")
    first = page.wait_for_selector(".read .taken").inner_text()
    x, y = page.evaluate("[111.47, 111.472].map((lon) => shanhe.project(lon, 35.54)).map(({x, y}) => [x, y])")[0]
    assert 3_900_000 < x < 4_000_000
    assert str(int(y)).startswith("37")
    plane = page.evaluate(
        "[[111.47,35.54],[111.472,35.54],[111.472,35.541],[111.47,35.541]]"
        ".map(([lon, lat]) => shanhe.project(lon, lat)).map(({x, y}) => `${x.toFixed(4)}, ${y.toFixed(4)}`).join('\\n')"
    )
    page.fill("#corners", plane)
    page.select_option("#corners-crs", "EPSG:4525")
    page.click("#corners-take")
    expect(page.locator(".taken")).to_contain_text("EPSG:4525")
    second = page.locator(".taken").inner_text()
    assert re.search(r"[\d.]+ 公顷", first)[0] == re.search(r"[\d.]+ 公顷", second)[0]
    page.fill("#corners", "111.47, 35.54\nnorth gate\n")
    page.click("#corners-take")
    expect(page.locator(".trouble .error").first).to_have_text("第 2 行不是坐标：north gate")


def draw(page: Page, corners: list[tuple[int, int]]) -> None:
    for x, y in corners:
        page.mouse.click(x, y)
        page.wait_for_timeout(120)


def test_a_drawn_site_is_asked_for_its_accuracy_and_may_be_another_layout(watched):
    page = watched.panel()
    page.evaluate("shanhe.map.setView([35.5405, 111.471], 15, {animate: false})")
    page.click("#draw-area")
    page.wait_for_selector(".pen:not([hidden])")
    draw(page, [(700, 350), (900, 350), (900, 500), (700, 500), (700, 350)])
    expect(page.locator(".read")).to_contain_text("请在上面填写精度")
    assert page.locator("#run").get_attribute("aria-disabled") == "true"
    page.fill("#accuracy", "20")
    page.keyboard.press("Tab")
    page.wait_for_selector(".read .taken")
    assert page.locator(".notices").count() == 0
    fill(page, TWELVE[11])
    page.click("#run")
    verdict(page)
    shot(page, "drawn")
    page.click("#edit-site")
    corner = page.locator(".marker-icon:not(.marker-icon-middle)").first.bounding_box()
    page.mouse.move(corner["x"] + 4, corner["y"] + 4)
    page.mouse.down()
    page.mouse.move(corner["x"] - 46, corner["y"] - 26, steps=5)
    page.mouse.up()
    before = page.locator(".taken").inner_text()
    page.click("#edit-site")
    expect(page.locator(".taken")).not_to_have_text(before)
    page.click("#run")
    verdict(page)
    page.click("#another")
    page.wait_for_selector(".pen:not([hidden])")
    assert page.locator("#answer .six").count() == 0
    assert page.input_value("#industry").startswith("N7820")
    page.keyboard.press("Escape")


def test_a_drawn_line_takes_a_half_width(watched):
    page = watched.panel()
    page.evaluate("shanhe.map.setView([35.66, 112.47], 13, {animate: false})")
    page.fill("#accuracy", "10")
    page.click("#draw-line")
    page.wait_for_selector(".pen:not([hidden])")
    draw(page, [(600, 400), (800, 420), (1000, 500)])
    page.click(".pen .button >> nth=0")
    page.wait_for_selector(".read .taken")
    assert "m ·" in page.locator(".taken").inner_text()
    page.fill("#half-width", "15")
    page.keyboard.press("Tab")
    expect(page.locator(".taken")).to_contain_text("公顷")


def test_a_zipped_shapefile_in_gbk_is_read_with_its_notices(watched):
    page = watched.panel()
    put(page, FOLDER / "07-scenic-area.zip")
    expect(page.locator(".notices")).to_contain_text("gb18030")
    expect(page.locator(".read")).to_contain_text("旅游景区，约四成在红线内")


def test_a_file_may_be_dropped_on_the_map(watched):
    page = watched.panel()
    data = (FOLDER / "12-kitchen-waste.geojson").read_text(encoding="utf-8")
    page.evaluate(
        """text => {
          const held = new DataTransfer();
          held.items.add(new File([text], "site.geojson"));
          document.getElementById("map").dispatchEvent(new DragEvent("drop", {dataTransfer: held, bubbles: true, cancelable: true}));
        }""",
        data,
    )
    page.wait_for_selector(".read .taken")
    expect(page.locator('path[data-site="outline"]').first).to_be_attached()


def test_a_file_with_several_layers_asks_which_is_the_site(watched, tmp_path):
    one = geopackage([_drawn()]).data
    path = tmp_path / "two.gpkg"
    path.write_bytes(one)
    _second_layer(path)
    page = watched.panel()
    watched.refused.add(422)
    page.set_input_files("#site-file", path)
    page.wait_for_selector("#site-layer:visible")
    options = page.locator("#site-layer option").all_inner_texts()
    assert len(options) == 3
    page.select_option("#site-layer", index=1)
    page.wait_for_selector(".read .taken")


def _drawn() -> Any:
    return Drawn("1", "一号", shapely.box(111.47, 35.54, 111.472, 35.541))


def _second_layer(path: Path) -> None:
    frame = geopandas.GeoDataFrame(
        {"name": ["二号"]}, geometry=[shapely.box(111.48, 35.54, 111.482, 35.541)], crs="EPSG:4490"
    )
    frame.to_file(path, layer="second", driver="GPKG")


CROSSED = {
    "type": "Polygon",
    "coordinates": [[[111.57, 35.48], [111.58, 35.49], [111.58, 35.48], [111.57, 35.49], [111.57, 35.48]]],
}
OLD = {
    "type": "Feature",
    "properties": {"坐标系": "西安80"},
    "geometry": {"type": "Point", "coordinates": [111.5, 35.5]},
}


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bad.zip", b"PK\x03\x04garbage", "压缩包"),
        ("cross.geojson", json.dumps(CROSSED).encode(), "111.5"),
        ("evil.geojson", b'{"type": "<img src=x onerror=alert(1)>"}', ""),
        ("xian80.geojson", json.dumps(OLD).encode(), "西安80"),
        ("empty.csv", b"", "空"),
    ],
)
def test_a_hostile_or_broken_file_gives_the_problem_and_what_to_do(watched, tmp_path, name, data, said):
    page = watched.panel()
    watched.refused |= {422, 400}
    (tmp_path / name).write_bytes(data)
    page.set_input_files("#site-file", tmp_path / name)
    error = page.locator(".trouble .error").first
    expect(error).to_be_visible()
    expect(error).to_contain_text(said)
    assert error.locator("small").inner_text()
    assert page.locator(".trouble img").count() == 0
    assert page.locator("#run").get_attribute("aria-disabled") == "true"
    shot(page, f"refused-{name.split('.')[0]}")


def test_hostile_names_stay_text(watched, tmp_path):
    evil = "<img src=x onerror=document.title='owned'>"
    shape = {
        "type": "Polygon",
        "coordinates": [[[111.47, 35.54], [111.472, 35.54], [111.472, 35.541], [111.47, 35.541], [111.47, 35.54]]],
    }
    path = tmp_path / "evil.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": {"name": evil}, "geometry": shape}))
    page = watched.panel()
    put(page, path)
    expect(page.locator(".read")).to_contain_text(evil)
    fill(page, TWELVE[11])
    page.click("#run")
    verdict(page)
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0


def test_a_zip_bomb_is_refused(watched, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 300_000_000)
    page = watched.panel()
    watched.refused.add(422)
    page.set_input_files("#site-file", path)
    expect(page.locator(".trouble .error").first).to_be_visible()


def test_past_checks_are_kept_without_their_place_opened_again_and_forgotten(watched):
    page = watched.panel()
    sample = TWELVE[4]
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    page.click("#run")
    verdict(page)
    kept = page.evaluate("localStorage.getItem('shanhe.checks')")
    assert [set(one) for one in json.loads(kept)] == [{"id", "number", "verdict", "time"}]
    everything = page.evaluate("JSON.stringify(Object.entries(localStorage))")
    assert "110.9" not in everything
    assert "coordinates" not in everything
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector(".past")
    page.click(".past > summary")
    page.click(".past [data-check]")
    assert verdict(page)["verdict"] == "restricted"
    expect(page.locator('path[data-site="outline"]').first).to_be_attached()
    page.click("#forget")
    assert page.evaluate("localStorage.getItem('shanhe.checks')") is None


def test_nothing_of_the_site_is_in_any_address(watched):
    page = watched.panel()
    for sample in (TWELVE[6], TWELVE[5]):
        put(page, FOLDER / sample["file"])
        page.fill("#industry", "")
        fill(page, sample)
        page.click("#run")
        verdict(page)
        page.locator(".finding-item .look").first.click()
        page.wait_for_timeout(400)
    view = page.url.split("#")[1]
    link = page.evaluate("shanhe.state.link()")
    asked = [url for url in watched.requests if "/tiles/" not in url and "/viewer/assets/" not in url]
    for text in (view, link, *asked):
        assert not re.search(r"110\.9|35\.4[78]|112\.4|35\.6", text), text
    page.click("#clear-site")
    page.wait_for_timeout(400)
    assert page.url.split("#")[1].split("&")[0] == view.split("&")[0]


def test_the_report_opens_and_the_json_is_the_check_itself(watched):
    page = watched.panel()
    sample = TWELVE[6]
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    page.click("#run")
    verdict(page)
    with page.expect_popup() as opened:
        page.click("#report-link")
    report = opened.value
    report.wait_for_load_state()
    expect(report.locator("h1")).to_have_text("项目选址分区管控核查报告（非行政许可）")
    SHOTS.mkdir(parents=True, exist_ok=True)
    report.screenshot(path=SHOTS / "report.png", full_page=True)
    assert report.evaluate("document.scripts.length") == 0
    with page.expect_download() as saved:
        page.click("#download")
    held = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    assert held["verdict"] == "restricted"
    assert saved.value.suggested_filename == f"shanhe-{held['number']}.json"
    assert watched.page.evaluate("id => fetch(`/checks/${id}`).then((answer) => answer.status)", held["id"]) == 200


def test_it_works_by_keyboard_alone_but_for_the_drawing(watched):
    page = watched.panel()
    page.set_input_files("#site-file", FOLDER / "12-kitchen-waste.geojson")
    page.wait_for_selector(".read .taken")
    page.focus("#industry")
    page.keyboard.type("餐厨")
    page.wait_for_timeout(500)
    page.fill("#industry", "")
    page.keyboard.type("N78")
    page.wait_for_selector("#industry-list [role=option]")
    page.keyboard.press("ArrowDown")
    assert page.locator("#industry").get_attribute("aria-activedescendant") == "industry-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    assert page.locator("#industry").get_attribute("aria-expanded") == "false"
    page.keyboard.press("Control+a")
    page.keyboard.type("N7820")
    page.wait_for_selector("#industry-list [role=option]")
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "run":
            break
    assert page.evaluate("document.activeElement.id") == "run"
    page.keyboard.press("Enter")
    verdict(page)
    assert page.evaluate("document.activeElement.classList.contains('six')")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "report-link"


def test_it_works_at_360_pixels(chromium, service):
    small = Watched(chromium, service, viewport={"width": 360, "height": 740}, device_scale_factor=2)
    page = small.panel("en")
    sample = TWELVE[6]
    put(page, FOLDER / sample["file"])
    fill(page, sample)
    shot(page, "360-form")
    page.click("#run")
    verdict(page)
    shot(page, "360-answer")
    assert page.evaluate(
        "document.querySelector('#tab-check').scrollWidth <= document.querySelector('#tab-check').clientWidth"
    )
    assert page.locator(".six li").first.inner_text().startswith("DEMONSTRATION")
    small.close()


def test_locate_says_where_one_is_and_puts_it_in_no_address_and_no_log(chromium, service, caplog):
    at = {"longitude": 110.9134567, "latitude": 35.5051234, "accuracy": 12}
    watched = Watched(chromium, service, geolocation=at)
    watched.context.grant_permissions(["geolocation"], origin=service)
    caplog.set_level(logging.INFO, "uvicorn.access")
    page = watched.open()
    before = page.evaluate("shanhe.map.getZoom()")
    page.click("#tool-locate")
    page.click("#here-locate")
    expect(page.locator(".here .said .first")).to_have_text("示意数据，不能判断。")
    expect(page.locator(".here .said")).to_contain_text("稷山县")
    page.wait_for_timeout(400)
    shot(page, "here")
    assert all("110.91" not in url and "35.505" not in url for url in [page.url, *watched.requests])
    assert "POST /here" in caplog.text
    assert "110.91" not in caplog.text
    assert "35.505" not in caplog.text
    page.keyboard.press("Escape")
    expect(page.locator(".here")).to_have_count(0)
    assert page.evaluate("shanhe.map.getZoom()") == before
    page.click("#tool-locate")
    page.click(".here summary")
    page.fill("#here-lon", "east")
    page.click("#here-ask")
    expect(page.locator(".here .said")).to_contain_text("单位为度")
    watched.close()
