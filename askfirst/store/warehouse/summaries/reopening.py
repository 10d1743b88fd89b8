"""Reopening: what a batch that comes late changes in days and visits that are closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from askfirst.local_days import day_start, local_day
from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.closed_days import Closed, closed_days, closing
from askfirst.store.warehouse.summaries.source import digits, inserting, kept
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.summaries.source import Source

Touched = tuple[int, int, int]
"""Of an event that is to be stored: site, visit and time in milliseconds."""

_TOUCHED = {"visit": "int32"}


def reopen(source: Source, touched: Sequence[Touched]) -> list[Operation]:
    """Return the operations that have to come with the events: none where none is late.

    The first says which days are open: a report between two of them must not miss what is gone.

    An event on a closed day, or of a visit that is closed, opens the first day that it changes and
    all days after it, because their return gaps may refer to that day. Closed visits that get an
    event are open again.
    """
    visits = _closed_among(source, touched)
    late = _first_times(source, touched, visits)
    operations: list[Operation] = []
    for site, (time, closed) in late.items():
        day = local_day(time, closed.zone)
        operations += closing(site, Closed(closed.zone, day))
        operations += [Delete(one, equal={"site": site}, since={"day": day}) for one in _SUMMARIES]
    return [*operations, *_opened(source, visits)]


_SUMMARIES = ("counts", "gaps")


def _closed_among(source: Source, touched: Sequence[Touched]) -> pa.Table:
    visits = list({visit for _, visit, _ in touched})
    source.keep("touched_visits", arrow_table({"visit": visits}, _TOUCHED), _TOUCHED)
    return source.rows(_closed_visits)


def _closed_visits() -> Any:
    touched = kept("touched_visits", _TOUCHED)
    return stored("visits").semi_join(touched, "visit")


def _first_times(
    source: Source, touched: Sequence[Touched], visits: pa.Table
) -> dict[int, tuple[int, Closed]]:
    """Return, by site, the first affected time on a closed day, and the days closed so far."""
    times: dict[int, list[int]] = defaultdict(list)
    for site, _, time in touched:
        times[site].append(time)
    for site, start in zip(visits["site"].to_pylist(), visits["start"].to_pylist(), strict=True):
        times[site].append(start)
    found = closed_days(source)
    return {
        site: (min(all_), found[site])
        for site, all_ in times.items()
        if site in found and min(all_) < day_start(found[site].until, found[site].zone)
    }


def _opened(source: Source, visits: pa.Table) -> list[Operation]:
    if not visits.num_rows:
        return []
    keys = visits["visit"].combine_chunks()
    source.keep("touched_visits", visits, _TOUCHED)
    ids = source.rows(_ids_of_closed)
    rows = visits.join(ids, "visit", join_type="inner")
    gone: list[Operation] = [Delete(one, among={"visit": keys}) for one in ("visits", "visit_ids")]
    return [*gone, *inserting("open_visits", rows)]


def _ids_of_closed() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    touched = kept("touched_visits", _TOUCHED)
    events, names = stored("events"), stored("visit_ids")
    opening = events.filter(events.opens).select("visit", visit_id=events.event_id)
    found = ibis.union(opening, names.select("visit", "visit_id")).semi_join(touched, "visit")
    return found.select("visit", visit_id=digits(found.visit_id)).distinct()
