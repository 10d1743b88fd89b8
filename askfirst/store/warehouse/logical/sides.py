"""The two sides of a site: what counts in its reports, and under its negative number what does not.

Every question of the reports is about the number of the site alone. What is about all that is
stored of a site, such as a visitor's file, asks for `both_sides`.
"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.rules.applying import EXCLUDED, RESTRICTED
from askfirst.store.warehouse.logical.events import VIEW
from askfirst.store.warehouse.logical.numbers import int64
from askfirst.store.warehouse.logical.texts import with_texts
from askfirst.store.warehouse.tables import LASTS_AT_MOST, RULE, stored


def both_sides(table: Any, site_id: Any) -> Any:
    """Return the rows of a stored table that belong to a site, on either side."""
    return table.filter((table.site == site_id) | (table.site == -ibis.literal(site_id)))


def rules(site_id: int) -> Any:
    """Return the rules that fit something of a site, and on which side: rule and left_out."""
    profiles = both_sides(stored("profiles"), site_id)
    said = profiles.filter(profiles[RULE] > 0)
    found = said.select(key=said[RULE], left_out=said.site < 0).distinct()
    return with_texts(found, {"rule": ("key", RULE)}).order_by("rule", "left_out")


def by_rule(site_id: int, start: int, end: int) -> Any:
    """Return rule, left_out, events, visitors, visits and views of what rules fit in a period.

    `start` and `end` are milliseconds since the epoch. The figures are those that the reports would
    have if there were nothing but the events that the rule fits: a visit is the part of it that the
    rule fits, and counts where that begins. `left_out` says whether they are what the reports leave
    out, or count because the rule is switched off. What is left out and does not tell by which rule
    (the policy did not name the column) has the rule '', and what an owner's rules for the reports
    leave out has the rule `excluded`, whatever else fits it. What visitors have restricted is told
    of no rule: none of them could count it again.
    """
    found = _fitting(site_id, ibis.literal(start) - LASTS_AT_MOST, end)
    begun = found.group_by("site", "key", "visit").agg(first=found.time.min())
    begun = begun.filter(begun["first"] >= start)
    visits = begun.select(
        "site", "key", events=_NONE, visitor=ibis.null("int32"), visits=_ONE, views=_NONE
    )
    seen = found.filter(found.time >= start)
    viewed = (seen.kind == VIEW).ifelse(1, 0).cast("int64")
    rows = ibis.union(
        visits,
        seen.select("site", "key", events=_ONE, visitor="visitor", visits=_NONE, views=viewed),
    )
    figures = rows.group_by("key", left_out=rows.site < 0).agg(
        visitors=int64(rows.visitor.nunique()),
        **{name: int64(rows[name].sum()) for name in ("events", "visits", "views")},
    )
    figures = figures.mutate(is_excluded=figures.key == _EXCLUDED)
    named = with_texts(figures, {"rule": ("key", RULE)})
    rule = named.is_excluded.ifelse(EXCLUDED, named.rule)
    return named.mutate(rule=rule).drop("is_excluded").order_by("rule", "left_out")


def _fitting(site_id: int, start: Any, end: int) -> Any:
    """Return site, time, kind, visit, visitor and rule (key) of the events that rules fit."""
    events, profiles = (both_sides(stored(name), site_id) for name in ("events", "profiles"))
    said = profiles.filter((profiles[RULE] > 0) | (profiles.site < 0)).select("profile", key=RULE)
    visits = ibis.union(
        *(
            both_sides(stored(name), site_id).inner_join(said, "profile").select("visit", "key")
            for name in ("visits", "open_visits")
        )
    )
    every = events.filter(events.time >= start, events.time < end)
    near = every.filter(every.excluded == 0)
    by_owner = (every.excluded > 0) & (every.excluded < RESTRICTED)
    excluded = every.filter(by_owner).mutate(key=ibis.literal(_EXCLUDED, "int32"))
    return ibis.union(
        excluded.select(*_TAKEN),
        near.filter(near.profile == 0).inner_join(visits, "visit").select(*_TAKEN),
        near.filter(near.profile != 0).inner_join(said, "profile").select(*_TAKEN),
    )


_TAKEN = ("site", "time", "kind", "visit", "visitor", "key")
_EXCLUDED = -1
_NONE, _ONE = ibis.literal(0, "int64"), ibis.literal(1, "int64")
