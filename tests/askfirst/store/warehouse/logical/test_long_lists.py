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
    with pytest.raises(Unavailable, match="too little memory"):
        warehouse.page().ask(figures_by, SCOPE, by, listing(), 2, 0)
    page = warehouse.page()
    counted = keep_counted(page, SCOPE, by, most_visits=ROWS // 12)
    found = page.ask(figures_by, counted, by, listing(), 2, 0)
    assert found["name"].tolist() == [f"{number:032x}" for number in range(2)]
    assert found["rows"].tolist() == [ROWS, ROWS]
    assert (
        found[["visitors", "visits", "views", "bounce_rate"]].to_numpy().tolist() == [[1] * 4] * 2
    )
