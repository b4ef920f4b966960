"""What the page was told already, kept in memory: a release never changes, so it is read from the database once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

import sqlalchemy as sa

from app.viewer.config import Chosen, config, presets
from layers.release import newest_release, open_release, release_info
from zoning.bilingual import Lang

MOST: Final = 32
"""Configurations and presets kept, each some tens of kilobytes."""

_Key = tuple[str, int, int, str, Lang]


class Told:
    """Configurations and presets by release and language; forgotten when the newest release is another one."""

    def __init__(self, chosen: Chosen) -> None:
        self.chosen = chosen
        self._kept: OrderedDict[_Key, Mapping[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def config(self, engine: sa.Engine, number: int | None, lang: Lang) -> Mapping[str, Any]:
        """As `app.viewer.config.config`; not to be changed."""
        return self._of("config", engine, number, lang, lambda: config(engine, number, lang, self.chosen))

    def presets(self, engine: sa.Engine, number: int | None, lang: Lang) -> Mapping[str, Any]:
        """As `app.viewer.config.presets`; not to be changed."""
        return self._of("presets", engine, number, lang, lambda: presets(engine, number, lang))

    def _of(
        self,
        what: Literal["config", "presets"],
        engine: sa.Engine,
        number: int | None,
        lang: Lang,
        read: Callable[[], Mapping[str, Any]],
    ) -> Mapping[str, Any]:
        newest = newest_release(engine)
        view = open_release(engine, number)
        # The moment tells a database that was made anew, with the same numbers, from the one that was read.
        moment = release_info(engine, newest).published_at.isoformat()
        key = (what, int(view.number), int(newest.number), moment, lang)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        said = read()
        with self._lock:
            self._kept[key] = said
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return said
