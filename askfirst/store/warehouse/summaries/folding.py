"""Folding: the next days of a site that can be closed become rows of its summaries.

One step closes some days that together have about as many events as fit into memory: one day at a
time as they end, and many small ones where all is made anew, after a change of the time zone or
where most of it was deleted. Between two steps the summaries are exact for the days that are
closed, so a step that never comes loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from askfirst.local_days import day_start, local_day, offsets
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.closed_days import (
    Closed,
    closable,
    closed_days,
    closing,
    removing_summaries,
)
from askfirst.store.warehouse.summaries.contributions import Rows, contributions
from askfirst.store.warehouse.summaries.history import (
    AT_ONCE,
    Visitors,
    local_day_of,
    of_site,
    read_history,
    values_of,
)
from askfirst.store.warehouse.summaries.source import digits, inserting, parameter
from askfirst.store.warehouse.summaries.sums import added_up
from askfirst.store.warehouse.summaries.visit_figures import visits_of_history
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source


@dataclass(frozen=True)
class Span:
    """The times of a site's first and last event."""

    first: int
    last: int


def due(source: Source, site: int, zone: str, now: int) -> bool:
    """Return whether `fold` has something to do."""
    closed = closed_days(source).get(site)
    if closed is None or closed.zone != zone:
        span = span_of(source, site)
        return bool(closed) or (
            span is not None and local_day(span.first, zone) < closable(now, zone)
        )
    return closed.until < closable(now, zone)


def fold(source: Source, site: int, zone: str, now: int) -> list[Operation]:
    """Return the operations of the next step, none where no day can be closed.

    To be carried out in one commit before anything else is written. Repeat until it returns none.
    """
    closed, span = closed_days(source).get(site), span_of(source, site)
    anew = closed is None or closed.zone != zone
    end = closable(now, zone)
    first = closed.until if closed and not anew else end
    if span and anew:
        first = min(local_day(span.first, zone), end)
    if first >= end and (closed is None or not anew):
        return []
    cleared = removing_summaries(site) if anew else []
    until, has_events = _next_days(source, site, span, zone, (first, end))
    folded = _folded(source, site, span, Closed(zone, until), first) if has_events and span else []
    return [*cleared, *folded, *closing(site, Closed(zone, until))]


def span_of(source: Source, site: int) -> Span | None:
    """Return from when to when a site has events, or None where it has none."""
    found = source.one(_span, site=site)
    return Span(found["first"], found["last"]) if found["events"] else None


def _span() -> Any:
    mine = of_site(stored("events"))
    return mine.agg(first=mine.time.min(), last=mine.time.max(), events=mine.count())


def _seen(events: Any) -> Any:
    return (events.time >= parameter("since")) & (events.time < parameter("before"))


def _next_days(
    source: Source, site: int, span: Span | None, zone: str, days: tuple[int, int]
) -> tuple[int, bool]:
    """Return up to which day to close now, and whether there are events before it."""
    first, end = days
    if span is None or first >= end:
        return end, False
    found = offsets(span.first, span.last, zone)
    values = {**_times(days, zone), **values_of(found)}
    counted = source.rows(_by_day, len(found), site=site, **values).to_pydict()
    total = 0
    for day, number in sorted(zip(counted["day"], counted["events"], strict=True)):
        if total and total + number > AT_ONCE:
            return day, True
        total += number
    return end, total > 0


def _by_day(changes: int) -> Any:
    events = of_site(stored("events"))
    seen = events.filter(_seen(events))
    return seen.group_by(day=local_day_of(seen.time, changes)).agg(events=seen.count())


def _times(days: tuple[int, int], zone: str) -> dict[str, int]:
    return {"since": day_start(days[0], zone), "before": day_start(days[1], zone)}


def _folded(source: Source, site: int, span: Span, closed: Closed, first: int) -> list[Operation]:
    days = (first, closed.until)
    found = offsets(span.first, span.last, closed.zone)
    operations: list[Operation] = []
    rows: list[Rows] = []
    visitors = Visitors(site, _seen, _times(days, closed.zone))
    for some in visitors.sliced(visitors.events(source)[0]):
        read_history(source, some, found, since=day_start(first, closed.zone))
        rows.append(contributions(source, site, days))
        operations += _closed_visits(source, site, closed.until)
    for name in ("counts", "gaps"):
        operations += inserting(name, added_up(name, [getattr(one, name) for one in rows]))
    return operations


def _closed_visits(source: Source, site: int, until: int) -> list[Operation]:
    """Return the operations that move the open visits that began before the end of these days."""
    rows = source.rows(_begun_visits, site=site, until=until)
    if not rows.num_rows:
        return []
    keys = rows["visit"].combine_chunks()
    return [
        Delete("open_visits", equal={"site": site}, among={"visit": keys}),
        *inserting("visits", rows),
        *inserting("visit_ids", rows.filter(rows["named"])),
    ]


def _begun_visits() -> Any:
    visits, still = visits_of_history(), of_site(stored("open_visits"))
    begun = visits.filter(visits.day < parameter("until"))
    moved = begun.inner_join(still.select("site", "visit", "profile", "visit_id"), "visit")
    return moved.mutate(named=~moved.opened, visit_id=digits(moved.visit_id))
