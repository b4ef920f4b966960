"""A layer whose older version holds again is shown as that version's entry says, at every release and on every way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from app.http import create_app
from layers.database import make_engine
from layers.load import load_bundled

REOPEN = (
    "update layer_version set releases = '{[2,3)}' where layer = 'redline' and version = 2",
    "update layer_version set releases = '{[1,2),[3,)}' where layer = 'redline' and version = 1",
    "update feature set releases = releases + '{[3,)}' where layer = 'redline' and releases @> 1",
    "insert into release (number, note, changed_layers, published_on) values (3, 'back', '{}', current_date)",
)


@pytest.fixture
def back(empty_db: sa.Engine, world):
    """Release 1 has the red line for those with a login, 2 has it public by mistake, 3 is 1 again."""
    world.entries["redline"]["visibility"] = "login"
    load_bundled(empty_db, world.folder, world.catalogue)
    world.entries["redline"]["visibility"] = "public"
    load_bundled(empty_db, world.folder, world.catalogue)
    with TestClient(create_app(lambda: make_engine(empty_db.url))) as client:
        with empty_db.begin() as connection:
            for statement in REOPEN:
                connection.execute(sa.text(statement))
        yield client


@pytest.mark.parametrize("release", [1, 2, 3])
def test_a_version_that_was_taken_back_shows_no_layer_that_is_not_public_now(back, release):
    asked = {"release": release}
    assert back.get("/collections/redline", params=asked).status_code == 404
    assert back.get("/collections/redline/items/RL-1", params=asked).status_code == 404
    assert back.get("/tiles/redline/tilejson.json", params=asked).status_code == 404
    here = back.get("/identify", params={"lon": 112.5, "lat": 36.5, **asked}).json()
    assert "redline" not in here["searched"]
    assert "RL-1" not in str(here)
    places = back.get("/places", params={"q": "名RL-1", **asked}).json()
    assert "RL-1" not in str({**places, "query": None})
