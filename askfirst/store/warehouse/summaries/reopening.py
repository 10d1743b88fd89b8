"""Reopening: what a batch that comes late changes in days and visits that are closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from askfirst.local_days import day_start, local_day
from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.closed_days import Closed, closing
from askfirst.store.warehouse.summaries.source import digits, inserting, kept
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.appending.touched import Touched
    from askfirst.store.warehouse.summaries.source import Source

_TOUCHED = {"visit": "int32"}


def reopen(
    source: Source,
    touched: Touched,
    begun: Collection[int],
    closed: Mapping[int, Closed],
) -> list[Operation]:
    """Return the operations that have to come with the events: none where none is late.

    `begun` are the visits that begin with them, `closed` is what `closed_days` returns.

    The first says which days are open: a report between two of them must not miss what is gone.

    An event on a closed day, or of a visit that is closed, opens the first day that it changes and
    all days after it, because their return gaps may refer to that day. Closed visits that get an
    event are open again.
    """
    visits = _closed_among(source, touched.visits.difference(begun))
    operations: list[Operation] = []
    for site, (time, zone) in _first_times(touched.first, visits, closed).items():
        day = local_day(time, zone)
        operations += closing(site, Closed(zone, day))
        operations += [Delete(one, equal={"site": site}, since={"day": day}) for one in _SUMMARIES]
    return [*operations, *_opened(source, visits)]


_SUMMARIES = ("counts", "gaps")


def _closed_among(source: Source, visits: set[int]) -> list[pa.Table]:
    """Return the rows of the closed visits among some, as one table, or nothing for none."""
    if not visits:
        return []
    source.keep("touched_visits", arrow_table({"visit": list(visits)}, _TOUCHED), _TOUCHED)
    found = source.rows(_closed_visits)
    return [found] if found.num_rows else []


def _closed_visits() -> Any:
    touched = kept("touched_visits", _TOUCHED)
    return stored("visits").semi_join(touched, "visit")


def _first_times(
    first: Mapping[int, int], visits: Sequence[pa.Table], closed: Mapping[int, Closed]
) -> dict[int, tuple[int, str]]:
    """Return, by site, the first affected time on a closed day, and the zone of the days."""
    times = defaultdict(list, {site: [time] for site, time in first.items()})
    for found in visits:
        starts = zip(found["site"].to_pylist(), found["start"].to_pylist(), strict=True)
        for site, start in starts:
            times[site].append(start)
    return {
        site: (min(all_), closed[site].zone)
        for site, all_ in times.items()
        if site in closed and min(all_) < day_start(closed[site].until, closed[site].zone)
    }


def _opened(source: Source, visits: Sequence[pa.Table]) -> list[Operation]:
    operations: list[Operation] = []
    for found in visits:
        keys = found["visit"].combine_chunks()
        source.keep("touched_visits", found, _TOUCHED)
        rows = found.join(source.rows(_ids_of_closed), "visit", join_type="inner")
        operations += [Delete(one, among={"visit": keys}) for one in ("visits", "visit_ids")]
        operations += inserting("open_visits", rows)
    return operations


def _ids_of_closed() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    touched = kept("touched_visits", _TOUCHED)
    events, names = stored("events"), stored("visit_ids")
    opening = events.filter(events.opens).select("visit", visit_id=events.event_id)
    found = ibis.union(opening, names.select("visit", "visit_id")).semi_join(touched, "visit")
    return found.select("visit", visit_id=digits(found.visit_id)).distinct()
