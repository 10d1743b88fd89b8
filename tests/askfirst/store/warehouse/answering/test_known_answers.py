"""Answers that nothing has changed are not asked for again, and never outlive a change."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from askfirst.store.warehouse.answering.changed import FOR_EVER
from askfirst.store.warehouse.answering.known_answers import KnownAnswers
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Delete, Insert, Operation
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.lists import lists
from reports.questions.totals import totals
from tests.askfirst.conftest import events

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
NOON = round(datetime(2026, 9, 21, 12, tzinfo=UTC).timestamp() * 1000)


class Watched(DuckDBEngine):
    """An engine that counts its readers, and can fail or wait."""

    reads = 0
    fails = False
    before_read: threading.Event | None = None

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[Any]:
        with super().reading(limit) as reader:
            self.reads += 1
            yield reader
            if self.before_read:
                self.before_read.wait(60)

    def commit(self, operations: Any, token: str) -> None:
        if self.fails:
            raise OSError("It may have been carried out.")
        super().commit(operations, token)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Watched]:
    opened = Watched(tmp_path / "warehouse.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def warehouse(engine: Watched) -> Warehouse:
    return Warehouse(engine)


def views(warehouse: Warehouse, site: int = 1, *, fresh: bool = False) -> int:
    """Return the page views of a site, as its page tells them or as they are asked for anew."""
    scope = scope_between(site, NOON - DAY_MS, NOON + DAY_MS)
    page = warehouse.page(None if fresh else site)
    return int(page.rows(totals, scope)["views"][0].as_py() or 0)


def test_an_answer_is_read_once_until_something_comes(warehouse: Warehouse, engine: Watched):
    warehouse.append(events({"event_id": "a"}), "j", 1)
    assert views(warehouse) == 1
    read = engine.reads
    assert [views(warehouse) for _ in range(3)] == [1, 1, 1]
    assert engine.reads == read
    warehouse.append(events({"event_id": "b"}), "j", 2)
    assert views(warehouse) == 2
    assert engine.reads > read


def test_another_list_reads_the_days_no_more_that_no_summary_tells_of(
    warehouse: Warehouse, engine: Watched
):
    warehouse.append(events({"event_id": "a"}), "j", 1)
    scope = scope_between(1, NOON - DAY_MS, NOON + DAY_MS)

    def reads_of(name: str) -> int:
        before, page = engine.reads, warehouse.page(1)
        kept = keep_opened(page, scope, ("all", name))
        assert page.rows(lists, kept, (name,), 10)["visitors"].to_pylist() == [1]
        return engine.reads - before

    first = reads_of("browser")
    assert reads_of("os") == first - 2  # who was seen, and which visits began


def test_an_answer_about_another_site_stays_known(warehouse: Warehouse, engine: Watched):
    warehouse.append(events({"event_id": "a"}, {"event_id": "b", "site_id": 2}), "j", 1)
    assert (views(warehouse, 1), views(warehouse, 2)) == (1, 1)
    warehouse.append(events({"event_id": "c", "site_id": 2, "path": "/new"}), "j", 2)
    read = engine.reads
    assert views(warehouse, 1) == 1
    assert engine.reads == read
    assert views(warehouse, 2) == 2


def test_what_is_left_out_of_a_site_changes_its_answers(warehouse: Warehouse):
    warehouse.append(events({"event_id": "a", "bot_rule": "webdriver", "excluded": 0}), "j", 1)
    assert views(warehouse) == 1
    warehouse.set_left_out(1, "webdriver", left_out=True)
    assert views(warehouse) == 0
    warehouse.set_left_out(1, "webdriver", left_out=False)
    assert views(warehouse) == 1


def test_law_6_an_erasure_forgets_every_answer(warehouse: Warehouse):
    warehouse.append(events({"event_id": "a"}, {"event_id": "b", "site_id": 2}), "j", 1)
    assert (views(warehouse, 1), views(warehouse, 2)) == (1, 1)
    assert len(warehouse.known) == 2
    assert warehouse.delete_visitor(1, "x") == 1
    assert len(warehouse.known) == 0
    assert (views(warehouse, 1), views(warehouse, 2)) == (0, 1)


def test_an_answer_that_a_change_overtakes_is_not_kept(warehouse: Warehouse, engine: Watched):
    warehouse.append(events({"event_id": "a"}), "j", 1)
    engine.before_read = threading.Event()
    found: list[int] = []
    reader = threading.Thread(target=lambda: found.append(views(warehouse)))
    read = engine.reads
    reader.start()
    while engine.reads == read:
        pass
    waiting, engine.before_read = engine.before_read, None
    warehouse.append(events({"event_id": "b"}), "j", 2)
    waiting.set()
    reader.join()
    assert found == [1]
    assert views(warehouse) == 2


def test_nothing_is_known_after_a_commit_that_may_have_failed(
    warehouse: Warehouse, engine: Watched
):
    warehouse.append(events({"event_id": "a"}, {"event_id": "b", "site_id": 2}), "j", 1)
    assert (views(warehouse, 1), views(warehouse, 2)) == (1, 1)
    engine.fails = True
    with pytest.raises(OSError, match="carried out"):
        warehouse.append(events({"event_id": "c"}), "j", 2)
    for _ in range(2):
        read = engine.reads
        assert views(warehouse, 2) == 1
        assert engine.reads > read
    engine.fails = False
    warehouse.append(events({"event_id": "c"}), "j", 2)
    assert (views(warehouse, 1), views(warehouse, 2)) == (2, 1)
    read = engine.reads
    assert (views(warehouse, 1), views(warehouse, 2)) == (2, 1)
    assert engine.reads == read


def test_an_engine_that_others_can_change_is_asked_each_time(warehouse: Warehouse, engine: Watched):
    engine.is_alone = False
    warehouse.append(events({"event_id": "a"}), "j", 1)
    assert views(warehouse) == 1
    read = engine.reads
    assert views(warehouse) == 1
    assert engine.reads > read


def test_a_page_that_names_no_site_is_asked_each_time(warehouse: Warehouse, engine: Watched):
    warehouse.append(events({"event_id": "a"}), "j", 1)
    assert views(warehouse, fresh=True) == 1
    read = engine.reads
    assert views(warehouse, fresh=True) == 1
    assert engine.reads > read
    assert len(warehouse.known) == 0


def test_what_a_known_answer_starts_from_is_not_read(warehouse: Warehouse, engine: Watched):
    warehouse.append(events({"event_id": "a"}), "j", 1)

    def listed() -> list[Any]:
        scope = scope_between(1, NOON - DAY_MS, NOON + DAY_MS)
        page = warehouse.page(1)
        scope = keep_opened(page, scope, ("path",))
        return page.rows(lists, scope, ("path",), 10).to_pylist()

    first = listed()
    read = engine.reads
    assert listed() == first
    assert [row["name"] for row in first] == ["x"]
    assert engine.reads == read


def test_rows_that_a_page_is_handed_are_never_known(warehouse: Warehouse, engine: Watched):
    from askfirst.store.warehouse.logical import rows

    warehouse.append(events({"event_id": "a", "path": "/a"}), "j", 1)
    found = warehouse.page(1).rows(rows.events_of_site, 1)
    texts = []
    for wanted in (rows.wanted_texts(found), rows.wanted_texts(found.slice(0, 0))):
        page = warehouse.page(1)
        page.keep_rows(rows.WANTED, wanted)
        texts.append(page.rows(rows.texts_wanted).num_rows)
    assert texts[0] > 0
    assert texts[1] == 0


def told_before(warehouse: Warehouse, end: int, *, fresh: bool = False) -> dict[str, Any]:
    """Return the totals of the days before a time."""
    scope = scope_between(1, end - 3 * DAY_MS, end)
    found: dict[str, Any] = warehouse.page(None if fresh else 1).rows(totals, scope).to_pylist()[0]
    return found


def _at(event: str, time: int, visit: str = "") -> dict[str, Any]:
    moment = datetime.fromtimestamp(time / 1000, UTC).replace(tzinfo=None)
    return {"event_id": event, "time": moment, "visit_id": visit or event}


def test_what_ended_before_the_earliest_visit_of_a_batch_stays_known(
    warehouse: Warehouse, engine: Watched
):
    warehouse.append(events(_at("a", NOON - HOUR_MS)), "j", 1)
    first = told_before(warehouse, NOON)
    warehouse.append(events(_at("b", NOON), _at("c", NOON + HOUR_MS, "b")), "j", 2)
    read = engine.reads
    assert told_before(warehouse, NOON) == first
    assert engine.reads == read
    assert told_before(warehouse, NOON + 1)["visits"] == 2
    warehouse.append(events(_at("d", NOON + 2 * HOUR_MS, "b")), "j", 3)
    read = engine.reads
    assert told_before(warehouse, NOON) == first
    assert engine.reads == read
    assert told_before(warehouse, NOON + 1)["views"] == 2


def test_a_prolonged_visit_changes_what_is_told_from_its_beginning_on(warehouse: Warehouse):
    warehouse.append(events(_at("b", NOON - HOUR_MS, "v")), "j", 1)
    warehouse.append(events(_at("a", NOON - 3 * HOUR_MS, "v")), "j", 2)  # which came late
    asked = [NOON - 2 * HOUR_MS, NOON]
    first = [told_before(warehouse, end)["seconds"] for end in asked]
    assert first == [7200, 7200]
    warehouse.append(events(_at("c", NOON + HOUR_MS, "v")), "j", 3)
    assert [told_before(warehouse, end)["seconds"] for end in asked] == [14_400, 14_400]


def test_a_visit_that_began_before_a_start_of_the_server_is_not_taken_for_a_new_one(
    tmp_path: Path,
):
    for number, hours in enumerate((-1, -3, 1), 1):
        warehouse = Warehouse(tmp_path / "again.duckdb")
        if number > 1:
            told_before(warehouse, NOON - 2 * HOUR_MS)
        warehouse.append(events(_at(f"e{number}", NOON + hours * HOUR_MS, "v")), "j", number)
        known = told_before(warehouse, NOON - 2 * HOUR_MS)
        assert known == told_before(warehouse, NOON - 2 * HOUR_MS, fresh=True)
        warehouse.close()


def test_an_answer_from_a_relation_that_a_change_has_overtaken_is_not_kept(warehouse: Warehouse):
    warehouse.append(events(_at("a", NOON)), "j", 1)
    page = warehouse.page(1)
    scope = scope_between(1, NOON - DAY_MS, NOON + DAY_MS)
    kept = keep_opened(page, scope, ("all", "path"))
    page.rows(lists, kept, ("path",), 10)
    warehouse.append(events(_at("b", NOON)), "j", 2)
    assert page.rows(totals, kept)["views"].to_pylist() == [1]
    later = warehouse.page(1)
    kept = keep_opened(later, scope, ("all", "path"))
    assert later.rows(totals, kept)["views"].to_pylist() == [2]


def _keep(
    known: KnownAnswers, key: Any, rows: pa.Table, *, site: int = 1, until: int = FOR_EVER
) -> None:
    known.keep(key, known.reading(site, until), rows)


def _rows_of(size: int) -> pa.Table:
    return pa.table({"n": pa.array([0] * (size // 8), pa.int64())})


def test_the_answer_that_was_used_longest_ago_goes_first():
    known = KnownAnswers(most_bytes=350_000)
    for name in "abc":
        _keep(known, name, _rows_of(100_000))
    assert known.find("a") is not None
    _keep(known, "d", _rows_of(100_000))
    assert [known.find(name) is not None for name in "abcd"] == [True, False, True, True]


def test_an_answer_that_is_longer_than_all_room_is_not_kept_and_no_other_goes_for_it():
    known = KnownAnswers(most_bytes=350_000)
    _keep(known, "a", _rows_of(100_000))
    _keep(known, "long", _rows_of(400_000))
    assert known.find("long") is None
    assert known.find("a") is not None


def test_answers_without_rows_and_long_filters_take_room_too():
    known = KnownAnswers(most_bytes=350_000)
    for number in range(200):
        _keep(known, (1, "SELECT", number), _rows_of(0))
    assert 0 < len(known) < 100
    for number in range(4):
        filtered = ("kept", ("SELECT", f"{number}" * 100_000))
        _keep(known, (1, "SELECT", filtered), _rows_of(8))
    assert len(known) == 3


def test_while_a_change_is_under_way_nothing_of_its_site_is_known():
    known = KnownAnswers()
    _keep(known, "one", _rows_of(8))
    _keep(known, "two", _rows_of(8), site=2)
    operations: list[Operation] = [Insert("events", pa.table({"site": [-1]}))]
    with known.changing(operations):
        assert known.reading(1, 5).is_overtaken
        assert known.find("one") is None
        assert known.find("two") is not None
    assert known.find("one") is None


def test_what_ends_before_a_change_begins_stays_known():
    known = KnownAnswers()
    _keep(known, "past", _rows_of(8), until=1000)
    _keep(known, "now", _rows_of(8), until=1001)
    operations: list[Operation] = [Insert("events", pa.table({"site": [-1, 1]}))]
    with known.changing(operations, {1: 1000}):
        assert known.find("past") is not None
        assert known.find("now") is None
        assert not known.reading(1, 1000).is_overtaken
    assert [known.find(name) is not None for name in ("past", "now")] == [True, False]
    with known.changing([*operations, Delete("events", equal={"site": 2})], {1: 1000}):
        pass
    assert known.find("past") is None
