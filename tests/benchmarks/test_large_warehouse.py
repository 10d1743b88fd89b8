"""The generated warehouse has the shape that it says, and holds together as a stored one does."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from askfirst.store.warehouse.duckdb.files import closed_duckdb
from askfirst.store.warehouse.duckdb.schema import holds_foreign_objects
from benchmarks.load.large_warehouse import large_warehouse

EVENTS, PATHS = 20_000, 100


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return large_warehouse(tmp_path_factory.mktemp("cache"), EVENTS, PATHS)


@pytest.fixture
def warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(closed_duckdb(path, read_only=True)) as opened:
        yield opened


def _one(warehouse: duckdb.DuckDBPyConnection, sql: str) -> Any:
    (value,) = warehouse.execute(sql).fetchall()[0]
    return value


def test_it_has_the_tables_of_a_warehouse_and_nothing_else(path: Path) -> None:
    assert not holds_foreign_objects(path)


def test_it_is_kept_until_it_is_too_old(path: Path) -> None:
    made = path.stat().st_mtime_ns
    assert large_warehouse(path.parent, EVENTS, PATHS).stat().st_mtime_ns == made
    assert large_warehouse(path.parent, EVENTS, PATHS, kept_days=0).stat().st_mtime_ns > made


def test_its_shape_is_that_of_the_description(warehouse: duckdb.DuckDBPyConnection) -> None:
    events = _one(warehouse, "SELECT count(*) FROM events")
    visits = _one(warehouse, "SELECT count(DISTINCT visit) FROM events")
    returned = "(SELECT count(*) > 1 AS returned FROM open_visits GROUP BY visitor)"
    assert events == pytest.approx(EVENTS, rel=0.1)
    assert events / visits == pytest.approx(3.9, rel=0.05)
    assert _one(warehouse, f"SELECT avg(returned::INTEGER) FROM {returned}") == pytest.approx(
        1 / 3, abs=0.03
    )
    assert _one(warehouse, "SELECT max(time) FROM events") < time.time() * 1000


def test_every_key_of_an_event_leads_somewhere(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert _one(
        warehouse,
        """SELECT count(*) FROM events e JOIN open_visits v USING (visit, visitor)
        JOIN profiles p ON p.profile = CASE WHEN e.profile > 0 THEN e.profile ELSE v.profile END
        AND p.visitor = e.visitor
        JOIN consents c ON c.consent = p.consent JOIN visitors i ON i.visitor = e.visitor
        JOIN texts t ON t."column" = 'path' AND t.id = e.path""",
    ) == _one(warehouse, "SELECT count(*) FROM events")


def test_a_visit_has_one_event_whose_id_it_bears(warehouse: duckdb.DuckDBPyConnection) -> None:
    opened = "events e JOIN open_visits v USING (visit) WHERE e.opens AND e.event_id = v.visit_id"
    visits = _one(warehouse, "SELECT count(*) FROM open_visits")
    assert _one(warehouse, f"SELECT count(*) FROM {opened}") == visits
    assert _one(warehouse, "SELECT count(*) FROM events WHERE opens") == visits
