"""The same question gives the same bytes: again, in another process, after a restart; questions asked at once never mix."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import shapely
import sqlalchemy as sa

from app import request as asked
from app.service import ask, decide
from layers.cluster import lifecycle
from layers.database import make_engine, migrate, with_driver
from layers.load import load_bundled
from layers.release import open_release
from layers.settings import CHECKOUT
from layers.sitefile import read_site_geojson
from tests.integration.test_cluster import checkout_elsewhere
from tests.site_writers import Drawn, every_way, write
from zoning.answer import document
from zoning.canonical import canonical_geometry, canonical_json
from zoning.identity import Question

START_S, ANSWER_S = 60, 120
DAY = "2024-06-30"
PROJECTS: Sequence[Mapping[str, Any]] = (
    {"industry": "C2521", "activity": "new", "attributes": {"net_new_capacity": 1000, "fuel": "coal"}},
    {"industry": "N7820", "activity": "new", "attributes": {"land_take": "permanent", "fuel": "gas"}},
    {
        "industry": "E4863",
        "activity": "restore",
        "attributes": {"land_take": "existing"},
        "documents": [{"kind": "red_line_recognition", "number": "示例〔2024〕1号", "date": "2024-03-01"}],
    },
    {"industry": "C3034", "activity": "expand", "attributes": {"fuel": "coal", "land_take": "permanent"}},
)
PLACES = ((111.57, 35.48), (110.9787, 35.6038), (110.9096, 35.4763), (112.44, 35.666))
"""In Jiang, Jishan (the county town, the red line) and by the Qin in Qinshui."""


def body(n: int) -> dict[str, Any]:
    """The n-th of 16 questions: each place with each project, no two on the same ground."""
    x, y = PLACES[n % 4]
    east, north = 0.0007 * (n // 4), 0.0003 * (n // 4)
    ring = [(x, y), (x + 0.004, y), (x + 0.0043, y + 0.003), (x, y + 0.0026)]
    corners = [[round(a + east, 9), round(b + north, 9)] for a, b in (*ring, ring[0])]
    feature = {
        "type": "Feature",
        "properties": {"地块编号": f"P{n}", "用途": "工业用地"},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    return {"site": {"type": "FeatureCollection", "features": [feature]}, "project": PROJECTS[n // 4], "as_of": DAY}


BODIES = [body(n) for n in range(16)]


def question(said: Mapping[str, Any]) -> Question:
    return asked.question(read_site_geojson(said["site"]), **said["project"], as_of=said["as_of"])


def computed(engine: sa.Engine, said: Mapping[str, Any], number: str | None = None) -> bytes:
    """The answer, decided anew and not taken from the archive."""
    return canonical_json(document(decide(engine, question(said), open_release(engine)), number)).encode()


@pytest.fixture(scope="module")
def alone(bundled_db: sa.Engine) -> list[bytes]:
    """Each answer as it is when nothing else is asked."""
    answers = [computed(bundled_db, said) for said in BODIES]
    verdicts = {json.loads(answer)["verdict"] for answer in answers}
    assert len(verdicts) >= 3
    assert len(set(answers)) == len(BODIES)
    return answers


@pytest.fixture
def fresh(databases: Any, bundled_template: str, worker_id: str) -> Iterator[Callable[[], sa.URL]]:
    """Makes databases with release 1 and an empty archive."""
    made: list[str] = []

    def make() -> sa.URL:
        name = f"shanhe_test_{os.getpid()}_{worker_id}_fresh{len(made)}"
        assert databases.claim(name)
        databases.create(name, bundled_template)
        made.append(name)
        return databases.url(name)

    yield make
    for name in made:
        databases.drop(name)
        databases.guard.execute("select pg_advisory_unlock(hashtext(%s))", [name])


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def fetched(port: int, path: str, data: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes]:
    """Status and content, over a connection of its own, so that any worker may answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("POST" if data else "GET", path, data, {"Content-Type": kind} if data else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def service(url: sa.URL, *, seed: str = "0", workers: int = 2) -> Iterator[int]:
    """The service as processes of their own; gives its port."""
    port = free_port()
    environment = {
        **os.environ,
        "SHANHE_DATABASE_URL": url.render_as_string(hide_password=False),
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(CHECKOUT),
    }
    command = [sys.executable, "-m", "uvicorn", "app.http:create_app", "--factory", "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--workers", str(workers)], cwd=CHECKOUT, env=environment
    )
    try:
        deadline = time.monotonic() + START_S
        while True:
            try:
                if fetched(port, "/readyz")[0] == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline, "the service did not start"
            assert process.poll() is None, "the service ended"
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def posted(port: int, said: Mapping[str, Any]) -> bytes:
    status, answer = fetched(port, "/checks", json.dumps(said).encode())
    assert status == 200, answer
    return answer


def at_once(acts: Sequence[Callable[[], bytes]]) -> list[bytes]:
    """The results of acts that threads begin together."""
    barrier = threading.Barrier(len(acts))
    found: list[bytes | None] = [None] * len(acts)

    def run(n: int) -> None:
        barrier.wait(timeout=30)
        found[n] = acts[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=ANSWER_S)
    assert None not in found
    return [answer for answer in found if answer is not None]


def test_one_question_decided_a_hundred_times_is_one_text(bundled_db, alone):
    for n in (0, 9):
        assert {computed(bundled_db, BODIES[n]) for _ in range(50)} == {alone[n]}


def reordered(value: Any, random: random.Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(value, dict):
        keys = random.sample(list(value), len(value))
        return {key: reordered(value[key], random) for key in keys}
    return [reordered(one, random) for one in value] if isinstance(value, list) else value


def test_the_order_of_keys_does_not_matter(bundled_db, alone):
    draw = random.Random(20241122)  # noqa: S311 (an order, no secret)
    for said, answer in zip(BODIES, alone, strict=True):
        assert computed(bundled_db, reordered(said, draw)) == answer


def test_the_order_of_documents_held_does_not_matter(bundled_db):
    held = [
        {"kind": "red_line_recognition", "number": f"示例〔2024〕{n}号", "date": f"2024-03-0{n}"} for n in (1, 2, 3)
    ]
    answers = set()
    for order in itertools.permutations(held):
        answers.add(computed(bundled_db, {**BODIES[8], "project": {**PROJECTS[2], "documents": list(order)}}))
    assert len(answers) == 1


_ELSEWHERE = """
import hashlib, json, sys
sys.setswitchinterval(float(sys.argv[1]))
from layers.database import database_url, make_engine
from tests.integration.test_same_bytes import BODIES, computed
engine = make_engine(database_url())
order = json.loads(sys.argv[2])
found = {n: hashlib.sha256(computed(engine, BODIES[n])).hexdigest() for n in order}
print(json.dumps([found[n] for n in range(len(BODIES))]))
"""


@pytest.mark.parametrize(("seed", "switch_s"), [("0", 5e-3), ("1", 1e-6), ("4242", 1.0)])
def test_another_process_with_other_hashes_decides_the_same(alone, database_url_of_worker, seed, switch_s):
    environment = {
        **os.environ,
        "SHANHE_DATABASE_URL": database_url_of_worker.render_as_string(hide_password=False),
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(CHECKOUT),
    }
    order = random.Random(seed).sample(range(len(BODIES)), len(BODIES))  # noqa: S311
    command = [sys.executable, "-c", _ELSEWHERE, str(switch_s), json.dumps(order)]
    done = subprocess.run(
        command, check=False, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=ANSWER_S
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [hashlib.sha256(answer).hexdigest() for answer in alone]


def test_workers_restarts_and_a_database_that_never_saw_it_give_the_same_bytes(fresh):
    """The number is in the bytes: the first check of a day in a county has the same one everywhere."""
    first, second = fresh(), fresh()
    with service(first, seed="1") as port:
        before = [posted(port, BODIES[0]) for _ in range(100)]
        before += at_once([lambda: posted(port, BODIES[0]) for _ in range(8)])
    with service(first, seed="2") as port:
        restarted = posted(port, BODIES[0])
        address = f"/checks/{json.loads(restarted)['id']}"
        verified = json.loads(fetched(port, f"{address}/verify", b"{}")[1])
        read = fetched(port, address)[1]
    with service(second, seed="3", workers=1) as port:
        elsewhere = posted(port, BODIES[0])
    assert {*before, restarted, read, elsewhere} == {before[0]}
    assert verified["match"] is True


def test_sixteen_questions_at_once_over_http_never_mix(fresh, bundled_db, alone):
    """Two workers, an empty archive; every answer is the one obtained alone, but for its number."""
    with service(fresh()) as port:
        for _ in range(2):  # decided, then read from the archive
            answers = at_once([lambda said=said: posted(port, said) for said in BODIES])
            numbers = [json.loads(answer)["number"] for answer in answers]
            assert len(set(numbers)) == len(BODIES)
            for said, answer, number, single in zip(BODIES, answers, numbers, alone, strict=True):
                assert json.loads(answer)["id"] == json.loads(single)["id"]
                assert answer == computed(bundled_db, said, number)


def test_sixteen_questions_at_once_in_one_process_never_mix(bundled_db, alone):
    usual = sys.getswitchinterval()
    try:
        for switch_s in (1e-6, 5e-3, 0.5):
            sys.setswitchinterval(switch_s)
            assert at_once([lambda said=said: computed(bundled_db, said) for said in BODIES]) == alone
    finally:
        sys.setswitchinterval(usual)


def form(name: str, data: bytes, crs: str | None) -> tuple[bytes, str]:
    """A multipart form with a file, and its content type."""
    mark = "----a-boundary-of-our-own"
    stated = f'--{mark}\r\nContent-Disposition: form-data; name="crs"\r\n\r\n{crs}\r\n' if crs else ""
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return (stated + head).encode() + data + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def test_sixteen_files_of_all_formats_read_at_once_never_mix(database_url_of_worker):
    """Each sender gets the site of their own file, whoever else's is being opened."""
    ways = list(every_way())
    ways = [way for n, way in enumerate(ways) if way[0] != ways[n - 1][0]]
    chosen = (ways * 16)[:16]
    sites = [shapely.geometry.shape(said["site"]["features"][0]["geometry"]) for said in BODIES]
    forms = []
    for way, site, n in zip(chosen, sites, range(16), strict=True):
        small = shapely.transform(site, lambda xy: (xy.min(axis=0) + (xy - xy.min(axis=0)) / 4).round(9))
        file = write(way, [Drawn("1", f"地块{n}", small)])
        forms.append((small, *form(file.name, file.data, file.crs)))
    with service(database_url_of_worker) as port:
        answers = at_once([lambda d=data, k=kind: fetched(port, "/sites", d, k)[1] for _, data, kind in forms])
    for (drawn, _, _), answer in zip(forms, answers, strict=True):
        read = shapely.geometry.shape(json.loads(answer)["geometry"])
        assert shapely.to_wkt(canonical_geometry(read), 9) == shapely.to_wkt(canonical_geometry(drawn), 9)


@pytest.mark.xdist_group("cluster")
def test_the_same_bytes_after_the_database_itself_was_restarted(world):
    """In a cluster of the test's own: computed anew, and read from what was stored before."""
    ring = [[112.3, 36.4], [112.304, 36.4], [112.304, 36.403], [112.3, 36.403], [112.3, 36.4]]
    said = {**BODIES[0], "site": {"type": "Polygon", "coordinates": [ring]}}

    @contextmanager
    def opened() -> Iterator[sa.Engine]:
        engine = make_engine(with_driver(lifecycle.up()))
        try:
            yield engine
        finally:
            engine.dispose()

    with checkout_elsewhere():
        with opened() as engine:
            migrate(engine)
            load_bundled(engine, world.folder, world.catalogue)
            before, stored = computed(engine, said), ask(engine, question(said)).text
        assert lifecycle.down()
        with opened() as engine:
            assert (computed(engine, said), ask(engine, question(said)).text) == (before, stored)
