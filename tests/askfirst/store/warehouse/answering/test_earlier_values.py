"""What visitors did on closed days is read once of each, until something of those days changes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from askfirst.local_days import day_start, local_day
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.logical.earlier import EARLIER_AT, MARK, PRESENT
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.lists import lists
from reports.questions.totals import totals
from tests.askfirst.conftest import NOON, events

DAY_MS = 86_400_000
ZONE = "UTC"
DIMENSIONS = ("all", "path", "entry", "browser")


class Asked:
    """Pages of the last week, and of how many visitors each asked what they had done before."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._of: list[int] = []
        self.meanwhile: list[Callable[[], object]] = []
        """What is done once while the page asks what was before, after it knows who is there."""
        self.at_once: list[Callable[[], object]] = []
        """What is done once as soon as the page knows who is there, and nothing else."""
        self.told: list[pa.Table] = []
        """What statements were handed of what visitors had before."""

    def page(self) -> tuple[list[int], list[Any]]:
        """Return of how many visitors each statement about closed days was, and the answers."""
        self._of = []
        memory = self._warehouse.known
        page = Page(self._reading, self._warehouse.dialect, memory=memory)
        end = day_start(local_day(NOON, ZONE) + 1, ZONE)
        summarised = self._warehouse.summarised(1)
        kept = keep_opened(
            page, scope_between(1, end - 7 * DAY_MS, end, ZONE, summarised), DIMENSIONS
        )
        told = [page.rows(totals, kept), page.rows(lists, kept, DIMENSIONS[1:], 10)]
        return sorted(self._of), [one.to_pylist() for one in told]

    @contextmanager
    def _reading(self, limit: Any) -> Iterator[Any]:
        with self._warehouse.reading(limit) as reader:
            yield _Watched(reader, self)

    def asks_about(self, present: pa.Table) -> None:
        self._of.append(len(present))
        while self.meanwhile:
            self.meanwhile.pop()()

    def knows_who_is_there(self) -> None:
        while self.at_once:
            self.at_once.pop()()


class _Watched:
    def __init__(self, reader: Any, asked: Asked) -> None:
        self._reader = reader
        self._asked = asked

    def arrow(self, sql: str, values: Any, beside: Mapping[str, pa.Table]) -> pa.Table:
        self._asked.told += [beside[name] for name in set(EARLIER_AT.values()) & set(beside)]
        if PRESENT in beside:
            self._asked.asks_about(beside[PRESENT])
        found = self._reader.arrow(sql, values, beside)
        if found.column_names == ["visitor"]:
            self._asked.knows_who_is_there()
        return found


@pytest.fixture
def stored(warehouse: Warehouse) -> Warehouse:
    """Anna and Bert came four days ago and today, Carl today; all days but today are closed."""
    early, today = NOON - 4 * DAY_MS, NOON
    rows = [_view("anna", early, "/a"), _view("bert", early, "/b"), _view("anna", today, "/a")]
    warehouse.append(events(*rows, _view("bert", today, "/a"), _view("carl", today, "/a")), "j", 1)
    warehouse.fold(1, ZONE, NOON + DAY_MS // 2)
    assert warehouse.summarised(1).until > local_day(early, ZONE)
    return warehouse


def _view(visitor: str, time: int, path: str) -> dict[str, Any]:
    moment = datetime.fromtimestamp(time / 1000, UTC).replace(tzinfo=None)
    named = {
        "visitor_id": visitor,
        "visit_id": f"{visitor}{time}",
        "event_id": f"{visitor}{time}{path}",
    }
    return {**named, "time": moment, "path": path, "kind": "page_view", "browser": "B"}


def test_of_whom_it_knows_a_page_asks_nothing_again(stored: Warehouse):
    asked = Asked(stored)
    first, told = asked.page()
    assert first == [3, 3, 3]  # pages, what visits say, what profiles say
    assert asked.page() == ([], told)


def test_of_new_visitors_alone_it_asks_when_more_comes(stored: Warehouse):
    asked = Asked(stored)
    asked.page()
    stored.append(events(_view("dora", NOON + 1, "/a"), _view("anna", NOON + 1, "/b")), "j", 2)
    of, (sums, pages) = asked.page()
    assert of == [1, 1, 1]
    assert sums[0]["visitors"] == 4
    by_path = {one["name"]: one["visitors"] for one in pages if one["dimension"] == 1}
    assert by_path == {"/a": 4, "/b": 2}


def test_each_value_of_a_visitor_is_told_once_whoever_is_asked_about_later(stored: Warehouse):
    asked = Asked(stored)
    asked.page()
    stored.append(events(_view("dora", NOON + 1, "/a"), _view("anna", NOON + 1, "/b")), "j", 2)
    asked.page()
    rows = [[tuple(row.values()) for row in one.to_pylist()] for one in asked.told]
    values = [[row for row in one if row[0] != MARK] for one in rows]
    assert any(values)
    assert all(len(one) == len(set(one)) for one in values)


@pytest.mark.parametrize("erased", ["anna", "bert"])
def test_law_6_after_an_erasure_nothing_is_remembered(stored: Warehouse, erased: str):
    asked = Asked(stored)
    asked.page()
    stored.delete_visitor(1, erased)
    of, (sums, pages) = asked.page()
    assert of == [2, 2, 2]
    assert sums[0]["visitors"] == 2
    by_path = {one["name"]: one["visitors"] for one in pages if one["dimension"] == 1}
    assert by_path == ({"/a": 2, "/b": 1} if erased == "anna" else {"/a": 2})


@pytest.mark.parametrize("when", ["at_once", "meanwhile"])
@pytest.mark.parametrize("erased", ["anna", "carl"])
def test_law_6_of_who_is_erased_between_two_readings_of_a_page_nothing_is_remembered(
    stored: Warehouse, when: str, erased: str
):
    before = numbers_of(stored)
    asked = Asked(stored)
    getattr(asked, when).append(lambda: stored.delete_visitor(1, erased))
    asked.page()
    (gone,) = before - numbers_of(stored)
    assert gone not in remembered(stored)
    asked.page()
    assert remembered(stored) == numbers_of(stored)


def remembered(warehouse: Warehouse) -> set[int]:
    """Return the numbers of the visitors that any known answer names."""
    known = [one.rows for one in warehouse.known._known.values()]
    named = [rows["visitor"].to_pylist() for rows in known if "visitor" in rows.column_names]
    return {visitor for one in named for visitor in one}


def numbers_of(warehouse: Warehouse) -> set[int]:
    """Return the numbers of the visitors that are stored."""
    return set(warehouse.answer("SELECT visitor FROM visitors")["visitor"])


def test_what_came_late_for_a_closed_day_is_not_missed(stored: Warehouse):
    asked = Asked(stored)
    asked.page()
    stored.append(events(_view("carl", NOON - 4 * DAY_MS, "/a")), "j", 2)
    of, (sums, _) = asked.page()
    assert of == [3, 3, 3]
    assert sums[0]["visitors"] == 3


def test_who_comes_back_while_a_page_is_found_does_not_count_twice(stored: Warehouse):
    late = events(_view("emil", NOON - 4 * DAY_MS, "/a"))
    stored.append(late, "j", 2)
    stored.fold(1, ZONE, NOON + DAY_MS // 2)
    asked, back = Asked(stored), events(_view("emil", NOON, "/a"))
    asked.meanwhile.append(lambda: stored.append(back, "j", 3))
    _, (_, during) = asked.page()
    _, (sums, after) = asked.page()
    visitors = [one["visitors"] for told in (during, after) for one in told if one["name"] == "/a"]
    assert sums[0]["visitors"] == 4
    assert visitors == [4] * 4  # of the page, and of the page that visits began with, both times


def test_too_much_is_not_remembered_and_the_answer_is_the_same(
    stored: Warehouse, monkeypatch: pytest.MonkeyPatch
):
    asked = Asked(stored)
    _, told = asked.page()
    stored.known = type(stored.known)(most_bytes=1)
    monkeypatch.setattr("askfirst.store.warehouse.answering.earlier_values.LONGEST_BYTES", 1)
    assert asked.page() == ([3, 3, 3], told)
    assert asked.page() == ([3, 3, 3], told)
