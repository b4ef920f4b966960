"""The door: a file is opened in a process that has limits, no network and no password, and that leaves nothing."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest

from layers.door import guard
from layers.door.guard import Limits, open_guarded
from layers.door.table import Fault, Layer, Row, Table, pack, unpack
from zoning.bilingual import Bilingual
from zoning.errors import BadSite

HEAD = "import os, socket, time\nfrom layers.door.table import Layer, Row, Table\n\n\ndef read(data, asked):\n"


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Opens a file with a reader whose body is given, its temporary folder being ours to look at."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))

    def run(body, **limits):
        module = tmp_path / "reader.py"
        module.write_text(HEAD + "".join(f"    {line}\n" for line in body.splitlines()), encoding="utf-8")
        monkeypatch.setitem(guard.READERS, ".test", module)
        try:
            return open_guarded(b"given", ".test", name="a.test", limits=Limits(**limits))
        finally:
            assert list(place.iterdir()) == []
            for _ in range(100):  # a killed process is gone a moment later
                if not (left := _children_in(place)):
                    break
                time.sleep(0.05)
            assert left == []

    return run


def _children_in(place: Path) -> list[str]:
    """Processes whose surroundings name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(place).encode() in command:
            found.append(process.name)
    return found


TABLE = Table(
    (
        Layer(
            "甲", "EPSG:4490", (Row(1, {"名称": "乙", "面积": 1.5}, b"abc", "丙"), Row(2, {}, None, None, "3")), "loose"
        ),
    )
)


def test_a_table_comes_back_as_it_was_packed():
    assert unpack(pack(TABLE)) == TABLE


@pytest.mark.parametrize("end", [-1, 4, 9, 30])
def test_an_answer_cut_short_is_no_table(end):
    with pytest.raises((ValueError, KeyError, TypeError, struct.error)):
        unpack(pack(TABLE)[:end])


def test_a_fault_comes_back_as_a_fault():
    with pytest.raises(Fault) as error:
        unpack(pack(Fault("kml-invalid", Bilingual("坏", "bad"), line=3)))
    assert (error.value.type, error.value.reason.zh, error.value.where) == ("kml-invalid", "坏", {"line": 3})


def test_the_child_sees_no_password_and_no_proxy(opened, monkeypatch):
    for name in ("SHANHE_DATABASE_URL", "PGPASSWORD", "PGHOST", "HTTPS_PROXY", "https_proxy", "PYTHONPATH"):
        monkeypatch.setenv(name, "secret-of-ours")
    table = opened('return Table((Layer("env", None, (Row(1, dict(os.environ), None),)),))')
    environment = table.layers[0].rows[0].fields
    assert "secret-of-ours" not in environment.values()
    assert not {name for name in environment if name.startswith(("PG", "SHANHE")) or "proxy" in name.lower()}
    assert environment["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] == ".none"


def test_the_child_says_whether_it_has_a_network_and_has_none_as_root(opened):
    assert opened("return Table(())").guards["network"] in ("none", "guarded")
    body = "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.connect(('127.0.0.1', 9))\nreturn Table(())"
    if opened("return Table(())").guards["network"] == "none":
        with pytest.raises(BadSite) as error:  # not even the loopback, where the database listens
            opened(body)
        assert error.value.type == "file-open-failed"


def test_a_child_that_takes_too_much_memory_is_stopped(opened):
    with pytest.raises(BadSite) as error:
        opened("held = [bytearray(50_000_000) for _ in range(100)]", memory=300 * 1024**2)
    assert error.value.type == "file-open-limit"
    assert "300 MB" in error.value.message.en
    assert error.value.where["file"] == "a.test"


def test_a_child_that_sleeps_is_ended(opened):
    with pytest.raises(BadSite) as error:
        opened("time.sleep(600)", wall_s=0.5)
    assert error.value.type == "file-open-limit"
    assert "0.5 s" in error.value.message.en


def test_what_a_child_started_is_ended_with_it(opened):
    body = "if os.fork() == 0:\n    time.sleep(60)\nreturn Table(())"
    assert opened(body).layers == ()


def test_a_child_that_computes_for_ever_is_ended(opened):
    with pytest.raises(BadSite) as error:
        opened("while True: pass", cpu_s=1)
    assert error.value.type == "file-open-limit"
    assert "processor" in error.value.message.en


def test_a_child_that_writes_too_much_is_stopped(opened):
    with pytest.raises(BadSite) as error:
        opened('return Table((Layer("a", None, (Row(1, {}, bytes(3_000_000)),)),))', file=1_000_000)
    assert error.value.type == "file-open-limit"


def test_a_child_opens_few_files(opened):
    with pytest.raises(BadSite) as error:
        opened("held = [open('/dev/null') for _ in range(100)]")
    assert error.value.type == "file-open-failed"


@pytest.mark.parametrize("body", ["os.abort()", "os._exit(0)", "raise ValueError('/etc/secret')", "return 1"])
def test_a_child_that_ends_badly_is_told_without_its_words(opened, body):
    with pytest.raises(BadSite) as error:
        opened(body)
    assert error.value.type == "file-open-failed"
    assert "secret" not in error.value.message.en + str(error.value.where)
    assert "a.test" in error.value.message.zh


def test_the_child_has_no_rights_of_ours(opened, tmp_path):
    table = opened("return Table((), {'ids': [os.getuid(), os.getgid(), os.geteuid(), *os.getgroups()]})")
    if table.guards["user"] != "nobody":
        pytest.skip("not root, or the system keeps root")
    assert set(table.notes["ids"]) == {65534}
    secret = tmp_path / "secret"
    secret.write_text("ours", encoding="utf-8")
    secret.chmod(0o600)
    with pytest.raises(BadSite) as error:
        opened(f"return Table((), {{'text': open({str(secret)!r}).read()}})")
    assert error.value.type == "file-open-failed"


def test_a_refusal_of_the_reader_comes_back_whole(opened):
    body = (
        "from zoning.bilingual import Bilingual\nfrom zoning.errors import BadSite\n"
        "raise BadSite('layer-unknown', Bilingual('没有 ' + str(asked.layer), 'none in ' + asked.name), file=asked.name)"
    )
    with pytest.raises(BadSite) as error:
        opened(body)
    assert (error.value.type, error.value.message.en, error.value.where) == (
        "layer-unknown",
        "none in a.test",
        {"file": "a.test"},
    )
