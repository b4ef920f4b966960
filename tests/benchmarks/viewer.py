"""Measures the map page in headless Chromium: bytes, time until it is painted, frames while it is moved, also as on a phone.

`python -m tests.benchmarks.viewer` runs it alone, on the bundled boundaries.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from layers.database import database_url
from tests.benchmarks.over_http import running
from tests.benchmarks.report import Aim, Report
from tests.browser.chromium import launched

ROUNDS = 5
PHONE = {"offline": False, "latency": 60, "downloadThroughput": 9e6 / 8, "uploadThroughput": 3e6 / 8}
"""4G: 9 Mbit/s down, 3 up, 60 ms for each round trip."""
SLOWER = 4

_PAINTED = """() => new Promise((resolve) => {
  const look = () => {
    const mark = performance.getEntriesByName('shanhe-painted')[0];
    if (mark) resolve(mark.startTime); else setTimeout(look, 20);
  };
  look();
})"""

_FRAMES = """() => {
  window.frames_ = []; window.tasks_ = [];
  new PerformanceObserver((list) => window.tasks_.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
  let last = performance.now();
  const frame = (now) => { window.frames_.push(now - last); last = now; window.going_ = requestAnimationFrame(frame); };
  window.going_ = requestAnimationFrame((now) => { last = now; window.going_ = requestAnimationFrame(frame); });
}"""


@dataclass
class Opening:
    """What one opening of the page took: bytes as sent, requests, and milliseconds from the navigation's start."""

    kilobytes: float = 0.0
    requests: int = 0
    first: float = 0.0
    painted: float = 0.0
    frames: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)


@contextmanager
def _page(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    try:
        yield page, session
    finally:
        context.close()


def _pan(page: Page) -> None:
    """Drags the map to and fro for some seconds, as a hand does."""
    for dx, dy in ((-260, 40), (240, 120), (-120, -180), (160, 30)):
        page.mouse.move(800, 420)
        page.mouse.down()
        for step in range(1, 31):
            page.mouse.move(800 + dx * step / 30, 420 + dy * step / 30)
            page.wait_for_timeout(8)
        page.mouse.up()
        page.wait_for_timeout(250)


def _opening(browser: Browser, address: str, *, phone: bool, pan: bool) -> Opening:
    taken = Opening()
    with _page(browser) as (page, session):

        def finished(event: dict[str, Any]) -> None:
            taken.kilobytes += event["encodedDataLength"] / 1024
            taken.requests += 1

        session.on("Network.loadingFinished", finished)
        if phone:
            session.send("Network.emulateNetworkConditions", PHONE)
            session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address)
        taken.painted = page.evaluate(_PAINTED)
        taken.first = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
        page.wait_for_selector("html[data-ready]")
        page.wait_for_timeout(600)
        if pan:
            page.evaluate(_FRAMES)
            _pan(page)
            taken.frames, taken.tasks = page.evaluate(
                "() => { cancelAnimationFrame(window.going_); return [window.frames_, window.tasks_]; }"
            )
    return taken


def _empty(browser: Browser) -> list[float]:
    """Frames of an empty page while the pointer moves as over the map: what the machine itself costs."""
    with _page(browser) as (page, _):
        page.goto("about:blank")
        page.evaluate(_FRAMES)
        _pan(page)
        frames: list[float] = page.evaluate("() => window.frames_")
        return frames


def figures(report: Report, url: sa.URL) -> None:
    """The rows of the opening view, with the aims of each."""
    report.title("The map page in headless Chromium, 1280 × 800, nothing kept before each opening")
    with running(url) as service, sync_playwright() as playwright, launched(playwright) as browser:
        address = f"http://127.0.0.1:{service.port}/viewer?lang=zh"
        cold = _opening(browser, address, phone=False, pan=False)
        report.figure("first opening after the service started, painted", cold.painted, "ms")
        here = [_opening(browser, address, phone=False, pan=True) for _ in range(ROUNDS)]
        report.figure("opening view: sent", max(one.kilobytes for one in here), "KB", Aim(1024, "KB"))
        report.figure("opening view: requests", max(one.requests for one in here), "requests")
        report.figure("opening view: first content", statistics.median(one.first for one in here), "ms")
        report.figure("opening view: painted", statistics.median(one.painted for one in here), "ms", Aim(1500, "ms"))
        report.figure("opening view: painted, slowest", max(one.painted for one in here), "ms")
        frames = [frame for one in here for frame in one.frames]
        report.header()
        report.times(
            "frames of an empty page meanwhile, for comparison", [f for _ in range(ROUNDS) for f in _empty(browser)]
        )
        report.times("frames while moving the opening view", frames)
        report.figure("  longest frame", max(frames), "ms", Aim(50, "ms"))
        report.figure("  tasks over 50 ms", float(sum(len(one.tasks) for one in here)), "tasks", Aim(0, "tasks"))
        phone = [_opening(browser, address, phone=True, pan=False) for _ in range(3)]
        report.figure(
            "opening view: painted, 4G and a processor 4 times slower",
            statistics.median(one.painted for one in phone), "ms", Aim(3000, "ms"),
        )  # fmt: skip


if __name__ == "__main__":
    alone = Report()
    figures(alone, database_url())
    print(f"\n{alone.missed()} aims missed")
