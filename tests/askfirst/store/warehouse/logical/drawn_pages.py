"""Warehouses of drawn streams with few paths, and the scope of a drawn segment in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from askfirst.columns import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.scope import scope_between
from reports.url.steps import ms_of
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.conftest import OpenEngine
from tests.askfirst.store.warehouse.filters.segments import segments
from tests.askfirst.store.warehouse.filters.test_matching import SITE, ZONE, oracles
from tests.askfirst.store.warehouse.streams import rows_of

FEW = settings(
    suppress_health_check=list(HealthCheck),
    deadline=None,
    max_examples=examples(2, 40),
    derandomize=not IS_LONG,
    phases=(Phase.generate,),
)
PATHS = ("/", "/a", "/b", "")
SEVERAL = st.lists(st.sampled_from(PATHS), min_size=1, max_size=12)
KINDS = st.lists(st.sampled_from(("internal", "outbound", "download", "")), min_size=1, max_size=5)


@contextmanager
def asked(
    open_engine: OpenEngine, drawn: Any, segment: Any, paths: list[str], kinds: list[str]
) -> Iterator[Any]:
    """Yield rows, window, a page, the scope of a segment, and the segment as the oracle has it.

    The rows have few paths, so that visitors come back to pages and reload them.
    """
    stream, window, closed = drawn
    for number, row in enumerate(rows_of(stream)):
        row["path"] = paths[number % len(paths)]
        if row["kind"] == "link_click":
            row["link_kind"] = kinds[number % len(kinds)]
    with open_engine() as engine:
        warehouse = Warehouse(engine)
        for number, rows in enumerate(stream, start=1):
            columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "j", number)
        if closed:
            close_days(warehouse, SITE, ZONE, closed)
        known = warehouse.summarised(SITE)
        scope = scope_between(SITE, ms_of(window.start), ms_of(window.end), ZONE, known)
        page = warehouse.page()
        if segment.conditions:
            keep_matching(page, scope, segment)
            scope = narrowed(scope, segment)
        yield rows_of(stream), window, page, scope, oracles(segment)


SEGMENTS = st.one_of(segments(most=0), segments(most=2))
