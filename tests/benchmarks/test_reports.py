"""The benchmark of reports: its windows, its SQL by hand, and the lines of its table."""

import math
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from askfirst.clock import DAY_MS
from askfirst.store.warehouse.filters.conditions import GOAL_OPERATORS, OPERATORS
from askfirst.store.warehouse.filters.numbers import NUMBER_OPERATORS
from askfirst.store.warehouse.logical.scope import Summarised
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.load.large_warehouse import large_warehouse
from benchmarks.reports import figures
from benchmarks.table import table
from benchmarks.warehouse.asking import SEGMENTS, Answers, answers
from benchmarks.warehouse.breakdowns import FILTERS, breakdowns, same_rows
from benchmarks.warehouse.changing import appending, erasing, fold_all
from benchmarks.warehouse.hand_sql import by_hand
from benchmarks.warehouse.in_turn import AGAIN, agree, in_turn
from benchmarks.warehouse.longer import longer
from benchmarks.warehouse.narrow_beside import goal_ms, goal_ratio, narrow_rows
from benchmarks.warehouse.narrow_sql import FILTERS as FILTERED
from benchmarks.warehouse.narrow_sql import NO_FILTER
from benchmarks.warehouse.window import asked
from reports.overview.dimensions import DIMENSIONS

EVENTS = 20_000


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a generated warehouse whose days are closed."""
    path = large_warehouse(tmp_path_factory.mktemp("cache"), EVENTS)
    with closing(Warehouse(path)) as warehouse:
        fold_all(warehouse, time.time_ns() // 1_000_000)
    return path


@pytest.fixture
def warehouse(folded: Path, tmp_path: Path) -> Iterator[Warehouse]:
    with closing(Warehouse(shutil.copyfile(folded, tmp_path / "warehouse.duckdb"))) as opened:
        yield opened


def _now(warehouse: Warehouse) -> int:
    return int(warehouse.answer("SELECT max(time) AS last FROM events")["last"].iloc[0]) + 1


@pytest.mark.parametrize("days", [30, 90])
def test_the_sql_by_hand_gives_the_answers_of_the_product(warehouse: Warehouse, days: int) -> None:
    wanted = asked(days, _now(warehouse), warehouse.summarised(1))
    assert wanted.period.closed
    assert wanted.period.open
    with ThreadPoolExecutor(2) as pool:
        ours = answers(warehouse, pool, wanted)
        assert agree(ours, by_hand(warehouse, pool, wanted)())
    assert len(ours["days"]) == days


def test_no_row_agrees_with_a_sum_of_nothing_and_with_no_other() -> None:
    """In the evening no event is older than ninety days, and SQL sums nothing up to NULL."""
    assert agree({"before": [(0, math.nan)]}, {"before": [(Decimal(0), None)]})
    assert not agree({"before": [(1, math.nan)]}, {"before": [(None, None)]})


def test_raw_rows_give_the_answers_of_the_product_by_a_process_of_their_own(
    warehouse: Warehouse, folded: Path, tmp_path: Path
) -> None:
    wanted = asked(90, _now(warehouse), warehouse.summarised(1))
    with ThreadPoolExecutor(2) as pool, narrow_rows(folded, tmp_path / "narrow", 2) as raw:
        for name in FILTERED:
            ours = answers(warehouse, pool, wanted, SEGMENTS.get(name))
            assert agree(ours, raw.answers(wanted, name)), name
        assert min(raw.milliseconds(wanted, NO_FILTER)) > 0


def test_others_are_asked_in_turn_with_the_product_and_compared_round_by_round() -> None:
    turns = []

    def ours() -> Answers:
        turns.append("ours")
        return {"totals": [(1, 2)]}

    def timed() -> tuple[float, float]:
        turns.append("other")
        return 1e9, 1e9

    found = in_turn(ours, {"other": (lambda: {"totals": [(1, 3)]}, timed)})
    assert turns == ["ours", *["ours", "other"] * AGAIN]
    assert found["other"]["ms"] == 1e9
    assert found["other"]["ratio"] == 0
    assert not found["other"]["same_answers"]


def test_a_goal_as_a_ratio_is_its_milliseconds_by_what_raw_rows_took_where_it_was_set() -> None:
    assert goal_ratio(1_000_000, 500, NO_FILTER, 30) == 1.54
    assert goal_ratio(1_000_000, 100_000, NO_FILTER, 90) == 0.74
    assert goal_ratio(10_000_000, 500, NO_FILTER, 90) == 0.15
    assert goal_ratio(10_000_000, 500, "country + browser", 30) == 3.57
    assert goal_ratio(1_000_000, 500, "page contains", 30) == 1.54


def test_what_was_not_measured_where_the_goals_were_set_has_none_as_a_ratio() -> None:
    assert goal_ratio(10_000_000, 100_000, NO_FILTER, 30) is None
    assert goal_ms(10_000_000, NO_FILTER, 30) == 100
    assert goal_ms(1_000_000, "page contains, most visits", 30) is None
    assert goal_ms(20_000, NO_FILTER, 30) is None


@pytest.mark.parametrize("name", SEGMENTS)
def test_each_filter_leaves_some_visits_and_not_all(warehouse: Warehouse, name: str) -> None:
    wanted = asked(90, _now(warehouse), warehouse.summarised(1))
    with ThreadPoolExecutor(2) as pool:
        every = answers(warehouse, pool, wanted)["totals"][0]
        some = answers(warehouse, pool, wanted, SEGMENTS[name])["totals"][0]
    assert 0 < some[0] < every[0]


def test_every_list_card_and_filter_is_asked_and_lists_agree_with_sql_by_hand(
    warehouse: Warehouse,
) -> None:
    wanted = asked(30, _now(warehouse), warehouse.summarised(1))
    named = breakdowns(warehouse, wanted)
    assert {f"list of {key}" for key in DIMENSIONS} < set(named)
    operators = {one.operator for conditions in FILTERS.values() for one in conditions}
    assert operators >= {*OPERATORS, *NUMBER_OPERATORS, *GOAL_OPERATORS}
    found = {name: ours() for name, (ours, _) in named.items()}
    by_hand = {name: hand() for name, (_, hand) in named.items() if hand}
    assert len(by_hand) > 5
    assert [name for name, rows in by_hand.items() if not same_rows(found[name], rows)] == []
    assert found["list of pages"]["views"].sum() > 1000


def test_events_are_appended_beside_a_page(warehouse: Warehouse) -> None:
    before = warehouse.counts_of(1)
    found = appending(warehouse, lambda: None, 0.1)
    assert found["events_a_second"] > 0
    assert warehouse.counts_of(1) > before


@pytest.mark.parametrize("days", [30, 90])
def test_each_of_the_longer_questions_finds_something(warehouse: Warehouse, days: int) -> None:
    wanted = asked(days, _now(warehouse), warehouse.summarised(1))
    found = {name: ask() for name, ask in longer(warehouse, wanted).items()}
    walks = found.pop("funnel of five steps")
    assert len(walks.visitors) > 0
    assert all(len(rows) > 0 for rows in found.values())


def test_erasing_is_measured_by_a_visitor_who_is_gone_afterwards(warehouse: Warehouse) -> None:
    found = erasing(warehouse, lambda: None, visitor=1)
    left = warehouse.answer("SELECT count(*) AS n FROM events WHERE visitor = 1")["n"].iloc[0]
    assert found["events"] > 0
    assert left == 0


def test_the_period_before_ends_where_the_period_begins() -> None:
    now = 1_795_000_000_000
    wanted = asked(30, now, Summarised("Europe/Berlin", (now // DAY_MS) - 2))
    assert wanted.before.end == wanted.period.start
    assert not wanted.before.open
    assert wanted.period.end == now


def test_answers_that_differ_in_one_number_do_not_agree() -> None:
    assert agree({"totals": [(1, 2.0001)]}, {"totals": [(1.0, 2)]})
    assert not agree({"totals": [(1, 2)]}, {"totals": [(1, 3)]})
    assert not agree({"totals": [("a",)]}, {"totals": []})


def _case(**changed: Any) -> dict[str, Any]:
    beside = {"ms": 40.0, "ratio": 1.25, "same_answers": True}
    raw_rows = {"ms": 20.0, "ratio": 2.5, "same_answers": True}
    contains = {"ms": 70.0, "raw_rows": raw_rows | {"ratio": 1.5}}
    plain = {"ms": 50.0, "by_hand": beside | changed, "raw_rows": raw_rows | changed}
    return {
        "size": 1_000_000,
        "engine": "duckdb",
        "events": 1_000_952,
        "paths": 500,
        "questions": {"30": {"no filter": plain, "page contains": contains}},
        "bytes_an_event": 43.0,
        "folding": {"last_day_s": 0.1, "all_days_s": 2.0},
        "rss_mib_after_asking": 300,
    }


def _lines(found: dict[str, Any]) -> list[str]:
    return table([("reports", figures({"cases": [found]}))]).splitlines()


def _line(found: dict[str, Any], part: str) -> str:
    (line,) = (one for one in _lines(found) if part in one)
    return line


def test_a_question_stands_beside_the_sql_by_hand_with_the_goal_of_its_size() -> None:
    line = _line(_case(), "no filter")
    assert "40 SQL by hand" in line
    assert "≤ 40, missed; ratio ≤ 1.30, met" in line
    assert "≤ 60, missed" in _line(_case(), "page contains")


def test_below_it_stands_the_same_beside_raw_rows_with_the_goal_as_a_ratio() -> None:
    plain, contains = (one for one in _lines(_case()) if "20 raw rows, narrow" in one)
    assert "2.50  ratio ≤ 1.54, missed" in plain
    assert "1.50  ratio ≤ 1.54, met" in contains


def test_answers_that_differ_are_said_in_the_table() -> None:
    differing = [one for one in _lines(_case(same_answers=False)) if "THE ANSWERS DIFFER" in one]
    assert len(differing) == 2


def test_a_size_without_goals_is_held_to_none_but_the_ratio() -> None:
    line = _line(_case() | {"size": 50_000}, "no filter")
    assert line.endswith("ratio ≤ 1.30, met")
