"""A line for each site: its visitors of today and of the two weeks until now."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from askfirst.clock import DAY_MS
from askfirst.errors import Unavailable
from askfirst.local_days import day_start, local_day, offsets
from askfirst.sites import Site
from reports.dependencies import Dependencies
from reports.questions.over_time import over_time
from reports.questions.scope import Summarised, scope_between
from reports.url.report_query import ReportQuery
from reports.url.steps import since_of

DAYS = 14
WIDTH, HEIGHT = 60, 20
_AT_ONCE = 3


@dataclass(frozen=True)
class SiteLine:
    """A site with its visitors of today, and `points` of an SVG polyline of its last 14 days."""

    site: Site
    today: int | None
    """None where the warehouse cannot be asked."""
    points: str


async def site_lines(deps: Dependencies, sites: Sequence[Site]) -> tuple[SiteLine, ...]:
    """Return the lines of sites in their order, a few asked at once."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def line(site: Site) -> SiteLine:
        async with turns:
            try:
                days = await visitors_by_day(deps, site)
            except Unavailable:
                return SiteLine(site, None, "")
            return SiteLine(site, days[-1], points_of(days))

    return tuple(await asyncio.gather(*map(line, sites)))


async def visitors_by_day(deps: Dependencies, site: Site) -> list[int]:
    """Return the visitors of each of the last days, today last."""
    query, zone = ReportQuery(deps), site.time_zone
    today = local_day(deps.clock(), zone)
    start, end = day_start(today - DAYS + 1, zone), day_start(today + 1, zone)

    async def ask(known: Summarised) -> list[int]:
        scope = scope_between(site.id, start, end, zone, known)
        since = since_of(scope, zone, "day")
        found = await query.ask(site, over_time, scope, "day", offsets(start, end, zone), since)
        told = {int(b) // DAY_MS: int(n) for b, n in zip(found.bucket, found.visitors, strict=True)}
        return [told.get(day, 0) for day in range(today - DAYS + 1, today + 1)]

    return await query.answered(site, ask)


def points_of(counts: Sequence[int]) -> str:
    """Return the points of a polyline through counts, 60 wide and 20 high; '' where all are 0.

    >>> points_of([0, 4, 2])
    '0,19 30,1 60,10'
    """
    if not any(counts):
        return ""
    most, step = max(counts), WIDTH / (len(counts) - 1)
    room = HEIGHT - 2
    return " ".join(
        f"{number * step:.4g},{HEIGHT - 1 - room * count / most:.3g}"
        for number, count in enumerate(counts)
    )
