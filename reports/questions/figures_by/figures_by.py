"""What are the five figures of each value of a column?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.columns import KINDS
from askfirst.store.warehouse.logical.events import (
    VIEW,
    all_events_between,
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
from reports.questions.figures_by.columns import SORTS, By, Listing

READING = KINDS.index("engagement")
NOT_FOUND = 404
FIGURES = ("visitors", "visits", "views", "bounce_rate", "engaged")
"""The figures of a value, in their order; the first three are counts."""
_SUMS = ("visits", "views", "bounces", "engaged_ms")


def figures_by(scope: Scope, by: By, listing: Listing, limit: int, offset: int = 0) -> Any:
    """Return a row a value: name, visitors, visits, views, bounce_rate, engaged, and `rows`.

    `visitors` have an event with the value in the scope. `visits` began in the scope and have such
    an event, also after its end. `views` are such events; of a visit or profile the page views.
    `bounce_rate` and `engaged` (seconds of reading) are means over these visits, null without any.
    What occurs only after the scope's end is no row.
    `rows` is how many rows there are in all.
    """
    found = _rated(_wanted(_named(_counted(scope, by), by), listing))
    rated = found.mutate(rows=int64(found.count().over()))
    ordered = rated.order_by(*_order(rated, listing))
    return ordered.select("name", *FIGURES, "rows").limit(limit, offset=offset)


def figures_beside(
    scope: Scope, compared: Scope, by: By, listing: Listing, limit: int, offset: int = 0
) -> Any:
    """Return the rows of `figures_by`, each with the same of the compared scope, `visitors_before`.

    What the compared scope alone has is no row; what it lacks counts 0 in it, with null rates.
    """
    now = figures_by(scope, by, listing, limit, offset)
    before = _rated(_named(_counted(compared, by), by)).select(
        name_before="name", **{f"{name}_before": name for name in FIGURES}
    )
    joined = now.left_join(before, now.name == before.name_before)
    counts = {f"{name}_before": joined[f"{name}_before"].fill_null(0) for name in FIGURES[:3]}
    filled = joined.mutate(**counts)
    return filled.order_by(*_order(filled, listing)).drop("name_before")


def _rated(found: Any) -> Any:
    visits = found.visits.nullif(0)
    return found.mutate(
        bounce_rate=found.bounces / visits, engaged=found.engaged_ms / visits / 1000
    )


def _order(rows: Any, listing: Listing) -> list[Any]:
    """Return what puts rows in order; those without a rate are the last in either direction."""
    if listing.by_name:
        return [ibis.desc(rows.name) if listing.by_name == "down" else rows.name]
    place = ibis.literal(listing.place)
    measures = [(place == SORTS.index(n), rows[n].cast("float64")) for n in SORTS if n != "name"]
    lead = ibis.cases(*measures, else_=None)
    return [lead.isnull().ifelse(1, 0), lead.fill_null(0) * ibis.literal(listing.sign), rows.name]


def _wanted(rows: Any, listing: Listing) -> Any:
    for pattern in listing.search:
        found = (rows.name != "") & rows.name.re_search(pattern)
        rows = rows.filter(found | (rows.name == "") if listing.finds_nothing else found)
    return rows.filter(rows.name.isin(list(listing.only))) if listing.only else rows


def _named(counted: Any, by: By) -> Any:
    """Return rows with the text of each value in `name`."""
    if by.section:
        texts = _sections(by)
        texts = texts.filter(texts.id == texts.value).select("id", text="section")
    else:
        texts = texts_of(by.dictionary)
    joined = counted.left_join(texts, counted.value == texts.id)
    figures = (joined[name] for name in counted.columns if name != "value")
    return joined.select(*figures, name=joined.text.fill_null(""))


def _counted(scope: Scope, by: By) -> Any:
    """Return value, visitors, visits, views, bounces and engaged_ms of each in the scope."""
    pairs = _of_visits(scope, by) if by.kept == "visit" else _of_events(scope, by)
    seen = pairs.group_by("value", "visitor").agg(
        visitors=pairs.now.max(), **{name: pairs[name].sum() for name in _SUMS}
    )
    sums = {name: int64(seen[name].sum()) for name in ("visitors", *_SUMS)}
    counted = seen.group_by("value").agg(**sums)
    return counted.filter(counted.visitors > 0)


def _of_visits(scope: Scope, by: By) -> Any:
    """Return a row a visit with its value, visitor, and what it adds to each figure."""
    visits = _begun(scope, by)
    visits = visits.filter(visits.viewed > 0)
    one = ibis.literal(1, "int64")
    return visits.select(
        "visitor", "bounces", "engaged_ms", value=by.column, now=one, visits=one, views="viewed"
    )


def _begun(scope: Scope, by: By) -> Any:
    """Return the visits that began in the scope: bounces, viewed, and their time of reading."""
    visits = visits_between(scope, scope.start, scope.end)
    bounced = ((visits.views == 1) & (visits.events == 1)).ifelse(1, 0).cast("int64")
    more = (by.column,) if by.kept == "visit" else ()
    begun = visits.select(
        "visit", "visitor", *more, bounces=bounced, viewed=visits.views.cast("int64")
    )
    if by.reading_tells:
        return begun
    events = all_events_between(scope, scope.start, ibis.literal(scope.end) + LASTS_AT_MOST)
    read = events.filter(events.kind == READING)
    read = read.group_by(reader="visit").agg(read_ms=int64(read.engaged_ms.sum()))
    joined = begun.left_join(read, begun.visit == read.reader)
    return joined.mutate(engaged_ms=joined.read_ms.fill_null(0)).drop("reader", "read_ms")


def _of_events(scope: Scope, by: By) -> Any:
    """Return a row a value and visit, with its visitor, and what it adds to each figure."""
    rows = _by_value(scope, by)
    if by.is_brief:
        nothing = dict.fromkeys(("visits", "bounces", "engaged_ms"), ibis.literal(0, "int64"))
        return rows.select("value", "visitor", "now", "views", **nothing)
    begun = _begun(scope, by).drop("visitor", "viewed").rename(begun="visit")
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


def _by_value(scope: Scope, by: By) -> Any:
    """Return value, visit, visitor: `has` 1 where an event has it, `now` where one in the scope."""
    rows = _summed(_events(scope, by), scope, by)
    if by.kept == "profile":
        known = with_profile(rows, profiles_of_visits(scope.site_id))
        profiles = stored("profiles").select("profile", value=by.column)
        return _again(known.inner_join(profiles, "profile"))
    if by.section:
        sections = _sections(by).select("id", "value")
        joined = rows.left_join(sections, rows.key == sections.id)
        return _again(joined.mutate(value=joined.value.fill_null(0)))
    return rows.rename(value="key")


def _events(scope: Scope, by: By) -> Any:
    """Return the events that may have a value, also those after the scope's end."""
    end = scope.end if by.is_brief else ibis.literal(scope.end) + LASTS_AT_MOST
    events = events_between(scope, scope.start, end)
    if by.kept == "profile":
        return events
    kind = KINDS.index(by.kind)
    reads = by.reading_tells and not by.is_brief
    events = events.filter(events.kind.isin([kind, READING] if reads else [kind]))
    for test in by.where:
        events = fulfilling(events, test)
    if by.marks_visits:
        events = _marking(events, scope, by.column)
    return events.filter(events.status == NOT_FOUND) if by.not_found else events


def _marking(events: Any, scope: Scope, column: str) -> Any:
    """Return those of the events with a text, and those of visits of which no event has one."""
    start, end = (ibis.literal(one) for one in (scope.start, scope.end))
    near = events_between(scope, start - LASTS_AT_MOST, end + LASTS_AT_MOST)
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


def _sections(by: By) -> Any:
    """Return id, section and value of each path: `value` is the id that stands for its section."""
    texts = texts_of(by.dictionary)
    slashes = {"1": 2, "2": 3}[by.section]
    begin = texts.text.re_extract(f"^((?:[^/]*/){{{slashes}}})", 1).fill_null("")
    named = texts.select("id", section=(begin == "").ifelse(texts.text, begin))
    same = ibis.window(group_by="section")
    return named.mutate(value=named.id.min().over(same))
