"""The Chromium that tests and benchmarks drive: Debian's, headless, that asks for nothing on its own account."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--force-color-profile=srgb",
)  # fmt: skip


def path() -> str | None:
    """Where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """A running browser; closed at the end."""
    browser = playwright.chromium.launch(executable_path=path(), args=list(ARGUMENTS))
    try:
        yield browser
    finally:
        browser.close()
