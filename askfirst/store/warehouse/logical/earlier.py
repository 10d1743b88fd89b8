"""Which values the visitors of a scope's open part had before it, on the scope's closed days.

Closed days change by erasures, corrections and rules alone, and not by what comes in. So a process
may remember of a visitor what is told here: see
`askfirst.store.warehouse.answering.earlier_values`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ibis

from askfirst.columns import DIMENSIONS, Dimension
from askfirst.store.warehouse.logical.events import CLICK, VIEW, events_between
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.seen import (
    profiles_before,
    visitors_before,
    visitors_of_open_part,
)
from askfirst.store.warehouse.logical.visits import visits_between
from askfirst.store.warehouse.tables import stored

EARLIER = {"dimension": "int8", "value": "int32", "visitor": "int32"}
MARK = -1
"""The dimension of a row that says that the visitor was asked about, where a page keeps them."""
EARLIER_AT = {
    "event": "earlier_of_events",
    "visit": "earlier_of_others",
    "profile": "earlier_of_others",
}
"""The relations in which a page keeps `EARLIER` of dimensions, by where these are kept: the many
rows of events are apart, so that others need not look through them."""
PRESENT = "present_visitors"
"""The relation of the visitors (visitor, each once) who are asked about."""
_PRESENT = {"visitor": "int32"}


def where_kept(dimension: str) -> str:
    """Return where a dimension is kept; that of all visitors is found with profiles."""
    return DIMENSIONS[dimension].kept or "profile"


def earlier_in(scope: Scope, dimensions: tuple[str, ...]) -> Any:
    """Return `EARLIER` of whoever is in the open part: kept by the page, or found by itself.

    The dimensions are kept in one place. Rows of a dimension, a value and a visitor come once;
    those with `MARK` may come several times.
    """
    if scope.prepared:
        return ibis.table(EARLIER, name=EARLIER_AT[where_kept(dimensions[0])])
    return earlier(scope, dimensions, visitors_of_open_part(scope))


def of_asked(scope: Scope, dimensions: tuple[str, ...], rows: Any) -> Any:
    """Return rows without those of visitors who came after the page found `EARLIER` of the others.

    What these had before is not known: they would count again beside the closed days.
    """
    if not scope.prepared:
        return rows
    known = earlier_in(scope, dimensions)
    return rows.semi_join(known.filter(known.dimension == MARK), "visitor")


def values_of_present(scope: Scope, dimensions: tuple[str, ...]) -> Any:
    """Return what `EARLIER` tells of the visitors in the relation `PRESENT`, one column for each.

    The columns are `visitor` and the names of the dimensions, which are kept in one place: those
    of an event one at a time. Each row comes once. An engine that finds a common table expression
    anew for each part of a union finds this once.
    """
    present = ibis.table(_PRESENT, name=PRESENT)
    asked = [DIMENSIONS[name] for name in dimensions]
    place = next((one.kept for one in asked if one.kept), "")
    rows = _ROWS[place](scope, asked, present)
    return rows.select("visitor", **{one.name: _value(rows, one) for one in asked}).distinct()


def _value(rows: Any, one: Dimension) -> Any:
    return rows[one.column] if one.column else _NO_VALUE


def present_visitors(scope: Scope) -> Any:
    """Return the visitors (visitor) with an event in the open part, and maybe more."""
    return visitors_of_open_part(scope).distinct()


def earlier(scope: Scope, dimensions: tuple[str, ...], present: Any) -> Any:
    """Return `EARLIER` of these visitors, from the scope's start to its open part, each row once.

    The dimension `all` has the value 0.
    """
    asked = [DIMENSIONS[name] for name in dimensions]
    kept = {"event": _of_events, "visit": _of_visits, "profile": _of_profiles}
    every = "profile" if any(one.kept == "profile" for one in asked) else ""
    found = []
    for place, find in kept.items():
        mine = [one for one in asked if (one.kept or every) == place]
        found += find(scope, mine, present) if mine else []
    if not every and "all" in dimensions:
        found.append(_pairs(visitors_before(scope, present), DIMENSIONS["all"]))
    return ibis.union(*found, distinct=True) if len(found) > 1 else found[0].distinct()


def _of_events(scope: Scope, asked: list[Dimension], present: Any) -> list[Any]:
    mine = _events(scope, asked, present)
    return [_pairs(with_value(mine, one), one) for one in asked]


def _events(scope: Scope, asked: list[Dimension], present: Any) -> Any:
    events = events_between(scope, scope.start, scope.open_from)
    mine = events.select("visitor", "kind", *{one.column for one in asked})
    return mine.semi_join(present, "visitor")


def _events_of_one(scope: Scope, asked: list[Dimension], present: Any) -> Any:
    return _counting(_events(scope, asked, present), asked[0])


def _of_visits(scope: Scope, asked: list[Dimension], present: Any) -> list[Any]:
    mine = _visits(scope, asked, present)
    return [_pairs(mine.select("visitor", value=one.column), one) for one in asked]


def _visits(scope: Scope, asked: list[Dimension], present: Any) -> Any:
    settled = replace(scope, running=False)  # visits of closed days are stored with their figures
    visits = visits_between(settled, scope.start, scope.open_from)
    visits = visits.filter(visits.views > 0).select("visitor", *(one.column for one in asked))
    return visits.semi_join(present, "visitor")


def _of_profiles(scope: Scope, asked: list[Dimension], present: Any) -> list[Any]:
    mine = _profiles(scope, asked, present)
    return [_pairs(mine.select("visitor", value=_value(mine, one)), one) for one in asked]


def _profiles(scope: Scope, asked: list[Dimension], present: Any) -> Any:
    columns = tuple(one.column for one in asked if one.column)
    return with_profiles(profiles_before(scope, present).distinct(), columns)


def _visitors(scope: Scope, _asked: list[Dimension], present: Any) -> Any:
    return visitors_before(scope, present)


_ROWS = {"event": _events_of_one, "visit": _visits, "profile": _profiles, "": _visitors}
"""What finds rows of visitors with the values of dimensions, by where these are kept."""


def _pairs(rows: Any, one: Dimension) -> Any:
    value = rows.value if "value" in rows.columns else _NO_VALUE
    number = ibis.literal(one.number, "int8")
    return rows.select("visitor", dimension=number, value=value).select(*EARLIER)


_NO_VALUE = ibis.literal(0, "int32")


def with_value(events: Any, one: Dimension) -> Any:
    """Return visitor and value of the events that count for a dimension of events."""
    return _counting(events, one).select("visitor", value=one.column)


def _counting(events: Any, one: Dimension) -> Any:
    return events.filter(events.kind == (CLICK if one.by == "clicks" else VIEW))


def with_profiles(rows: Any, columns: tuple[str, ...]) -> Any:
    """Return rows that name a profile with these columns of it."""
    return stored("profiles").select("profile", *columns).inner_join(rows, "profile")
