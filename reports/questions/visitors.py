"""Who was here, what is known of them, and with which page did their last visit begin?"""

from typing import Any

import ibis

from askfirst.store.warehouse.logical.events import (
    VIEW,
    events_of,
    place_of,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.identifiers import digits, with_other_id
from askfirst.store.warehouse.logical.numbers import place
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts
from askfirst.store.warehouse.logical.visits import visits_between
from askfirst.store.warehouse.tables import stored

_LAST_KNOWN = ("country", "browser", "os", "device")
_ENTRY = {
    "entry": "path",
    "entry_host": "host",
    "referrer": "referrer_host",
    "source": "utm_source",
}


def visitors(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a visitor, last seen first; times are milliseconds since the epoch.

    visitor_id, `first` (ever), and in the scope `opened` and `last` (first and last event), visits
    (that began in it), views and seconds (the length of these visits), what was last known of the
    visitor, and of the first page of the last visit its `entry` (the path), `entry_host`,
    `referrer` and `source` ('' where it has no page). `everybody` is how many visitors there are in
    the scope. Only the visitors that are returned are read in full; the others take one pass over
    two columns.
    """
    shown = _last_seen(scope, limit, offset)
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
    return with_texts(whole, texts).drop("visitor").order_by(ibis.desc("last"), "visitor_id")


def _last_seen(scope: Scope, limit: int, offset: int) -> Any:
    events, known = events_of(scope), stored("visitors")
    every = events.group_by("visitor").agg(seen=events.time.max())
    placed = every.mutate(everybody=every.count().over(), place=place(every.seen))
    near = placed.filter(placed.place < ibis.literal(limit) + ibis.literal(offset))
    ids = known.select("visitor", visitor_id=digits(known.visitor_id))
    named = with_other_id(near.inner_join(ids, "visitor").drop("place"), "visitor_id")
    newest = named.order_by(ibis.desc("seen"), "visitor_id").limit(limit, offset=offset)
    return newest.drop("seen")


def _seen(mine: Any) -> Any:
    viewed = (mine.kind == VIEW).ifelse(1, 0)
    return mine.group_by("visitor").agg(
        opened=mine.time.min(), last=mine.time.max(), views=viewed.sum()
    )


def _first_seen(shown: Any, scope: Scope) -> Any:
    events = stored("events")
    ever = events.filter(events.site == scope.site_id).semi_join(shown, "visitor")
    return ever.group_by("visitor").agg(first=ever.time.min())


def _visits(shown: Any, scope: Scope) -> Any:
    begun = visits_between(scope, scope.start, scope.end).semi_join(shown, "visitor")
    return begun.group_by("visitor").agg(visits=begun.count(), seconds=begun.lasted.sum() / 1000)


def _last(mine: Any, scope: Scope) -> Any:
    """Return what the last event says of each visitor, and how its visit began."""
    place = place_of(mine)
    last = mine.group_by("visitor").agg(
        visit=mine.visit.argmax(place), profile=mine.profile.argmax(place)
    )
    known = with_profile(last, profiles_of_visits(scope.site_id))
    known = known.inner_join(stored("profiles").select("profile", *_LAST_KNOWN), "profile")
    return known.left_join(_entered(last, scope), "visit").drop("visit_right", "visit", "profile")


def _entered(last: Any, scope: Scope) -> Any:
    events = stored("events")
    views = events.filter(events.site == scope.site_id, events.kind == VIEW)
    views = views.semi_join(last, "visit")
    place = place_of(views)
    return views.group_by("visit").agg(
        **{name: views[column].argmin(place) for name, column in _ENTRY.items()}
    )
