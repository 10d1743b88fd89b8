"""What are the five figures of each value of a column?"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.scope import Scope
from askfirst.store.warehouse.logical.texts import texts_of
from reports.questions.figures_by.columns import SORTS, By, Listing
from reports.questions.figures_by.counted import COUNTED, counted, sections_of

FIGURES = ("visitors", "visits", "views", "bounce_rate", "engaged")
"""The figures of a value, in their order; the first three are counts."""


def figures_by(scope: Scope, by: By, listing: Listing, limit: int, offset: int = 0) -> Any:
    """Return a row a value: name, visitors, visits, views, bounce_rate, engaged, and `rows`.

    `visitors` have an event with the value in the scope. `visits` began in the scope and have such
    an event, also after its end. `views` are such events; of a visit or profile the page views.
    `bounce_rate` and `engaged` (seconds of reading) are means over these visits, null without any.
    What occurs only after the scope's end is no row.
    `rows` is how many rows there are in all.
    """
    found = _rated(_wanted(_named(_all_counted(scope, by), by), listing))
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
    before = _rated(_named(_all_counted(compared, by), by)).select(
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
        texts = sections_of(by)
        texts = texts.filter(texts.id == texts.value).select("id", text="section")
    else:
        texts = texts_of(by.dictionary)
    joined = counted.left_join(texts, counted.value == texts.id)
    figures = (joined[name] for name in counted.columns if name != "value")
    return joined.select(*figures, name=joined.text.fill_null(""))


def _all_counted(scope: Scope, by: By) -> Any:
    """Return `COUNTED`, which the page may have kept part by part (see `in_parts`)."""
    if not scope.counted:
        return counted(scope, by)
    rows = ibis.table(COUNTED, name=scope.counted)
    found = rows.group_by("value").agg(
        **{name: int64(rows[name].sum()) for name in COUNTED if name != "value"}
    )
    return found.filter(found.visitors > 0)
