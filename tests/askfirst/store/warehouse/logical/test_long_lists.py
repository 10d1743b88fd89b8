"""Lists of many values are counted part by part where the engine's memory has no room for all."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.files import Limits
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.figures_by.in_parts import keep_counted
from tests.askfirst.conftest import NOON, events

ROWS = 60_000
LITTLE = Limits(memory_mb=16, threads=1)
LISTS = (By("title"), By("path", reading_tells=True))
SCOPE = scope_between(1, NOON, NOON + 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of as many visitors as visits and events, each with a title and a page."""
    made = tmp_path_factory.mktemp("long") / "warehouse.duckdb"
    names = [f"{number:032x}" for number in range(ROWS)]
    one = events({"time": datetime.fromtimestamp(NOON / 1000, UTC).replace(tzinfo=None)})
    columns = {name: pa.repeat(one[name][0], ROWS) for name in ARROW_SCHEMA.names}
    columns |= dict.fromkeys(("event_id", "visit_id", "visitor_id", "title", "path"), names)
    warehouse = Warehouse(made)
    warehouse.append(pa.table(columns).cast(ARROW_SCHEMA), "j", 1)
    warehouse.close()
    return made


@pytest.fixture
def warehouse(path: Path) -> Iterator[Warehouse]:
    opened = Warehouse(DuckDBEngine(path, limits=LITTLE))
    yield opened
    opened.close()


@pytest.mark.parametrize("by", LISTS, ids=lambda by: by.column)
def test_a_list_of_more_values_than_memory_has_room_for_is_answered_whole(
    warehouse: Warehouse, by: By
):
    with pytest.raises(Unavailable, match="too little memory for this: choose fewer days"):
        warehouse.page().ask(figures_by, SCOPE, by, listing(), 2, 0)
    page = warehouse.page()
    counted = keep_counted(page, SCOPE, by, most_visits=ROWS // 12)
    found = page.ask(figures_by, counted, by, listing(), 2, 0)
    assert found["name"].tolist() == [f"{number:032x}" for number in range(2)]
    assert found["rows"].tolist() == [ROWS, ROWS]
    assert (
        found[["visitors", "visits", "views", "bounce_rate"]].to_numpy().tolist() == [[1] * 4] * 2
    )


def test_a_visit_that_reaches_a_page_after_the_period_counts_there_whichever_part_it_is_in(
    tmp_path: Path,
):
    """Its page is nobody's in its own part of the visitors, and that of somebody in another."""
    begin, end = NOON - 36_000_000, NOON
    seen = [(0, NOON - 7_200_000, "/a"), (1, NOON - 1000, "/b"), (1, NOON + 1000, "/a")]
    rows = [
        {
            "event_id": f"event{number}",
            "visit_id": f"visit{who}",
            "visitor_id": f"{who:032x}",
            "path": path,
            "time": datetime.fromtimestamp(time / 1000, UTC).replace(tzinfo=None),
        }
        for number, (who, time, path) in enumerate(seen)
    ]
    warehouse, scope = Warehouse(tmp_path / "w.duckdb"), scope_between(1, begin, end)
    warehouse.append(events(*rows), "j", 1)
    page = warehouse.page()
    whole = page.rows(figures_by, scope, By("path"), listing(), 9, 0).to_pylist()
    parts = keep_counted(page, scope, By("path"), most_visits=1)
    found = page.rows(figures_by, parts, By("path"), listing(), 9, 0).to_pylist()
    warehouse.close()

    assert parts.counted
    assert found == whole
    assert {row["name"]: (row["visitors"], row["visits"]) for row in found} == {
        "/a": (1, 2),
        "/b": (1, 1),
    }
