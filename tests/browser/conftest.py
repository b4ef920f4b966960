"""A service of its own and a Chromium that can reach nothing else, shared by the tests of one browser process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, sync_playwright

from app.http import create_app
from layers.database import make_engine
from layers.settings import CHECKOUT
from tests.browser.chromium import launched
from tests.integration.conftest import world

SHOTS = CHECKOUT / "build" / "screenshots"
HERE = Path(__file__).parent

__all__ = ["SHOTS", "Visitor", "serving", "world"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser at a time: on two cores, two of them would only wait for each other."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@contextmanager
def serving(open_engine: Callable[[], sa.Engine]) -> Iterator[str]:
    """A real service on a free port of this machine; its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(create_app(open_engine), host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def service(database_url_of_worker: sa.URL) -> Iterator[str]:
    """The address of a service on the bundled boundaries."""
    with serving(lambda: make_engine(database_url_of_worker)) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


class Visitor:
    """One browser window on the map. What goes to another host is stopped and counted; errors of the console are counted."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        settings = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
        self.context = browser.new_context(**{**settings, **options})
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        self.context.route(lambda url: not url.startswith((address, "data:", "blob:")), self._stop)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _stop(self, route: Route) -> None:
        self.elsewhere.append(route.request.url)
        route.abort()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def open(self, path: str = "/viewer?lang=zh") -> Page:
        """Opens the map and waits until it is painted and every module is there."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector("html[data-ready]")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Waits until the tiles in view are drawn."""
        self.page.wait_for_timeout(150)
        self.page.wait_for_function("() => !window.shanhe.layers.vector.isLoading()")
        self.page.wait_for_timeout(150)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture
def visitor(chromium: Browser, service: str) -> Iterator[Visitor]:
    """A window of usual size; afterwards nothing went elsewhere and the console is clean."""
    made = Visitor(chromium, service)
    yield made
    made.context.close()
    assert made.elsewhere == []
    assert made.errors == []


@pytest.fixture
def phone(chromium: Browser, service: str) -> Iterator[Visitor]:
    """The same at 360 pixels, with touch."""
    made = Visitor(chromium, service, viewport={"width": 360, "height": 740}, has_touch=True)
    yield made
    made.context.close()
    assert made.elsewhere == []
    assert made.errors == []
