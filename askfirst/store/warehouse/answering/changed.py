"""What a commit changes of that which answers tell: by site, from which time on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from askfirst.store.warehouse.engine import Insert, Operation

ALL_SITES = 0
Changed = Mapping[int, int]
"""By site, or `ALL_SITES`, a time in ms: what is told of visits and events before it stays true."""

AT_ANY_TIME = -(1 << 62)
FOR_EVER = 1 << 62
"""Until when an answer tells that may change with whatever comes."""
CLOSED_DAYS = 0
"""Until when an answer tells that no batch changes which only adds rows: of closed days alone."""


def changed_by(operations: Sequence[Operation], since: Mapping[int, int] | None) -> Changed:
    """Return what operations change; `since` has the times by site, where they are known.

    Whatever deletes may change all that is told of any site. What is left out of a site is stored
    under its negative number. Rows that are of no site, such as texts, are new: no answer tells of
    them before a row of a site does.
    """
    if not all(isinstance(one, Insert) for one in operations):
        return {ALL_SITES: AT_ANY_TIME}
    return {site: (since or {}).get(site, AT_ANY_TIME) for site in set(_sites_of(operations))}


def concerns(changed: Changed, site: int, until: int) -> bool:
    """Return whether a change may concern an answer about a site that tells until a time (ms)."""
    since = (changed[one] for one in (site, ALL_SITES) if one in changed)
    return any(time < until for time in since)


def _sites_of(operations: Sequence[Operation]) -> Iterator[int]:
    for one in operations:
        if isinstance(one, Insert) and "site" in one.rows.column_names:
            yield from (abs(site) for site in one.rows["site"].unique().to_pylist())
