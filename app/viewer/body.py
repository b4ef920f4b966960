"""The markup around the map: skip link, header, side panel with its tabs, marks. Texts are escaped; there is no script in it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

TABS: Final = ("layers", "check", "info")


def body(config: Mapping[str, Any], other: str) -> str:
    """The markup in the language of `config`; `other` is the address of the page in the other language."""
    said: Mapping[str, str] = config["strings"]

    def t(key: str) -> str:
        return escape(said[key])

    tabs = "".join(
        f'<button type="button" role="tab" id="tab-button-{name}" aria-controls="tab-{name}" '
        f'aria-selected="{str(name == "layers").lower()}" tabindex="{0 if name == "layers" else -1}">{t(f"side.{name}")}</button>'
        for name in TABS
    )
    panels = "".join(
        f'<section role="tabpanel" id="tab-{name}" aria-labelledby="tab-button-{name}" tabindex="-1"'
        f"{'' if name == 'layers' else ' hidden'}></section>"
        for name in TABS
    )
    other_lang = "en" if config["lang"] == "zh" else "zh-CN"
    return f"""
<a class="skip" href="#map">{t("page.skip")}</a>
<header id="bar">
<a class="brand" href="/viewer"><b lang="zh-CN">山河</b><span>Shanhe</span></a>
<div id="search" role="search"></div>
<div id="bar-tools">
<div id="presets"></div>
<div id="releases"></div>
<a id="language" lang="{other_lang}" hreflang="{other_lang}" href="{escape(other)}">{t("page.other_language")}</a>
</div>
</header>
<aside id="side" aria-label="{t("side.label")}">
<button type="button" id="side-handle" aria-expanded="true" aria-controls="side-body"><span>{t("side.toggle")}</span></button>
<div id="side-body">
<div role="tablist" aria-label="{t("side.label")}">{tabs}</div>
{panels}
</div>
</aside>
<div id="tools" role="toolbar" aria-label="{t("page.tools")}" aria-orientation="vertical"></div>
<div id="marks" role="note"></div>
<div id="foot"></div>
<div id="live" class="unseen" role="status" aria-live="polite"></div>
<noscript><p class="noscript">{t("page.noscript")}</p></noscript>
"""
