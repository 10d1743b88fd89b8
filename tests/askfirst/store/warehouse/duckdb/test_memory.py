"""Little memory: what runs out of it beside others is done again alone, or refused in words."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from askfirst.errors import TookTooLong, Unavailable
from askfirst.store.warehouse.duckdb import engine as engines
from askfirst.store.warehouse.duckdb import files
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.duckdb.reading.reader import DuckDBReader
from askfirst.store.warehouse.duckdb.reading.turns import Turns
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.duckdb.killing import a_batch, fill, held

THREADS = "SELECT current_setting('threads') AS threads"
MUCH = "SELECT count(DISTINCT md5(i::VARCHAR)) AS n FROM range({rows}) AS numbers(i)"


@pytest.fixture
def warehouse(tmp_path: Path):
    fill(tmp_path / "w")
    opened = Warehouse(DuckDBEngine(tmp_path / "w", limits=Limits(memory_mb=24, threads=2)))
    yield opened
    opened.close()


def out_of_memory(*_: object) -> pa.Table:
    raise duckdb.OutOfMemoryException("failed to allocate")


def test_a_page_whose_questions_take_too_much_at_once_is_answered(warehouse: Warehouse):
    asked = [MUCH.format(rows=60_000 + one) for one in range(12)]
    with ThreadPoolExecutor(12) as pool:
        found = [frame["n"][0] for frame in pool.map(warehouse.answer, asked)]
    assert found == [60_000 + one for one in range(12)]
    assert warehouse.answer(THREADS)["threads"][0] == 2


def test_no_more_questions_of_pages_are_read_at_once_than_there_are_threads_and_none_is_lost(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
):
    rows, met = DuckDBReader._rows, threading.Barrier(2)
    now, most = [], []

    def counted(reader, *asked):
        now.append(asked)
        most.append(len(now))
        met.wait(60)  # both places are taken before either is left
        found = rows(reader, *asked)
        now.pop()
        met.wait(60)
        return found

    def asked(number: int) -> int:
        with warehouse.engine.reading(TimeLimit(60)) as reader:
            return reader.arrow(f"SELECT {number} AS n")["n"][0].as_py()

    monkeypatch.setattr(DuckDBReader, "_rows", counted)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(asked, range(6))) == list(range(6))
    assert max(most) == 2


def test_what_pages_leave_no_place_to_is_answered_where_it_has_no_limit_as_shipping(
    warehouse: Warehouse,
):
    engine = warehouse.engine
    with engine.reading(TimeLimit(60)), engine.reading(TimeLimit(60)):
        with pytest.raises(TookTooLong), engine.reading(TimeLimit(0.01)):
            pass
        assert warehouse.counts_of(1) == (6, 3)
        warehouse.append(a_batch(2, 4), "j", 4)
        assert warehouse.watermark("j") == 4
    with engine.reading(TimeLimit(60)) as reader:
        assert reader.arrow("SELECT 1 AS n")["n"].to_pylist() == [1]


def test_who_leaves_a_place_and_asks_again_comes_after_those_who_wait(warehouse: Warehouse):
    engine, order = warehouse.engine, []

    def asked(number: int) -> None:
        with engine.reading(TimeLimit(60)):
            order.append(number)

    with engine.reading(TimeLimit(60)), ThreadPoolExecutor(4) as pool:
        with engine.reading(TimeLimit(60)):
            asking = []
            for number in range(4):
                asking.append(pool.submit(asked, number))
                while len(engine._places._waiting) <= number:
                    time.sleep(0.001)
        asked(4)
        assert [one.result() for one in asking] == [None] * 4
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_up_waiting_for_a_place_keeps_nobody_from_it(warehouse: Warehouse):
    engine = warehouse.engine

    def one() -> list[int]:
        with engine.reading(TimeLimit(60)) as reader:
            return reader.arrow("SELECT 1 AS n")["n"].to_pylist()

    with engine.reading(TimeLimit(60)), ThreadPoolExecutor(1) as pool:
        with engine.reading(TimeLimit(60)):
            with pytest.raises(TookTooLong), engine.reading(TimeLimit(0.01)):
                pass
            asked = pool.submit(one)
        assert asked.result(60) == [1]


@pytest.mark.parametrize(
    ("cores", "limits", "most", "at_once"),
    [
        (1.0, Limits(), "160MB", 2),
        (1.5, Limits(), "160MB", 2),
        (3.0, Limits(), "240MB", 3),
        (64.0, Limits(), "320MB", 64),
        (64.0, Limits(threads=2), "160MB", 2),
        (2.0, Limits(memory_mb=500, threads=8), "500MB", 8),
    ],
)
def test_memory_and_questions_at_once_go_by_the_threads(
    monkeypatch: pytest.MonkeyPatch, cores: float, limits: Limits, most: str, at_once: int
):
    monkeypatch.setattr(files, "is_scarce", lambda: False)
    monkeypatch.setattr(files, "usable_processors", lambda: cores)
    assert (limits.config()["memory_limit"], limits.questions_at_once()) == (most, at_once)


@pytest.mark.parametrize(
    ("limits", "at_once"),
    [
        (Limits(), 2),
        (Limits(threads=1), 1),
        (Limits(memory_mb=160), 2),
        (Limits(memory_mb=159), 1),
        (Limits(memory_mb=48), 1),
        (Limits(memory_mb=900, threads=8), 2),
    ],
)
def test_statements_of_a_copy_go_side_by_side_only_where_memory_suffices(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, at_once: int
):
    monkeypatch.setattr(files, "is_scarce", lambda: False)
    monkeypatch.setattr(files, "usable_processors", lambda: 2.0)
    assert limits.copied_at_once() == at_once


def test_what_takes_too_much_alone_is_refused_in_words_and_harms_nothing_else(
    warehouse: Warehouse,
):
    too_much = "SELECT list(md5(i::VARCHAR)) AS n FROM range(2000000) AS numbers(i)"
    with pytest.raises(Unavailable, match="warehouse_memory_mb"):
        warehouse.answer(too_much)
    assert warehouse.answer(THREADS)["threads"][0] == 2
    assert warehouse.counts_of(1) == (6, 3)


def test_a_question_that_ran_out_of_memory_is_asked_again_with_one_thread(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
):
    rows, failing = DuckDBReader._rows, [out_of_memory]

    def failed_once(reader, *asked):
        return (failing.pop() if failing else rows)(reader, *asked)

    monkeypatch.setattr(DuckDBReader, "_rows", failed_once)
    assert warehouse.answer(THREADS)["threads"][0] == 1
    assert warehouse.answer(THREADS)["threads"][0] == 2


def test_law_7_a_batch_that_ran_out_of_memory_is_stored_again_whole_and_once(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
):
    carry_out, done = engines.carry_out, []

    def fails_at_the_third(cursor, operation):
        done.append(operation.table)
        if len(done) == 3:
            out_of_memory()
        carry_out(cursor, operation)

    monkeypatch.setattr(engines, "carry_out", fails_at_the_third)
    warehouse.append(a_batch(2, 4), "j", 4)
    assert done[:3] == done[3:6]
    assert warehouse.counts_of(1) == (8, 5)
    assert warehouse.answer(THREADS)["threads"][0] == 2


def test_law_7_a_batch_for_which_memory_never_suffices_is_stored_not_at_all(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with monkeypatch.context() as patched:
        patched.setattr(engines, "carry_out", out_of_memory)
        with pytest.raises(Unavailable, match="too little memory for this: let it take more"):
            warehouse.append(a_batch(2, 4), "j", 4)
    assert warehouse.answer(THREADS)["threads"][0] == 2
    warehouse.append(a_batch(2, 4), "j", 4)
    warehouse.close()
    assert len(held(tmp_path / "w")["events"]) == 8


def test_who_works_again_is_alone_and_who_comes_meanwhile_waits():
    turns, log = Turns(), []
    begun, may_end = threading.Event(), threading.Event()

    def long() -> None:
        begun.set()
        may_end.wait()
        log.append("long")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(turns.take, long, out_of_memory)
        begun.wait()
        failed = pool.submit(turns.take, out_of_memory, lambda: log.append("alone"))
        with turns._changed:
            assert turns._changed.wait_for(lambda: turns._waiting or log, timeout=60)
        later = pool.submit(turns.take, lambda: log.append("later"), out_of_memory)
        may_end.set()
        for one in (first, failed, later):
            one.result(60)
    assert log == ["long", "alone", "later"]


KEPT = """
SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'BASE_TABLE'
UNION ALL SELECT count(DISTINCT seq) FROM shipped
"""
EVERY_VISITOR = "SELECT count(DISTINCT visitor_id) AS n FROM visitors"
MANY = 200_000


@pytest.fixture
def large(tmp_path: Path):
    """An engine whose file has more than fits into what is kept of one that nobody asks."""
    path = tmp_path / "large"
    DuckDBEngine(path).close()
    with duckdb.connect(str(path)) as connection:
        rows = f"SELECT 1, i, uuid() FROM range(10 * {MANY}) AS numbers(i)"
        connection.execute(f"INSERT INTO visitors {rows}")
    opened = DuckDBEngine(path, limits=Limits(memory_mb=160, threads=2))
    yield opened
    opened.close()


def asked(engine: DuckDBEngine, sql: str, limit: TimeLimit | None = None) -> int:
    with engine.reading(limit) as reader:
        return reader.arrow(sql)[0][0].as_py()


def kept(engine: DuckDBEngine) -> int:
    """Return how many bytes of a file are kept in memory."""
    return asked(engine, KEPT)


def test_what_is_kept_of_a_file_is_given_back_once_no_page_has_asked_for_a_while(
    large: DuckDBEngine,
):
    found = asked(large, EVERY_VISITOR, TimeLimit(60))
    before = kept(large)
    large.release_memory()
    assert kept(large) == before > 20_000_000
    large.release_memory()
    assert kept(large) < 17_000_000
    assert asked(large, "SELECT current_setting('memory_limit') = '152.5 MiB'") is True
    assert asked(large, EVERY_VISITOR, TimeLimit(60)) == found == 10 * MANY


def test_what_is_asked_while_memory_is_given_back_is_answered(large: DuckDBEngine):
    def released(_number: int) -> None:
        large._was_asked = False
        large.release_memory()

    with ThreadPoolExecutor(3) as pool:
        given = pool.map(released, range(50))
        some = f"SELECT count(DISTINCT visitor_id) AS n FROM visitors WHERE visitor < {MANY}"
        found = list(pool.map(lambda _: asked(large, some, TimeLimit(60)), range(12)))
        assert list(given) == [None] * 50
    assert found == [MANY] * 12


def test_memory_is_not_given_back_while_the_file_is_exchanged_and_everybody_goes_on(
    large: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
):
    """A reader between two statements lets the exchange wait; who is alone must not wait for it."""
    exchange, exchanging = large._connection.exchange, threading.Event()

    def told(replace: Callable[[], None]) -> None:
        exchanging.set()
        exchange(replace)

    monkeypatch.setattr(large._connection, "exchange", told)
    with ThreadPoolExecutor(2) as pool:
        with large.reading() as reader:
            rewriting = pool.submit(large.rewrite)
            assert exchanging.wait(60)
            pool.submit(large.release_memory).result(60)
            assert reader.arrow("SELECT 1 AS n")["n"].to_pylist() == [1]
        rewriting.result(60)
    assert asked(large, EVERY_VISITOR) == 10 * MANY


def test_a_statement_that_takes_long_keeps_nobody_from_beginning_when_memory_is_given_back():
    turns, done = Turns(), []

    def works() -> None:
        assert not turns.alone_now(lambda: done.append("evicted"))
        turns.take(lambda: done.append("another"), lambda: None)

    turns.take(works, lambda: None)
    assert done == ["another"]
    assert turns.alone_now(lambda: done.append("evicted"))
    with pytest.raises(ValueError, match="no"):
        turns.alone_now(lambda: fails("no"))
    turns.take(lambda: done.append("after"), lambda: None)
    assert done == ["another", "evicted", "after"]


def fails(why: str) -> None:
    raise ValueError(why)
