"""Who was seen and with which profile, found by visits, which are fewer than events.

A closed visit tells of all its events if every one lies in the stretch of time that is asked about.
Events are read of the other visits: of those that reach across an edge of it, or are not closed
yet. Events with a profile of their own are few, and are put right one by one.
"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import (
    VIEW,
    all_events_between,
    events_between,
    matched_visits,
)
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.tables import LASTS_AT_MOST, stored


def visitors_of_open_part(scope: Scope) -> Any:
    """Return the visitors (visitor, not distinct) with an event in the open part, and maybe more.

    They are found by visits, however many events there are.
    """
    visits = closed_visits(scope, scope.open_from, scope.end)
    late = visits.filter(visits.start + visits.lasted >= scope.open_from)
    return ibis.union(late.select("visitor"), open_visits(scope).select("visitor"))


def views_now(scope: Scope) -> Any:
    """Return visitor, profile and views of the open part, in rows that are to be added up."""
    start, end = scope.open_from, scope.end
    # Each event has to fulfil `only` by itself, which visits do not tell; and in the open part
    # beside closed days most visits are open, too.
    if scope.only or scope.closed:
        return _read(scope, events_between(scope, start, end), start, end)
    visits, events = closed_visits(scope, start, end), all_events_between(scope, start, end)
    told = whole(visits, start, end)
    across, near = reaching_across(visits, start, end), _near_edges(events, start, end)
    odd = [near.semi_join(across, "visit")]
    if scope.running:
        odd.append(events.semi_join(open_visits(scope), "visit"))
    return ibis.union(
        told.select("visitor", "profile", views=told.views.cast("int64")),
        *_put_right(events, told),
        *(_read(scope, one, start, end) for one in odd),
    )


def views_by_visitor(scope: Scope) -> Any:
    """Return visitor and views of the open part, as `views_now` does, for whom profiles are none.

    Which profile is in effect needs half a dozen joins more, and planning them takes most of the
    time of a short answer.
    """
    start, end = scope.open_from, scope.end
    if scope.only or scope.closed:
        return _views_of(events_between(scope, start, end))
    visits, events = closed_visits(scope, start, end), all_events_between(scope, start, end)
    told = whole(visits, start, end)
    odd = [_near_edges(events, start, end).semi_join(reaching_across(visits, start, end), "visit")]
    if scope.running:
        odd.append(events.semi_join(open_visits(scope), "visit"))
    return ibis.union(
        told.select("visitor", views=told.views.cast("int64")), *(_views_of(one) for one in odd)
    )


def _views_of(events: Any) -> Any:
    views = (events.kind == VIEW).ifelse(1, 0).sum()
    return events.group_by("visitor").agg(views=int64(views))


def visitors_before(scope: Scope, present: Any) -> Any:
    """Return those of the visitors in `present`, not distinct, who came before the open part."""
    start, end = scope.start, scope.open_from
    visits = closed_visits(scope, start, end).semi_join(present, "visitor")
    edges = _near_edges(events_between(scope, start, end), start, end)
    read = edges.semi_join(reaching_across(visits, start, end), "visit")
    return ibis.union(whole(visits, start, end).select("visitor"), read.select("visitor"))


def _put_right(events: Any, told: Any) -> list[Any]:
    """Return what events with profiles of their own add to these, and take from their visits'."""
    own = events.filter(events.profile != 0).select("visit", "kind", own="profile")
    joined = own.inner_join(told.select("visit", "visitor", "profile"), "visit")
    view = (joined.kind == VIEW).ifelse(1, 0).cast("int64")
    return [
        joined.select("visitor", profile="own", views=view),
        joined.select("visitor", "profile", views=-view),
    ]


def profiles_before(scope: Scope, present: Any) -> Any:
    """Return visitor and profile of events before the open part, of the visitors in `present`."""
    start, end = scope.start, scope.open_from
    visits = closed_visits(scope, start, end).semi_join(present, "visitor")
    told = whole(visits, start, end)
    events = events_between(scope, start, end)
    own = events.filter(events.profile != 0).semi_join(present, "visitor")
    edges = _near_edges(events, start, end)
    read = edges.semi_join(reaching_across(visits, start, end), "visit")
    plain = read.filter(read.profile == 0).select("visit").distinct()
    across = visits.semi_join(plain, "visit")
    return ibis.union(*(one.select("visitor", "profile") for one in (told, own, across)))


def _near_edges(events: Any, start: Any, end: Any) -> Any:
    near = events.time < ibis.literal(start) + LASTS_AT_MOST
    return events.filter(near | (events.time >= ibis.literal(end) - LASTS_AT_MOST))


def closed_visits(scope: Scope, start: Any, end: Any) -> Any:
    """Return the stored visits of closed days that may have events between two times."""
    visits = _near(scope, start, end)
    return visits.semi_join(matched_visits(), "visit") if scope.matched else visits


def open_visits(scope: Scope) -> Any:
    """Return the visits of a scope's site that began on days that are not closed."""
    visits = stored("open_visits")
    visits = visits.filter(visits.site == scope.site_id)
    return visits.semi_join(matched_visits(), "visit") if scope.matched else visits


def whole(visits: Any, start: Any, end: Any) -> Any:
    """Return those of the visits of which every event lies between two times."""
    return visits.filter(visits.start >= start, visits.start + visits.lasted < end)


def reaching_across(visits: Any, start: Any, end: Any) -> Any:
    """Return those of the visits that may have events between two times and have others outside."""
    last = visits.start + visits.lasted
    return visits.filter(last >= start, (visits.start < start) | (last >= end))


def _near(scope: Scope, start: Any, end: Any) -> Any:
    visits = stored("visits")
    return visits.filter(
        visits.site == scope.site_id,
        visits.start >= ibis.literal(start) - LASTS_AT_MOST,
        visits.start < end,
    )


def _read(scope: Scope, events: Any, start: Any, end: Any) -> Any:
    """Return visitor, profile and views of events, with the profile that is in effect."""
    views = (events.kind == VIEW).ifelse(1, 0).sum()
    seen = events.group_by("visitor", "visit", "profile").agg(views=int64(views))
    found = [_near(scope, start, end), open_visits(scope)]
    named = ibis.union(*(one.select("visit", of_visit="profile") for one in found))
    joined = seen.inner_join(named, "visit")
    own = (joined.profile == 0).ifelse(joined.of_visit, joined.profile)
    return joined.select("visitor", "views", profile=own).select("visitor", "profile", "views")
