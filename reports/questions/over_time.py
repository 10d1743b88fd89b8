"""How many visitors, visits and views in each step of time?"""

from datetime import date
from typing import Any

import ibis

from askfirst.clock import DAY_MS
from askfirst.local_days import Offsets, day_of
from askfirst.store.warehouse.logical.events import (
    VIEW,
    all_events_between,
    events_between,
    open_events,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope, raw
from askfirst.store.warehouse.logical.seen import (
    closed_visits,
    open_visits,
    reaching_across,
    whole,
)
from askfirst.store.warehouse.logical.summaries import counts_of, gaps_of
from askfirst.store.warehouse.logical.visits import starts_between

HOUR_MS = 3_600_000
_EPOCH = date(1970, 1, 1)


def over_time(scope: Scope, by: str, offsets: Offsets, since: int) -> Any:
    """Return a row a step in which something happened: bucket, visitors, visits and views.

    `bucket` is when the step begins, in milliseconds since the epoch on local clocks. `offsets` are
    those of the zone (see `reports.url.steps`). `since` is when the step began that the open part
    of the scope begins in: a visitor of this step counts once, whether seen before or after.
    """
    if by == "hour":
        return _summed(_open_part(raw(scope), by, offsets, scope.start))
    found = _closed_part(scope, by) if scope.closed else []
    if scope.open or not scope.closed:
        found += _open_part(scope, by, offsets, since)
    return _summed(found)


def _summed(found: list[Any]) -> Any:
    every = ibis.union(*found)
    return every.group_by("bucket").agg(
        **{name: every[name].sum() for name in ("visitors", "visits", "views")}
    )


def _row(found: Any) -> Any:
    zero = ibis.literal(0, "int64")
    names = ("bucket", "visitors", "visits", "views")
    return found.select(**{n: int64(found[n]) if n in found.columns else zero for n in names})


def _closed_part(scope: Scope, by: str) -> list[Any]:
    counts, gaps = counts_of(scope, "all"), gaps_of(scope, "all")
    begins = first_day_of(gaps.day, by)
    # Whoever came on an earlier day of the step was counted there, if the scope has that day.
    new = gaps.filter((gaps.prev < begins) | (gaps.prev < scope.first_day))
    return [
        _row(
            counts.group_by(bucket=begin_of(counts.day, by)).agg(
                visits=counts.visits.sum(), views=counts.views.sum()
            )
        ),
        _row(new.group_by(bucket=begin_of(new.day, by)).agg(visitors=new.visitors.sum())),
    ]


def _open_part(scope: Scope, by: str, offsets: Offsets, since: int) -> list[Any]:
    if scope.closed or scope.only or by == "hour":
        counted = _by_events(scope, by, offsets, since)
    else:
        counted = _by_visits(scope, by, offsets)
    visits = starts_between(scope, scope.open_from, scope.end)
    begun = visits.group_by(bucket=bucket_of(visits.start, by, offsets)).agg(visits=visits.count())
    return [_row(counted), _row(begun)]


def _by_events(scope: Scope, by: str, offsets: Offsets, since: int) -> Any:
    """Return bucket, visitors and views of the open part, found by reading its events."""
    events = open_events(scope)
    if scope.closed and by != "day":
        events = events_between(scope, since, scope.end).semi_join(events, "visitor")
    now = (events.time >= scope.open_from).ifelse(1, 0)
    views = (events.kind == VIEW).ifelse(now, 0)
    seen = events.group_by("visitor", bucket=bucket_of(events.time, by, offsets)).agg(
        now=now.max(), first=now.min(), views=views.sum()
    )
    new = (seen["first"] == 1).ifelse(1, 0)
    here = seen.filter(seen.now == 1)
    return here.group_by("bucket").agg(visitors=new.sum(), views=here.views.sum())


def _by_visits(scope: Scope, by: str, offsets: Offsets) -> Any:
    """Return the same where no days are closed; a visit within one step tells of its events."""
    visits = closed_visits(scope, scope.start, scope.end)
    first = bucket_of(visits.start, by, offsets)
    within = first == bucket_of(visits.start + visits.lasted, by, offsets)
    told = whole(visits.mutate(bucket=first).filter(within), scope.start, scope.end)
    odd = reaching_across(visits, scope.start, scope.end).select("visit")
    odd = odd.union(visits.filter(~within).select("visit"))
    if scope.running:
        odd = odd.union(open_visits(scope).select("visit"))
    events = all_events_between(scope, scope.start, scope.end).semi_join(odd, "visit")
    rows = ibis.union(
        told.select("visitor", "bucket", views=told.views.cast("int64")),
        events.select(
            "visitor",
            bucket=bucket_of(events.time, by, offsets),
            views=(events.kind == VIEW).ifelse(1, 0).cast("int64"),
        ),
    )
    seen = rows.group_by("visitor", "bucket").agg(views=int64(rows.views.sum()))
    return seen.group_by("bucket").agg(visitors=seen.count(), views=seen.views.sum())


def bucket_of(time: Any, by: str, offsets: Offsets) -> Any:
    """Return when the step of a time begins, in milliseconds on local clocks."""
    if by == "hour":
        local = local_time(time, offsets)
        return local - local % HOUR_MS
    return begin_of(day_of(time, offsets), by)


def local_time(time: Any, offsets: Offsets) -> Any:
    """Return a time on local clocks, in milliseconds."""
    *changes, (_, last) = offsets
    shift: Any = ibis.literal(last, "int64")
    if changes:
        shift = ibis.cases(
            *((time < until, ibis.literal(offset, "int64")) for until, offset in changes),
            else_=shift,
        )
    return time + shift


def begin_of(day: Any, by: str) -> Any:
    """Return when the step of a local day begins, in milliseconds on local clocks."""
    return first_day_of(day, by) * DAY_MS


def first_day_of(day: Any, by: str) -> Any:
    """Return the first day of the step that a local day is in; weeks begin on Mondays."""
    long = day.cast("int64")
    if by == "day":
        return long
    if by == "week":
        return long - (long + 3) % 7  # 1970-01-01 was a Thursday
    return long - ((ibis.literal(_EPOCH) + day.as_interval("D")).day() - 1)
