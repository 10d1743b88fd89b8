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
    times = {
        "since": milliseconds(since),
        "until": _NEVER if until is None else milliseconds(until),
        "earliest": milliseconds(since) - LASTS_AT_MOST,
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
    events, names = stored("events"), _names()
    recent = events.filter(events.time >= parameter("since"), events.time < parameter("until"))
    recent = recent.mutate(side=_side(recent))
    parts = recent.group_by("side", "visitor", "visit").agg(last=recent.time.max())
    named = _with_visitor(parts.inner_join(names, "visit"))
    found = named.group_by("side", "visitor_id").agg(
        visit_id=named.visit_id.argmax(named["last"]), last=named["last"].max()
    )
    begun = _begun(names.semi_join(found, "visit_id"))
    same = [found.side.abs() == begun.whose, "visitor_id", "visit_id"]
    return found.inner_join(begun, same).select("side", "visitor_id", "visit_id", "start", "last")


def _side(events: Any) -> Any:
    """Return the side of its site on which an event's visit goes on."""
    is_by_recording = events.excluded.isin([0, RESTRICTED + BY_OTHER])
    return is_by_recording.ifelse(events.site, events.site.abs())


def _begun(names: Any) -> Any:
    """Return when visits with these names began, on whichever side that is stored."""
    events = _late_enough(stored("events"))
    parts = events.group_by("site", "visitor", "visit").agg(first=events.time.min())
    named = _with_visitor(parts.inner_join(names, "visit"))
    whose = {"whose": named.site.abs(), "visitor_id": named.visitor_id, "visit_id": named.visit_id}
    return named.group_by(**whose).agg(start=named["first"].min())


def _names() -> Any:
    """Return the visits by their keys, each with its id."""
    import ibis  # noqa: PLC0415 - half a second

    events = _late_enough(stored("events"))
    opening = events.filter(events.opens)
    names = ibis.union(
        opening.select("visit", visit_id=opening.event_id),
        *(stored(name).select("visit", "visit_id") for name in ("open_visits", "visit_ids")),
        distinct=True,
    )
    return names.select("visit", visit_id=digits(names.visit_id))


def _late_enough(events: Any) -> Any:
    """Return the events that may be of a visit which goes on."""
    return events.filter(events.time >= parameter("earliest"))


def _with_visitor(rows: Any) -> Any:
    visitors = stored("visitors")
    named = visitors.select("visitor", visitor_id=digits(visitors.visitor_id))
    return rows.inner_join(named, "visitor")
