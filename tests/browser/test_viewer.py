"""The map page in a real browser with the network cut: it opens, goes where it is asked, tells what is there, and gives itself on."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from layers.database import make_engine
from layers.load import load_bundled
from layers.settings import settings
from tests.browser.conftest import SHOTS, Visitor, serving
from tests.integration.conftest import World

POOR = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const part = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r / 255) + 0.7152 * part(g / 255) + 0.0722 * part(b / 255);
  const behind = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length < 4 || c[3] > 0.9) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const node = walk.currentNode.parentElement;
    if (!text || !node.checkVisibility() || node.closest('script, svg, .unseen')) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
"""Texts on the page that stand out from their background by less than 4.5 to 1."""


def ink(page: Page) -> int:
    """How many of the map's drawn tiles are not empty."""
    count: Any = page.evaluate(
        """() => [...document.querySelectorAll('#map canvas.leaflet-tile')].filter((one) => {
          const copy = new OffscreenCanvas(one.width, one.height).getContext('2d', { willReadFrequently: true });
          copy.drawImage(one, 0, 0);
          const data = copy.getImageData(0, 0, one.width, one.height).data;
          return data.some((value, i) => i % 4 === 3 && value > 0);
        }).length"""
    )
    return int(count)


def inked(page: Page, least: int) -> bool:
    """Whether so many tiles are drawn, waiting for them: a busy machine draws late."""
    for _ in range(100):
        if ink(page) >= least:
            return True
        page.wait_for_timeout(100)
    return False


def zoom(page: Page) -> float:
    return float(page.evaluate("() => window.map.getZoom()"))


def centre(page: Page) -> tuple[float, float]:
    lon, lat = page.evaluate("() => { const c = window.map.getCenter(); return [c.lng, c.lat]; }")
    return float(lon), float(lat)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_opens_on_two_mountains_seven_rivers_one_basin_and_five_lakes(visitor: Visitor, lang: str):
    page = visitor.open(f"/viewer?lang={lang}")
    assert inked(page, 4)
    names = {"zh": ("两山七河一流域五湖", "【演示】"), "en": ("Two mountains, seven rivers", "DEMONSTRATION")}[lang]
    expect(page.locator("#layout-box h2")).to_contain_text(names[0])
    expect(page.locator("#marks")).to_contain_text(names[1])
    assert page.locator("#layout-box input:checked").count() == 3
    mountains = "".join(page.locator("svg.mountains text").all_text_contents())
    assert {"zh": "吕梁山", "en": "Lüliang Mountains"}[lang] in mountains
    assert page.evaluate("() => document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[lang]
    visitor.shot(f"opening-{lang}")


def test_presets_go_to_rivers_cities_counties_and_themes(visitor: Visitor):
    page = visitor.open()
    page.select_option("#preset", "county:140826")
    visitor.settle()
    lon, lat = centre(page)
    assert (abs(lon - 111.6) < 0.4, abs(lat - 35.5) < 0.4, zoom(page) >= 9) == (True, True, True)
    assert inked(page, 4)
    page.select_option("#preset", "river:fen")
    visitor.settle()
    assert zoom(page) <= 8
    page.select_option("#preset", "theme:units")
    visitor.settle()
    assert page.locator("#layer-control_unit").is_checked()
    expect(page.locator("#marks")).to_contain_text("边界为示意")
    expect(page.locator("li[data-layer=control_unit] .legend li")).to_have_count(3)
    visitor.shot("units")
    page.select_option("#preset", "layout:lakes")
    assert page.locator("#layout-box input:checked").get_attribute("value") == "lakes"
    for value in ("basin", "city:140100", "theme:water", "layout:all"):
        page.select_option("#preset", value)
        visitor.settle()
        assert inked(page, 1), value


def test_the_three_groups_of_elements_are_switched_one_by_one(visitor: Visitor):
    page = visitor.open()
    assert page.locator("svg.mountains path").count() == 2
    page.uncheck("#element-mountains")
    assert page.locator("svg.mountains path").count() == 0
    page.uncheck("#element-lakes")
    page.uncheck("#element-rivers")
    expect(page.locator("#marks .demo")).to_have_count(0)
    page.check("#element-mountains")
    expect(page.locator("#marks .demo")).to_have_count(1)


def test_layers_are_switched_and_faded_and_tell_what_they_are(visitor: Visitor):
    page = visitor.open()
    page.click('details[data-group="ecology"] > summary')
    page.check("#layer-redline")
    visitor.settle()
    expect(page.locator("#marks")).to_contain_text("边界为示意")
    page.click("li[data-layer=redline] .more > summary")
    expect(page.locator("li[data-layer=redline] dl")).to_contain_text("示意，不是官方数据")
    page.fill("li[data-layer=redline] input[type=range]", "40")
    page.wait_for_timeout(300)
    assert "redline*40" in page.evaluate("() => location.hash")
    page.uncheck("#layer-redline")
    expect(page.locator("#marks")).not_to_contain_text("边界为示意")


def test_search_finds_a_place_by_name_by_misprint_and_a_unit_by_code_by_keyboard_alone(visitor: Visitor):
    page = visitor.open()
    page.keyboard.press("/")
    page.keyboard.type("绛县")
    page.wait_for_selector("#results [role=option]")
    expect(page.locator("#results [role=option]").first).to_contain_text("绛县")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visitor.settle()
    assert zoom(page) >= 8
    page.fill("#q", "漳沱河")
    expect(page.locator("#results")).to_contain_text("滹沱河")
    page.fill("#q", "ZH1408")
    expect(page.locator("#results")).to_contain_text("ZH1408")
    page.keyboard.press("Enter")
    visitor.settle()
    assert page.evaluate("() => window.shanhe.layers.has('control_unit')")
    page.fill("#q", "吕梁山")
    expect(page.locator("#results .why").first).to_contain_text("县")
    page.keyboard.press("Escape")
    expect(page.locator("#results")).to_be_hidden()
    page.fill("#q", "没有这样的地方")
    expect(page.locator("#results .none")).to_be_visible()


def test_a_click_tells_what_every_layer_holds_there_with_source_accuracy_and_standing(visitor: Visitor):
    page = visitor.open("/viewer?lang=zh#map=11/35.49/111.57&l=province,city,county,control_unit,redline")
    page.mouse.click(760, 420)
    found = page.locator("#tab-info .finding")
    expect(found.first).to_be_visible()
    assert {"county", "control_unit"} <= {one.get_attribute("data-layer") for one in found.all()}
    unit = page.locator("#tab-info .finding[data-layer=control_unit]")
    expect(unit).to_contain_text("ZH14")
    expect(unit).to_contain_text("示意，不是官方数据")
    unit.locator("summary").click()
    expect(unit).to_contain_text("来源")
    expect(page.locator("#tab-info .at")).to_contain_text("3°带 37")
    page.click("#tab-info .at button")
    said = page.evaluate("() => navigator.clipboard.readText()")
    assert re.search(r"11[12]\.\d{6}°, 35\.\d{6}°", said)
    assert "EPSG:4525" in said
    visitor.shot("identify")


def test_coordinates_follow_the_pointer_and_match_the_projection_of_the_service(visitor: Visitor):
    from pyproj import Transformer  # noqa: PLC0415 (only here)

    page = visitor.open("/viewer?lang=en#map=12/35.5/111.5")
    page.mouse.move(800, 400)
    page.wait_for_timeout(200)
    lon, lat = (float(v) for v in re.findall(r"[\d.]+(?=°)", page.locator("#degrees").inner_text()))
    north, east = (float(v) for v in re.findall(r"[NE] ([\d.]+)", page.locator("#metres").inner_text()))
    expected = Transformer.from_crs(4490, 4525, always_xy=True).transform(lon, lat)
    assert (abs(east - expected[0]) < 0.2, abs(north - expected[1]) < 0.2) == (True, True)


def test_distances_and_areas_are_those_of_the_ellipsoid(visitor: Visitor):
    from pyproj import Geod  # noqa: PLC0415 (only here)

    page = visitor.open()
    line = [[111.0, 35.5], [111.7, 36.2], [112.4, 35.9]]
    module = page.evaluate("() => window.shanhe.config.assets + 'ellipsoid.js'")
    length, area = page.evaluate(
        "async ([path, line]) => { const e = await import(path); return [e.length(line), e.area(line)]; }",
        [module, line],
    )
    geod = Geod(a=6378137, rf=298.257222101)
    lons, lats = zip(*line, strict=True)
    assert length == pytest.approx(geod.line_length(lons, lats), rel=1e-9)
    dense = [
        (a[0] + (b[0] - a[0]) * k / 500, a[1] + (b[1] - a[1]) * k / 500)
        for a, b in zip(line, [*line[1:], line[0]], strict=True)
        for k in range(500)
    ]
    assert area == pytest.approx(abs(geod.polygon_area_perimeter(*zip(*dense, strict=True))[0]), rel=1e-6)
    page.click("#tool-ruler")
    for x, y in ((700, 300), (800, 400), (760, 500)):
        page.mouse.click(x, y)
    expect(page.locator(".measure output")).to_contain_text("公里")
    page.check("input[name=measured][value=area]")
    expect(page.locator(".measure output")).to_contain_text("平方公里")
    expect(page.locator(".measure")).to_contain_text("CGCS2000")
    expect(page.locator("#tab-info")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".measure")).to_have_count(0)


def test_a_shared_link_restores_position_layers_opacity_groups_release_and_language(visitor: Visitor):
    page = visitor.open("/viewer?lang=en#map=9/36.10000/111.50000&l=province,redline*40,river&g=rivers")
    page.click("#tool-share")
    link = page.locator("#share-dialog input").input_value()
    assert "release=1" in link
    assert "lang=en" in link
    page.keyboard.press("Escape")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("html[data-ready]")
    assert zoom(page) == 9
    assert centre(page) == pytest.approx((111.5, 36.1), abs=1e-3)
    state = page.evaluate(
        "() => [window.shanhe.layers.shown.map((l) => l.id).sort(), window.shanhe.layout.groups, window.shanhe.lang]"
    )
    assert state == [["province", "redline", "river"], ["rivers"], "en"]
    assert page.locator("li[data-layer=redline] input[type=range]").input_value() == "40"


def test_the_language_is_switched_without_losing_the_view(visitor: Visitor):
    page = visitor.open("/viewer?lang=zh#map=9/36.1/111.5")
    page.click("#language")
    page.wait_for_selector("html[lang=en][data-ready]")
    assert zoom(page) == 9
    assert centre(page) == pytest.approx((111.5, 36.1), abs=1e-3)
    expect(page.locator("#tab-button-layers")).to_have_text("Layers")


def test_addresses_that_are_nonsense_open_the_map_all_the_same(visitor: Visitor):
    for hash in ("#map=99/99/999", "#map=x&l=none,redline*900&g=stars&tab=none", "#%00<script>alert(1)</script>"):
        page = visitor.open(f"/viewer?lang=zh{hash}")
        assert 4 <= zoom(page) <= 18
        page.goto("about:blank")


def test_printing_makes_a_sheet_with_map_legend_marks_release_and_day(visitor: Visitor):
    page = visitor.open("/viewer?lang=zh#map=8/35.6/111.5&l=province,city,county,river,redline")
    page.evaluate(
        "() => { window.print = () => { window.printed = document.querySelectorAll('#sheet img').length; }; }"
    )
    page.click("#tool-print")
    page.fill("#print-name", "绛县一带")
    page.click("#print-go")
    page.wait_for_function("() => window.printed === 1")
    page.emulate_media(media="print")
    visitor.page.screenshot(path=SHOTS / "print.png")
    assert page.locator("#bar").is_hidden()
    assert page.locator("#sheet img").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#sheet")).to_have_count(0)


def test_the_map_is_saved_as_a_picture(visitor: Visitor):
    page = visitor.open()
    page.click("#tool-print")
    with page.expect_download() as waiting:
        page.click("#print-png")
    path = SHOTS / "export.png"
    waiting.value.save_as(path)
    head = path.read_bytes()[:24]
    width, height = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    assert (head[1:4], width > 1500, height > 1000) == (b"PNG", True, True)


def test_every_tool_is_reached_by_keyboard_and_escape_leads_out(visitor: Visitor):
    page = visitor.open()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    reached = set()
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id || document.activeElement.tagName"))
    assert {"tool-plus", "tool-home", "tool-ruler", "tool-print", "tool-share"} <= reached
    page.focus("#tab-button-layers")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-check")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#tab-info")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.id") == "side-handle"
    page.focus("#map")
    before = centre(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    assert centre(page)[0] > before[0]
    page.keyboard.press("Enter")
    expect(page.locator("#tab-info .finding").first).to_be_visible()


def test_words_stand_out_from_what_is_behind_them_by_4_5_to_1(visitor: Visitor):
    page = visitor.open()
    for tab in ("layers", "info"):
        page.click(f"#tab-button-{tab}")
        poor = page.evaluate(POOR)
        assert poor == []


def test_at_360_pixels_everything_is_there_and_nothing_sticks_out(phone: Visitor):
    page = phone.open()
    phone.shot("phone-opening")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    for name in ("#q", "#preset", "#release", "#language", "#tool-print", "#marks .mark", "#side-handle"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360, name
    page.click("#tab-button-layers")
    page.wait_for_timeout(400)
    expect(page.locator("#layout-box h2")).to_be_visible()
    phone.shot("phone-layers")
    page.click("#side-handle")
    page.wait_for_timeout(400)
    page.touchscreen.tap(150, 330)
    expect(page.locator("#tab-info .finding").first).to_be_visible()
    phone.shot("phone-identify")


def test_motion_is_left_out_for_those_who_ask(visitor: Visitor):
    visitor.page.emulate_media(reduced_motion="reduce")
    page = visitor.open()
    assert page.evaluate("() => getComputedStyle(document.getElementById('side')).transitionDuration") in (
        "0s",
        "0s, 0s",
    )


@pytest.fixture
def two_releases(chromium: Browser, empty_db: sa.Engine, world: World) -> Iterator[Visitor]:
    """A window on a service that holds two releases: the second has one red line fewer."""
    load_bundled(empty_db, world.folder, world.catalogue)
    world.features["redline"].pop(0)
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with serving(lambda: make_engine(url)) as address:
        made = Visitor(chromium, address)
        yield made
        made.context.close()
    assert made.elsewhere == []
    assert made.errors == []


def test_any_past_release_can_be_looked_at_and_the_map_says_so(two_releases: Visitor):
    page = two_releases.open("/viewer?lang=zh#map=9/36.5/112.5&l=province,redline")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator("#release option")).to_have_count(2)
    expect(page.locator("#marks")).not_to_contain_text("最新为")
    page.select_option("#release", "1")
    expect(page.locator("#marks")).to_contain_text("正在查看第 1 版，最新为第 2 版")
    two_releases.settle()
    tiles = [url.split("/tiles/")[1].split("/") for url in asked if "/tiles/" in url]
    assert tiles
    for layers, versions, *_ in tiles:
        assert dict(zip(layers.split(","), versions.split(","), strict=True))["redline"] == "1"
    assert "release=1" in page.evaluate("() => location.search")
    page.mouse.click(660, 430)
    expect(page.locator("#tab-info")).to_contain_text("第 1 版在此处有")
    expect(page.locator("#tab-info .finding[data-layer=redline]")).to_have_count(1)
    page.select_option("#release", "2")
    expect(page.locator("#marks")).not_to_contain_text("最新为")
    page.mouse.click(660, 430)
    expect(page.locator("#tab-info")).to_contain_text("第 2 版在此处有")
    expect(page.locator("#tab-info .finding[data-layer=redline]")).to_have_count(0)


def test_hostile_names_are_shown_as_the_text_they_are(chromium: Browser, empty_db: sa.Engine, world: World):
    hostile = "<img src=x onerror=alert(1)><b>绛</b>"
    world.features["redline"][0]["properties"] |= {"name": hostile, "name_en": hostile, "source": hostile}
    world.entries["redline"]["title"] = {"zh": hostile, "en": hostile}
    load_bundled(empty_db, world.folder, world.catalogue)
    url = empty_db.url
    with serving(lambda: make_engine(url)) as address:
        visitor = Visitor(chromium, address)
        page = visitor.open("/viewer?lang=zh#map=9/36.5/112.5&l=province,redline,county")
        page.mouse.click(660, 430)
        expect(page.locator("#tab-info .finding[data-layer=redline] h3")).to_contain_text(hostile)
        page.fill("#q", "RL-1")
        expect(page.locator("#results b").first).to_have_text(hostile)
        page.click("#tab-button-layers")
        expect(page.locator("li[data-layer=redline] .name")).to_have_text(hostile)
        assert page.locator("img[src=x]").count() == 0
        visitor.context.close()
    assert visitor.errors == []
    assert visitor.elsewhere == []


def test_a_base_map_is_seen_inside_the_province_too(
    chromium: Browser, database_url_of_worker: sa.URL, monkeypatch: pytest.MonkeyPatch
):
    chunks = {
        b"IHDR": struct.pack(">II5B", 1, 1, 8, 2, 0, 0, 0),
        b"IDAT": zlib.compress(b"\0\x40\xc0\x40"),
        b"IEND": b"",
    }
    green = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
    monkeypatch.setenv("SHANHE_BASE_MAP", "https://tiles.example.org/{z}/{x}/{y}.png")
    settings.cache_clear()
    try:
        with serving(lambda: make_engine(database_url_of_worker)) as address:
            visitor = Visitor(chromium, address)
            asked: list[str] = []
            visitor.page.on("request", lambda request: asked.append(request.url))
            visitor.context.route(
                "https://tiles.example.org/**",
                lambda route: route.fulfill(body=green, content_type="image/png"),
            )
            page = visitor.open()
            inked(page, 4)
            visitor.shot("base-map")
            grounds = page.evaluate(
                "() => [...document.querySelectorAll('#map img.leaflet-tile')].map((one) => new URL(one.src).host)"
            )
            layers = page.evaluate("() => window.shanhe.layers.vector.paintRules.map((one) => one.dataLayer)")
            visitor.context.close()
            assert set(grounds) == {"tiles.example.org"}
            assert not any("/rasters/" in url for url in asked)
            assert "province" not in layers[:1], "no white wash lies over the base map"
            assert visitor.errors == []
    finally:
        monkeypatch.undo()
        settings.cache_clear()
