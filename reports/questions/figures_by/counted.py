"""What is counted of each value of a column, of all visitors or of some of them?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import (
    VIEW,
    Visitors,
    all_events_between,
    among,
    events_between,
    profiles_of_visits,
    with_profile,
)
from askfirst.store.warehouse.logical.fulfilled import fulfilling
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from askfirst.store.warehouse.logical.visits import visits_between
from askfirst.store.warehouse.tables import LASTS_AT_MOST, stored
from reports.questions.figures_by.columns import By

READING = KINDS.index("engagement")
NOT_FOUND = 404
_SUMS = ("visits", "views", "bounces", "engaged_ms")
COUNTED = {"value": "int32", **dict.fromkeys(("visitors", *_SUMS), "int64")}
"""The counts of a value, by its key. Those of some visitors and of the others add up to all, if the
values that none of them had within the scope are among them (see `counted`)."""


def counted(scope: Scope, by: By, some: Visitors = None) -> Any:
    """Return `COUNTED` of each value in the scope, of all visitors or of some.

    Of some, there are also values that none of them had within the scope: a visit that began in it
    may have come to one after its end, and counts there where others had the value.
    """
    pairs = _of_visits(scope, by, some) if by.kept == "visit" else _of_events(scope, by, some)
    seen = pairs.group_by("value", "visitor").agg(
        visitors=pairs.now.max(), **{name: pairs[name].sum() for name in _SUMS}
    )
    sums = {name: int64(seen[name].sum()) for name in ("visitors", *_SUMS)}
    found = seen.group_by("value").agg(**sums)
    return found if some else found.filter(found.visitors > 0)


def _of_visits(scope: Scope, by: By, some: Visitors) -> Any:
    """Return a row a visit with its value, visitor, and what it adds to each figure."""
    visits = _begun(scope, by, some)
    visits = visits.filter(visits.viewed > 0)
    one = ibis.literal(1, "int64")
    return visits.select(
        "visitor", "bounces", "engaged_ms", value=by.column, now=one, visits=one, views="viewed"
    )


def _begun(scope: Scope, by: By, some: Visitors) -> Any:
    """Return the visits that began in the scope: bounces, viewed, and their time of reading."""
    more = (by.column,) if by.kept == "visit" else ()
    visits = visits_between(scope, scope.start, scope.end, more, some)
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0).cast("int64")
    begun = visits.select(
        "visit", "visitor", *more, bounces=bounced, viewed=visits.views.cast("int64")
    )
    if by.reading_tells:
        return begun
    events = all_events_between(scope, scope.start, ibis.literal(scope.end) + LASTS_AT_MOST)
    read = among(events.filter(events.kind == READING), some)
    read = read.group_by(reader="visit").agg(read_ms=int64(read.engaged_ms.sum()))
    joined = begun.left_join(read, begun.visit == read.reader)
    return joined.mutate(engaged_ms=joined.read_ms.fill_null(0)).drop("reader", "read_ms")


def _of_events(scope: Scope, by: By, some: Visitors) -> Any:
    """Return a row a value and visit, with its visitor, and what it adds to each figure."""
    rows = _by_value(scope, by, some)
    if by.is_brief:
        nothing = dict.fromkeys(("visits", "bounces", "engaged_ms"), ibis.literal(0, "int64"))
        return rows.select("value", "visitor", "now", "views", **nothing)
    begun = _begun(scope, by, some).drop("visitor", "viewed").rename(begun="visit")
    joined = rows.filter(rows.has > 0).left_join(begun, rows.visit == begun.begun)
    began = joined.bounces.notnull().ifelse(1, 0).cast("int64")
    time = joined.read_ms if by.reading_tells else joined.engaged_ms.fill_null(0)
    return joined.select(
        "value",
        "visitor",
        "now",
        "views",
        visits=began,
        bounces=joined.bounces.fill_null(0),
        engaged_ms=time * began,
    )


def _by_value(scope: Scope, by: By, some: Visitors) -> Any:
    """Return value, visit, visitor: `has` 1 where an event has it, `now` where one in the scope."""
    rows = _summed(_events(scope, by, some), scope, by)
    if by.kept == "profile":
        known = with_profile(rows, profiles_of_visits(scope.site_id, some))
        profiles = stored("profiles").select("profile", value=by.column)
        return _again(known.inner_join(profiles, "profile"))
    if by.section:
        sections = sections_of(by).select("id", "value")
        joined = rows.left_join(sections, rows.key == sections.id)
        return _again(joined.mutate(value=joined.value.fill_null(0)))
    return rows.rename(value="key")


def _events(scope: Scope, by: By, some: Visitors) -> Any:
    """Return the events that may have a value, also those after the scope's end."""
    end = scope.end if by.is_brief else ibis.literal(scope.end) + LASTS_AT_MOST
    events = among(events_between(scope, scope.start, end), some)
    if by.kept == "profile":
        return events
    kind = KINDS.index(by.kind)
    reads = by.reading_tells and not by.is_brief
    events = events.filter(events.kind.isin([kind, READING] if reads else [kind]))
    for test in by.where:
        events = fulfilling(events, test)
    if by.marks_visits:
        events = _marking(events, scope, by.column, some)
    return events.filter(events.status == NOT_FOUND) if by.not_found else events


def _marking(events: Any, scope: Scope, column: str, some: Visitors) -> Any:
    """Return those of the events with a text, and those of visits of which no event has one."""
    start, end = (ibis.literal(one) for one in (scope.start, scope.end))
    near = among(events_between(scope, start - LASTS_AT_MOST, end + LASTS_AT_MOST), some)
    marked = near.filter(near[column] != 0).select("visit").distinct()
    without = events.filter(events[column] == 0).anti_join(marked, "visit")
    return ibis.union(events.filter(events[column] != 0), without)


def _summed(events: Any, scope: Scope, by: By) -> Any:
    of_profile = by.kept == "profile"
    key = {"profile": "profile"} if of_profile else {"key": by.column}
    counts = (events.kind == (VIEW if of_profile else KINDS.index(by.kind))).ifelse(1, 0)
    has = (events.kind >= 0).ifelse(1, 0) if of_profile else counts
    now = (events.time < scope.end).ifelse(1, 0)
    return events.group_by("visit", "visitor", **key).agg(
        has=int64(has.max()),
        now=int64((has * now).max()),
        views=int64((counts * now).sum()),
        read_ms=int64(events.engaged_ms.sum()),
    )


def _again(rows: Any) -> Any:
    """Return rows of keys that share a value as one."""
    return rows.group_by("value", "visit", "visitor").agg(
        has=rows.has.max(), now=rows.now.max(), views=rows.views.sum(), read_ms=rows.read_ms.sum()
    )


def sections_of(by: By) -> Any:
    """Return id, section and value of each path: `value` is the id that stands for its section."""
    texts = texts_of(by.dictionary)
    slashes = {"1": 2, "2": 3}[by.section]
    begin = texts.text.re_extract(f"^((?:[^/]*/){{{slashes}}})", 1).fill_null("")
    named = texts.select("id", section=(begin == "").ifelse(texts.text, begin))
    same = ibis.window(group_by="section")
    return named.mutate(value=named.id.min().over(same))
