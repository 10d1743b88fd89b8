"""Whatever is stored, deleted or folded: what is known of a site is what would be read of it."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.local_days import day_start, local_day, offsets
from askfirst.store.warehouse.answering.page import Page
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.logical.scope import Scope, scope_between
from askfirst.store.warehouse.warehouse import Warehouse
from reports.questions.figures_by.columns import By, listing
from reports.questions.figures_by.figures_by import figures_by
from reports.questions.lists import lists
from reports.questions.measures.engaged import engaged
from reports.questions.over_time import over_time
from reports.questions.returning.cohorts import cohorts
from reports.questions.totals import totals
from tests.askfirst.conftest import NOON, events
from tests.askfirst.store.warehouse.amount import examples

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
ZONES = ("UTC", "Pacific/Kiritimati", "America/St_Johns")

_events = st.tuples(st.just("append"), st.integers(0, 7), st.integers(0, 23))
"""An event of the visit of this number, so many hours after the earliest that it may have."""
_others = st.tuples(
    st.sampled_from(("visitor", "before", "fold", "rewrite")), st.integers(0, 7), st.just(0)
)
_steps = st.lists(st.one_of(_events, _events, _events, _others), min_size=2, max_size=6)


@settings(max_examples=examples(4, 100))
@given(st.sampled_from(ZONES), _steps)
def test_what_is_known_is_what_would_be_read(zone: str, steps: list[tuple[str, int, int]]):
    with tempfile.TemporaryDirectory() as name:
        warehouse = Warehouse(Path(name) / "warehouse.duckdb")
        for number, (step, which, hours_after) in enumerate(steps):
            _take(warehouse, zone, step, which, hours_after, number)
            for days in (1, 0):
                known, fresh = (_told(warehouse, zone, days, fresh=one) for one in (False, True))
                assert known == fresh, (days, steps[: number + 1])
        warehouse.close()


def _take(
    warehouse: Warehouse, zone: str, step: str, which: int, hours_after: int, number: int
) -> None:
    begins = NOON - (which // 2) * DAY_MS + (which % 2) * 5 * HOUR_MS
    if step == "append":
        time = datetime.fromtimestamp((begins + hours_after * HOUR_MS) / 1000, UTC)
        row = {
            "event_id": f"e{number}",
            "time": time.replace(tzinfo=None),
            "visit_id": f"visit{which}",
            "visitor_id": f"v{which % 3}",
            "path": f"/{hours_after % 3}",
            "kind": "engagement" if hours_after % 4 == 3 else "page_view",
            "browser": "AB"[which % 2],
        }
        warehouse.append(events(row), "j", number + 1)
    elif step == "visitor":
        warehouse.delete_visitor(1, f"v{which % 3}")
    elif step == "before":
        warehouse.delete_before(1, datetime.fromtimestamp(begins / 1000, UTC).replace(tzinfo=None))
    elif step == "fold":
        warehouse.fold(1, ZONES[which % 3] if which > 5 else zone, NOON + (which % 3) * DAY_MS)
    else:
        warehouse.rewrite()


def _told(warehouse: Warehouse, zone: str, days: int, *, fresh: bool) -> list[Any]:
    """Return the answers about three local days that end so many days after today."""
    summarised = warehouse.summarised(1)
    today = local_day(NOON, zone)
    start, end = (day_start(today + one, zone) for one in (days - 3, days))
    whole = scope_between(1, start, end, zone, summarised)
    page = Page(warehouse.reading, warehouse.dialect) if fresh else warehouse.page(1)
    shifts = offsets(start, end, zone)
    asked: list[tuple[Any, ...]] = [
        *_of_scope(keep_opened(page, whole, ("all", "path", "browser", "entry")), whole, shifts),
        (cohorts, whole, "day", shifts),
    ]
    keep_matching(page, whole, _SEGMENT)
    asked += _of_scope(narrowed(whole, _SEGMENT), narrowed(whole, _SEGMENT), shifts)[:1]
    return [summarised, *(sorted(page.rows(*one).to_pylist(), key=str) for one in asked)]


_SEGMENT = Segment((Condition("path", "is_not", ("/1",)),))


def _of_scope(kept: Scope, whole: Scope, shifts: Any) -> list[tuple[Any, ...]]:
    found = [
        (totals, kept),
        (over_time, whole, "day", shifts, whole.open_from),
        (figures_by, whole, By("path"), listing(), 10),
        (engaged, whole),
    ]
    return [*found, (lists, kept, ("path", "browser", "entry"), 10)] if kept.kept else found
