"""How far a site's days are closed, and how far they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from askfirst.local_days import local_day
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.engine import Delete, Insert, Operation
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

CLOSES_AFTER_MS = 28 * 3_600_000
"""How long after its end a day closes: events come up to 24 hours late, and are then shipped."""


class Closed(NamedTuple):
    """The days of a site that are closed: those before `until`, on the clocks of `zone`."""

    zone: str
    until: int


def closed_days(source: Source) -> dict[int, Closed]:
    """Return how far the days of each site are closed; a site without any is missing."""
    rows = source.rows(_summarised).to_pydict()
    found = zip(rows["site"], rows["zone"], rows["closed_until"], strict=True)
    return {site: Closed(zone, until) for site, zone, until in found}


def _summarised() -> Any:
    return stored("summarised")


def closable(now: int, zone: str) -> int:
    """Return the first local day that cannot be closed yet."""
    return local_day(now - CLOSES_AFTER_MS, zone)


def closing(site: int, closed: Closed) -> list[Insert]:
    """Return the operation that notes how far a site's days are closed."""
    row = (site, closed.zone, closed.until)
    return insert_rows("summarised", ("site", "zone", "closed_until"), [row])


def removing_summaries(site: int) -> list[Operation]:
    """Return the operations after which no day of a site is closed, beginning with that."""
    return [Delete(name, equal={"site": site}) for name in ("summarised", "counts", "gaps")]
