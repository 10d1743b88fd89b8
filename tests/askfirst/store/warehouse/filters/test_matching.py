"""Matching: any segment on any stream finds what the oracle finds, and counts what it counts."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings

from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.scope import scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.totals import totals
from tests.askfirst.store.warehouse import oracle
from tests.askfirst.store.warehouse.filters.segments import segments
from tests.askfirst.store.warehouse.streams import rows_of, streams, windows

NO_CHECKS = settings(suppress_health_check=list(HealthCheck), max_examples=60)


def milliseconds(naive: datetime) -> int:
    return round(naive.replace(tzinfo=UTC).timestamp() * 1000)


def filled(stream, folder):
    warehouse = Warehouse(Path(folder) / "warehouse.duckdb")
    for number, rows in enumerate(stream, start=1):
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        warehouse.append(batch_of(columns), "j", number)
    return warehouse


def answers(warehouse, site_id, window, segment):
    """Return the totals of a window, by the questions that pages ask."""
    page = warehouse.page()
    scope = scope_between(site_id, *map(milliseconds, window))
    keep_matching(page, scope, segment)
    found = page.ask(totals, narrowed(scope, segment)).to_dict("records")[0]
    found["seconds"] = None if found["visits"] == 0 else round(found["seconds"], 6)
    return found


def expected(stream, site_id, window, segment):
    asked = oracle.Segment(
        tuple(oracle.Condition(one.column, one.operator, one.values) for one in segment.conditions),
        segment.on,
    )
    found = oracle.totals(rows_of(stream), oracle.Window(site_id, *window), asked)
    found["seconds"] = None if found["seconds"] is None else round(found["seconds"], 6)
    return found


@NO_CHECKS
@given(streams(), windows, segments())
def test_any_segment_counts_what_the_oracle_counts(stream, window, segment):
    with TemporaryDirectory() as folder:
        warehouse = filled(stream, folder)
        try:
            for site in (1, 2):
                found = answers(warehouse, site, window, segment)
                assert found == expected(stream, site, window, segment)
        finally:
            warehouse.close()
