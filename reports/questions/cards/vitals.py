"""How fast did pages load and answer, and how much did they shift?"""

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import events_of
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import with_texts

MEASURED = KINDS.index("web_vitals")
LIMITS: dict[str, tuple[int, int]] = {
    "lcp_ms": (2500, 4000),
    "inp_ms": (200, 500),
    "cls": (100, 250),  # thousandths
    "ttfb_ms": (800, 1800),
}
"""Up to where a measurement is good, and above what it is poor (https://web.dev/articles/vitals)."""
FIGURES = ("loads", "p75", "good", "poor")


def vitals(scope: Scope) -> Any:
    """Return a row a measure, in the order of `LIMITS`: measure (its place), and `FIGURES`.

    `loads` are those of which it was measured, `p75` is the least value that three in four of them
    do not exceed (0 without any), `good` and `poor` count loads by the limits.
    """
    found = [
        _figures(scope, name).mutate(measure=ibis.literal(place, "int8"))
        for place, name in enumerate(LIMITS)
    ]
    return ibis.union(*found).order_by("measure")


def vitals_by_page(scope: Scope, limit: int, offset: int = 0) -> Any:
    """Return a row a page, the most measured loads first: name, loads, and p75 of each measure.

    A measure that no load of a page has is 0.
    """
    events = _measured(scope)
    loads = events.group_by("path").agg(loads=int64(events.count()))
    for name in LIMITS:
        one = _figures(scope, name, "path").select(of="path", **{name: "p75"})
        loads = loads.left_join(one, loads.path == one.of).drop("of")
    filled = loads.mutate(**{name: loads[name].fill_null(0) for name in LIMITS})
    named = with_texts(filled, {"path": ("path", "path")}).rename(name="path")
    return named.order_by(ibis.desc("loads"), "name").limit(limit, offset=offset)


def _measured(scope: Scope) -> Any:
    events = events_of(scope)
    return events.filter(events.kind == MEASURED)


def _figures(scope: Scope, name: str, *by: str) -> Any:
    """Return `FIGURES` of a measure, of everything or `by` a column."""
    good, poor = LIMITS[name]
    events = _measured(scope)
    some = events.filter(events[name] > 0)
    values = some.group_by(*by, value=some[name]).agg(times=int64(some.count()))
    group = by[0] if by else None
    upto = ibis.cumulative_window(group_by=group, order_by="value")
    values = values.mutate(
        upto=int64(values.times.sum().over(upto)),
        every=int64(values.times.sum().over(ibis.window(group_by=group))),
    )
    times, value = values.times, values.value
    enough = values.upto * 4 >= values.every * 3
    figures = {
        "loads": times.sum(),
        "p75": value.min(where=enough),
        "good": (value <= good).ifelse(times, 0).sum(),
        "poor": (value > poor).ifelse(times, 0).sum(),
    }
    grouped = values.group_by(*by) if by else values
    return grouped.agg(**{one: int64(sums.fill_null(0)) for one, sums in figures.items()})
