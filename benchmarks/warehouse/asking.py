"""The six questions of a page, asked at once through the product's own layers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.filters.conditions import Condition, Segment
from askfirst.store.warehouse.filters.matching import keep_matching, narrowed
from askfirst.store.warehouse.logical.opened import keep_opened
from askfirst.store.warehouse.warehouse import Warehouse
from benchmarks.warehouse.window import ZONE, Asked
from reports.questions.lists import lists, shown_of
from reports.questions.over_time import over_time
from reports.questions.totals import totals
from reports.url.steps import since_of

LISTS = ("path", "referrer", "browser", "country")
ROWS = 10
SEGMENTS = {
    "country + browser": Segment(
        (Condition("country", "is", ("AB",)), Condition("browser", "is", ("Chrome",)))
    ),
    "page contains": Segment((Condition("path", "contains", ("/articles/12",)),)),
    "page contains, most visits": Segment((Condition("path", "contains", ("/articles/1",)),)),
}
Answers = dict[str, list[tuple[Any, ...]]]


def answers(
    warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked, segment: Segment | None = None
) -> Answers:
    """Ask for totals (also of the period before), days and four lists; return rows by question."""
    page, period, before = warehouse.page(), wanted.period, wanted.before
    if segment:
        keep_matching(page, wanted.both, segment)
        period, before = narrowed(period, segment), narrowed(before, segment)
    since = since_of(period, ZONE, "day")
    early = {
        "before": pool.submit(page.ask, totals, before),
        "days": pool.submit(page.ask, over_time, period, "day", wanted.offsets, since),
    }
    period = keep_opened(page, period, ("all", *LISTS))
    asked = {
        **early,
        "totals": pool.submit(page.ask, totals, period),
        "lists": pool.submit(page.ask, lists, period, LISTS, ROWS),
    }
    found = {name: future.result() for name, future in asked.items()}
    several = found.pop("lists")
    for name in LISTS:
        shown = shown_of(several, DIMENSIONS[name].number, ROWS)
        found[name] = shown[["amount", "visitors", "name"]]
    return {name: _rows(frame) for name, frame in found.items()}


def _rows(frame: Any) -> list[tuple[Any, ...]]:
    ordered = frame.sort_values("bucket") if "bucket" in frame.columns else frame
    return [tuple(row) for row in ordered.itertuples(index=False)]


def through_layers(
    warehouse: Warehouse, pool: ThreadPoolExecutor, wanted: Asked, segment: Segment | None
) -> Callable[[], Answers]:
    """Return what asks the whole page once."""
    return lambda: answers(warehouse, pool, wanted, segment)
