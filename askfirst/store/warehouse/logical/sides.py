"""The two sides of a site: what counts in its reports, and under its negative number what does not.

Every question of the reports is about the number of the site alone. What is about all that is
stored of a site, such as a visitor's file, asks for `both_sides`.
"""

from __future__ import annotations

from typing import Any

import ibis

from askfirst.local_days import Offsets, day_of
from askfirst.store.warehouse.logical.texts import with_texts
from askfirst.store.warehouse.tables import RULE, stored


def both_sides(table: Any, site_id: Any) -> Any:
    """Return the rows of a stored table that belong to a site, on either side."""
    return table.filter((table.site == site_id) | (table.site == -ibis.literal(site_id)))


def rules(site_id: int) -> Any:
    """Return the rules that fit something of a site, and on which side: rule and left_out."""
    profiles = both_sides(stored("profiles"), site_id)
    said = profiles.filter(profiles[RULE] > 0)
    found = said.select(key=said[RULE], left_out=said.site < 0).distinct()
    return with_texts(found, {"rule": ("key", RULE)}).order_by("rule", "left_out")


def by_rule(site_id: int, start: int, end: int, offsets: Offsets) -> Any:
    """Return rule, day, left_out, events and visitors of what a rule fits between two times.

    `day` is a local day (days since 1970-01-01, by the offsets of a zone). `left_out` says whether
    it is what the reports leave out, or counts because the rule is switched off. What is left out
    and does not tell by which rule (the policy did not name the column) has the rule ''.
    """
    events, profiles = (both_sides(stored(name), site_id) for name in ("events", "profiles"))
    said = profiles.filter((profiles[RULE] > 0) | (profiles.site < 0)).select("profile", key=RULE)
    visits = ibis.union(
        *(
            both_sides(stored(name), site_id).inner_join(said, "profile").select("visit", "key")
            for name in ("visits", "open_visits")
        )
    )
    seen = events.filter(events.time >= start, events.time < end)
    found = ibis.union(
        seen.filter(seen.profile == 0).inner_join(visits, "visit").select(*_TAKEN),
        seen.filter(seen.profile != 0).inner_join(said, "profile").select(*_TAKEN),
    )
    counted = found.group_by(
        "key", left_out=found.site < 0, day=day_of(found.time, offsets).cast("int32")
    ).agg(events=found.count(), visitors=found.visitor.nunique())
    return with_texts(counted, {"rule": ("key", RULE)}).order_by("day", "rule", "left_out")


_TAKEN = ("site", "time", "visitor", "key")
