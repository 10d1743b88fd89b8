"""Answers that nothing has changed are not asked for again, and never outlive a change."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.store.warehouse.answering.known_answers import KnownAnswers
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Insert, Operation
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.lists import lists
from reports.questions.totals import totals
from tests.askfirst.conftest import events
from tests.askfirst.store.warehouse.amount import examples

DAY_MS = 86_400_000
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
                self.before_read.wait(10)

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


def _rows_of(size: int) -> pa.Table:
    return pa.table({"n": pa.array([0] * (size // 8), pa.int64())})


def test_the_answer_that_was_used_longest_ago_goes_first():
    known = KnownAnswers(most_bytes=350_000)
    for name in "abc":
        known.keep(name, 1, _rows_of(100_000), known.state(1))
    assert known.find("a", 1) is not None
    known.keep("d", 1, _rows_of(100_000), known.state(1))
    assert [known.find(name, 1) is not None for name in "abcd"] == [True, False, True, True]


def test_an_answer_that_is_longer_than_all_room_is_not_kept():
    known = KnownAnswers(most_bytes=350_000)
    known.keep("a", 1, _rows_of(100_000), known.state(1))
    known.keep("long", 1, _rows_of(400_000), known.state(1))
    assert known.find("long", 1) is None
    assert len(known) <= 1


def test_answers_without_rows_and_long_filters_take_room_too():
    known = KnownAnswers(most_bytes=350_000)
    for number in range(200):
        known.keep((1, "SELECT", number), 1, _rows_of(0), known.state(1))
    assert 0 < len(known) < 100
    for number in range(4):
        filtered = ("kept", ("SELECT", f"{number}" * 100_000))
        known.keep((1, "SELECT", filtered), 1, _rows_of(8), known.state(1))
    assert len(known) == 3


def test_while_a_change_is_under_way_nothing_of_its_site_is_known():
    known = KnownAnswers()
    known.keep("one", 1, _rows_of(8), known.state(1))
    known.keep("two", 2, _rows_of(8), known.state(2))
    operations: list[Operation] = [Insert("events", pa.table({"site": [-1]}))]
    with known.changing(operations):
        assert known.state(1) is None
        assert known.find("one", 1) is None
        assert known.find("two", 2) is not None
    assert known.find("one", 1) is None


_steps = st.lists(
    st.tuples(
        st.sampled_from(("append", "append", "visitor", "before", "fold", "rewrite")),
        st.integers(1, 2),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=examples(6, 40))
@given(_steps)
def test_what_is_known_is_what_would_be_read(steps: list[tuple[str, int, int]]):
    with tempfile.TemporaryDirectory() as name:
        warehouse = Warehouse(Path(name) / "warehouse.duckdb")
        for number, (step, site, days) in enumerate(steps):
            _take(warehouse, step, site, days, number)
            for one in (1, 2):
                assert _told(warehouse, one, fresh=False) == _told(warehouse, one, fresh=True)
        warehouse.close()


def _take(warehouse: Warehouse, step: str, site: int, days: int, number: int) -> None:
    time = datetime.fromtimestamp((NOON - days * DAY_MS) / 1000, UTC).replace(tzinfo=None)
    if step == "append":
        one = {"event_id": f"e{number}", "site_id": site, "time": time, "visit_id": f"e{number}"}
        warehouse.append(events({**one, "visitor_id": f"v{days % 2}"}), "j", number + 1)
    elif step == "visitor":
        warehouse.delete_visitor(site, f"v{days % 2}")
    elif step == "before":
        warehouse.delete_before(site, time)
    elif step == "fold":
        warehouse.fold(site, "UTC", NOON + 2 * DAY_MS)
    else:
        warehouse.rewrite()


def _told(warehouse: Warehouse, site: int, *, fresh: bool) -> list[Any]:
    summarised = warehouse.summarised(site)
    scope = scope_between(site, NOON - NOON % DAY_MS - 3 * DAY_MS, NOON + DAY_MS, "UTC", summarised)
    page = warehouse.page(None if fresh else site)
    kept = keep_opened(page, scope, ("all", "path"))
    asked = [(totals, kept), (lists, kept, ("path",), 10)]
    return [summarised, *(page.rows(*one).to_pylist() for one in asked)]
