"""The visits that may go on: each visitor's last one since some time, as it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from askfirst.rules.applying import BY_OTHER, RESTRICTED
from askfirst.store.warehouse.identifiers import FORMS, text_of
from askfirst.store.warehouse.lookups import milliseconds, moment, other_ids
from askfirst.store.warehouse.summaries.source import digits, parameter
from askfirst.store.warehouse.tables import LASTS_AT_MOST, stored

if TYPE_CHECKING:
    from datetime import datetime

    from askfirst.store.warehouse.summaries.source import Source

_NEVER = 1 << 62


def last_visits(
    source: Source, since: datetime, until: datetime | None = None
) -> list[tuple[int, str, str, datetime, datetime]]:
    """Return (site, visitor, visit, start, time of the last event) of visits since a UTC time.

    Events from `until` on are passed over, so that it is the last visit of before. A site is
    negative where a recording rule leaves the visit out; what the reports leave out for another
    reason is part of the same visit as what they have.
    """
    first, end = milliseconds(since), _NEVER if until is None else milliseconds(until)
    times = {
        "since": first,
        "until": end,
        "earliest": first - LASTS_AT_MOST,
        "latest": end + LASTS_AT_MOST,
    }
    rows = source.rows(_last_visits, **times).to_pydict()
    others = other_ids(source.reader, source.dialect)
    return [
        (
            side,
            text_of(visitor, FORMS["visitor_id"], others),
            text_of(visit, FORMS["visit_id"], others),
            moment(start),
            moment(last),
        )
        for side, visitor, visit, start, last in zip(*rows.values(), strict=True)
    ]


def _last_visits() -> Any:
    events = stored("events")
    recent = events.filter(events.time >= parameter("since"), events.time < parameter("until"))
    recent = recent.mutate(side=_side(recent))
    parts = recent.group_by("side", "visitor", "visit").agg(last=recent.time.max())
    named = _with_visitor(parts.inner_join(_names(), "visit"))
    found = named.group_by("side", "visitor_id").agg(
        visit_id=named.visit_id.argmax(named["last"]), last=named["last"].max()
    )
    begun = _begun(_names().semi_join(found, "visit_id"))
    same = [found.side.abs() == begun.whose, "visitor_id", "visit_id"]
    told = found.inner_join(begun, same)
    return told.select(
        "side",
        visitor_id=digits(told.visitor_id),
        visit_id=digits(told.visit_id),
        start=told.start,
        last=told["last"],
    )


def _side(events: Any) -> Any:
    """Return the side of its site on which an event's visit goes on."""
    is_by_recording = events.excluded.isin([0, RESTRICTED + BY_OTHER])
    return is_by_recording.ifelse(events.site, events.site.abs())


def _begun(names: Any) -> Any:
    """Return when visits with these names began, on whichever side that is stored."""
    events = _near().select("site", "visitor", "visit", "time")
    before = events.filter(events.time < parameter("until"))
    named = _with_visitor(before.inner_join(names, "visit"))
    whose = {"whose": named.site.abs(), "visitor_id": named.visitor_id, "visit_id": named.visit_id}
    return named.group_by(**whose).agg(start=named.time.min())


def _names() -> Any:
    """Return the visits by their keys, each with its id; some come twice."""
    import ibis  # noqa: PLC0415 - half a second

    events = _near()
    opening = events.filter(events.opens).select("visit", visit_id=events.event_id)
    others = (stored(name).select("visit", "visit_id") for name in ("open_visits", "visit_ids"))
    return ibis.union(opening, *others)


def _near() -> Any:
    """Return the events that may be of a visit with an event in the time that is asked for."""
    events = stored("events")
    return events.filter(events.time >= parameter("earliest"), events.time < parameter("latest"))


def _with_visitor(rows: Any) -> Any:
    return rows.inner_join(stored("visitors").select("visitor", "visitor_id"), "visitor")
