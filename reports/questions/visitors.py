"""Who was here, what is known of them, and with which page did their last visit begin?"""

from typing import Any

import ibis

from askfirst.store.warehouse.warehouse import events_table
from reports.questions.scope import Scope, events_in

_LAST_KNOWN = ("country", "browser", "os", "device")
_ENTRY = {
    "entry": "path",
    "entry_host": "host",
    "referrer": "referrer_host",
    "source": "utm_source",
}


def visitors(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a visitor, last seen first.

    visitor_id, `first` (ever), and in the scope `opened` and `last`, visits, views and seconds (the
    length of all visits), what was last known of the visitor, and of the first page of the last
    visit its `entry` (the path), `entry_host`, `referrer` and `source` ('' where it has no page).
    `everybody` is how many visitors there are in the scope. Only the visitors that are returned are
    read in full; the others take one pass over two columns.
    """
    shown = _last_seen(scope, limit, offset)
    found = _visits_of(shown, scope)
    entered = {name: found[name].argmax(found.last) for name in (*_LAST_KNOWN, *_ENTRY)}
    counted = found.group_by("visitor_id").agg(
        opened=found.opened.min(),
        last=found.last.max(),
        visits=found.count(),
        views=found.views.sum(),
        seconds=found.last.delta(found.opened, unit="millisecond").sum() / 1000,
        everybody=found.everybody.max(),
        **entered,
    )
    whole = counted.inner_join(_first_seen(shown, scope.site_id), "visitor_id")
    return whole.order_by(ibis.desc("last"), "visitor_id")


def _last_seen(scope: Scope, limit: int, offset: int) -> Any:
    events = events_in(scope)
    every = events.group_by("visitor_id").agg(last_seen=events.time.max())
    counted = every.mutate(everybody=every.count().over())
    newest = counted.order_by(ibis.desc("last_seen"), "visitor_id")
    return newest.limit(limit, offset=offset).select("visitor_id", "everybody")


def _first_seen(shown: Any, site_id: int) -> Any:
    events = events_table()
    mine = events.filter(events.site_id == site_id).semi_join(shown, "visitor_id")
    return mine.group_by("visitor_id").agg(first=mine.time.min())


def _visits_of(shown: Any, scope: Scope) -> Any:
    mine = events_in(scope).inner_join(shown, "visitor_id")
    viewed = mine.kind == "page_view"
    known = {name: mine[name].argmax(mine.time) for name in _LAST_KNOWN}
    entered = {
        name: mine[column].argmin(mine.time, where=viewed).fill_null("")
        for name, column in _ENTRY.items()
    }
    return mine.group_by("visitor_id", "visit_id").agg(
        opened=mine.time.min(),
        last=mine.time.max(),
        views=viewed.sum(),
        everybody=mine.everybody.max(),
        **known,
        **entered,
    )
