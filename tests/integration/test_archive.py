"""Stored checks: one row per question, the first bytes for ever, numbers per county and day without gaps."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from layers.archive import StoredCheck, load_check, save_check
from layers.load import load_bundled
from zoning.errors import NotFound

DAY = dt.date(2024, 6, 30)


@pytest.fixture
def db(empty_db, world):
    load_bundled(empty_db, world.folder, world.catalogue)
    return empty_db


def save(engine: sa.Engine, id: str, *, county: str = "140826", day: dt.date = DAY) -> StoredCheck:
    request = {"project": {"industry": "C2521"}}
    return save_check(
        engine, id=id, release=1, request=request, county=county, day=day, result=lambda n: f'{{"number":"{n}","山":1}}'
    )


def test_number_is_county_day_and_serial(db):
    assert save(db, "a").number == "140826-20240630-0001"
    assert save(db, "b").number == "140826-20240630-0002"
    assert save(db, "c", county="140827").number == "140827-20240630-0001"
    assert save(db, "d", day=dt.date(2024, 7, 1)).number == "140826-20240701-0001"


def test_same_question_keeps_its_number_and_bytes(db):
    first = save(db, "a")
    again = save_check(
        db, id="a", release=1, request={}, county="140827", day=dt.date(2025, 1, 1), result=lambda _: "something else"
    )
    assert again == first
    assert load_check(db, "a") == load_check(db, first.number) == first
    assert first.result == '{"number":"140826-20240630-0001","山":1}'
    assert save(db, "b").number.endswith("0002")


def test_serial_grows_past_four_digits(db):
    with db.begin() as connection:
        connection.execute(sa.text("insert into check_serial values ('140826', :day, 9999)"), {"day": DAY})
    assert save(db, "a").number == "140826-20240630-10000"


def test_failure_while_saving_stores_nothing_and_takes_no_number(db):
    def fail(_: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save_check(db, id="a", release=1, request={}, county="140826", day=DAY, result=fail)
    with pytest.raises(NotFound):
        load_check(db, "a")
    assert save(db, "b").number.endswith("0001")


def waiting(engine: sa.Engine) -> int:
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    with engine.connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def test_parallel_savers_of_one_question_get_one_row_and_one_number(db):
    save(db, "first")
    found: list[StoredCheck] = []
    threads = [threading.Thread(target=lambda: found.append(save(db, "same"))) for _ in range(4)]
    with db.begin() as connection:
        # All four have found nothing stored and stand at the serial before the first may go on.
        connection.execute(sa.text("select serial from check_serial for update"))
        for thread in threads:
            thread.start()
        while waiting(db) < 4:
            threads[0].join(0.01)
            assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(map(repr, found))) == 1
    assert found[0].number.endswith("0002")
    assert save(db, "next").number.endswith("0003")


def test_unknown_check_is_not_found(db):
    with pytest.raises(NotFound) as caught:
        load_check(db, "140826-20240630-0007")
    assert caught.value.where["value"] == "140826-20240630-0007"
