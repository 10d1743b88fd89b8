"""Who was here, what is known of them, and with which page did their last visit begin?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import (
    VIEW,
    events_of,
    of_first,
    of_last,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.identifiers import digits, with_other_id
from askfirst.store.warehouse.logical.numbers import int64, place
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts
from askfirst.store.warehouse.logical.visits import visits_between
from askfirst.store.warehouse.tables import stored
from reports.questions.visitors_found import found_among

ORDERS = ("last", "first", "visits", "views", "engaged")
"""The columns that the list can go by."""
_LAST_KNOWN = ("country", "browser", "os", "device")
_ENTRY = {
    "entry": "path",
    "entry_host": "host",
    "referrer": "referrer_host",
    "source": "utm_source",
}


def visitors(
    scope: Scope,
    limit: int,
    offset: int = 0,
    order: str = "last",
    descending: bool = True,
    only_found: bool = False,
) -> Any:
    """Return a row a visitor, last seen first; times are milliseconds since the epoch.

    visitor_id, `first` (ever), and in the scope `opened` and `last` (first and last event), visits
    (that began in it), views, seconds (the length of these visits) and `engaged` (seconds for which
    pages were read), what was last known of the visitor, and of the first page of the last visit
    its `entry` (the path), `entry_host`, `referrer` and `source` ('' where it has no page).
    `everybody` is how many visitors the whole list has: those in the scope, with `only_found` those
    that a search has found (`keep_found`). It goes by `order`, one of `ORDERS`; of equal ones who
    was seen last comes first. Only the visitors that
    are returned are read in full; the others take one pass over two or three columns.
    """
    shown = _shown(scope, (limit, offset), (order, descending), only_found)
    mine = events_of(scope).semi_join(shown, "visitor")
    whole = shown
    for found in (
        _seen(mine),
        _first_seen(shown, scope),
        _visits(shown, scope),
        _last(mine, scope),
    ):
        whole = whole.left_join(found, "visitor").drop("visitor_right")
    counted = ("visits", "seconds", *_ENTRY)
    whole = whole.mutate(**{name: whole[name].fill_null(0) for name in counted})
    texts = {name: (name, name) for name in _LAST_KNOWN}
    texts |= {name: (name, column) for name, column in _ENTRY.items()}
    ordered = [ibis.desc(order) if descending else ibis.asc(order)]
    ordered += [ibis.desc("last")] if order != "last" else []
    return with_texts(whole, texts).drop("visitor").order_by(*ordered, "visitor_id")


def _shown(scope: Scope, part: tuple[int, int], by: tuple[str, bool], only_found: bool) -> Any:
    """Return visitor, visitor_id and everybody of a part of the list: (limit, offset)."""
    limit, offset = part
    known = stored("visitors")
    events = found_among(events_of(scope)) if only_found else events_of(scope)
    every = _with_lead(events, scope, *by)
    placed = every.mutate(everybody=every.count().over(), place=place(every.lead))
    near = placed.filter(placed.place < ibis.literal(limit) + ibis.literal(offset))
    ids = known.select("visitor", visitor_id=digits(known.visitor_id))
    named = with_other_id(near.inner_join(ids, "visitor").drop("place"), "visitor_id")
    ordered = named.order_by(ibis.desc("lead"), ibis.desc("seen"), "visitor_id")
    return ordered.limit(limit, offset=offset).drop("seen", "lead")


def _with_lead(events: Any, scope: Scope, order: str, descending: bool) -> Any:
    """Return visitor, seen and `lead`, by which the list goes with the largest first."""
    seen = {"seen": events.time.max()}
    if order == "views":
        seen["lead"] = int64((events.kind == VIEW).ifelse(1, 0).sum())
    elif order == "engaged":
        seen["lead"] = int64(events.engaged_ms.sum())
    every = events.group_by("visitor").agg(**seen)
    if order == "first":
        every = every.inner_join(_first_seen(every, scope), "visitor").rename(lead="first")
    elif order == "visits":
        joined = every.left_join(_visits(every, scope), "visitor")
        every = joined.mutate(lead=int64(joined.visits.fill_null(0)))
    elif order == "last":
        every = every.mutate(lead=every.seen)
    lead = every.lead if descending else -every.lead
    return every.select("visitor", "seen", lead=lead)


def _seen(mine: Any) -> Any:
    viewed = (mine.kind == VIEW).ifelse(1, 0)
    return mine.group_by("visitor").agg(
        opened=mine.time.min(),
        last=mine.time.max(),
        views=viewed.sum(),
        engaged=int64(mine.engaged_ms.sum()) / 1000,
    )


def _first_seen(shown: Any, scope: Scope) -> Any:
    events = stored("events")
    ever = events.filter(events.site == scope.site_id).semi_join(shown, "visitor")
    return ever.group_by("visitor").agg(first=ever.time.min())


def _visits(shown: Any, scope: Scope) -> Any:
    begun = visits_between(scope, scope.start, scope.end, said=()).semi_join(shown, "visitor")
    return begun.group_by("visitor").agg(visits=begun.count(), seconds=begun.lasted.sum() / 1000)


def _last(mine: Any, scope: Scope) -> Any:
    """Return what the last event says of each visitor, and how its visit began."""
    columns = {"visit": "visit", "profile": "profile"}
    found = mine.group_by("visitor").agg(last=of_last(mine, columns))
    last = found.select("visitor", **{name: found["last"][name] for name in columns})
    known = with_profile(last, profiles_of_visits(scope.site_id))
    known = known.inner_join(stored("profiles").select("profile", *_LAST_KNOWN), "profile")
    return known.left_join(_entered(last, scope), "visit").drop("visit_right", "visit", "profile")


def _entered(last: Any, scope: Scope) -> Any:
    events = stored("events")
    views = events.filter(events.site == scope.site_id, events.kind == VIEW)
    views = views.semi_join(last, "visit")
    found = views.group_by("visit").agg(first=of_first(views, _ENTRY))
    return found.select("visit", **{name: found["first"][name] for name in _ENTRY})
