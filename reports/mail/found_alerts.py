"""Finds what alerts are about: the figures of a site that are unusual now."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from askfirst.sites import Site
from reports.choices.figures import frame_of, total_of
from reports.dependencies import Dependencies
from reports.figures.consent_rate import recorded_views
from reports.figures.over_time import figure_over_time
from reports.mail.alerts import (
    WEEKS,
    Loads,
    many_errors,
    silent_since,
    usual_rate,
    usual_visits,
)
from reports.mail.text import one_line
from reports.mail.view import days_query, view_of_days
from reports.overview.dimensions import DIMENSIONS
from reports.questions.figures_by.columns import listing
from reports.url.asking import Asked, answered
from reports.url.comparing import DAY

_WEEK = timedelta(days=7)
_SPAN = WEEKS * _WEEK
_PAGES, _KNOWN = 20, 2000
TOLD = 5


@dataclass(frozen=True)
class Found:
    """What an alert tells: nothing is told twice `about` the same, and `facts` are its figures."""

    about: str
    facts: dict[str, Any]


async def find_alert(
    deps: Dependencies, site: Site, what: str, today: date, silent_hours: int
) -> Found | None:
    """Return what an alert has to tell; None where nothing is unusual.

    Traffic and consent are those of the day before `today`, on the site's calendar. Raises
    `Unavailable` where the warehouse does not answer.
    """
    if what == "silence":
        return await _silence(deps, site, today, silent_hours)
    if what == "errors":
        return await _errors(deps, site, today)
    find = _traffic if what == "traffic" else _consent
    return await find(deps, site, today - DAY)


async def _steps(
    deps: Dependencies, site: Site, days: tuple[date, date], by: str, metric: str
) -> list[tuple[str, int]]:
    view = await view_of_days(deps, site, f"{days_query(*days)}&against=none", by)
    steps = await answered(deps, view, lambda asked: figure_over_time(asked, view.period, metric))
    begun = [one for one in steps if one.now is not None]
    return [(one.bucket.local.isoformat(), int(one.now or 0)) for one in begun]


async def _traffic(deps: Dependencies, site: Site, day: date) -> Found | None:
    visits = [one for _, one in await _steps(deps, site, (day - _SPAN, day), "day", "visits")]
    usual = usual_visits(visits[-1], visits[:-1:7])
    if usual is None:
        return None
    return Found(str(day), {"day": str(day), "now": visits[-1], "usual": usual})


async def _consent(deps: Dependencies, site: Site, day: date) -> Found | None:
    days = [day - week * _WEEK for week in range(WEEKS + 1)]
    now, *earlier = await asyncio.gather(*(_loads(deps, site, one) for one in days))
    usual = usual_rate(now, earlier)
    if usual is None:
        return None
    return Found(str(day), {"day": str(day), "now": now[0] / now[1], "usual": usual})


async def _loads(deps: Dependencies, site: Site, day: date) -> Loads:
    view = await view_of_days(deps, site, f"{days_query(day, day)}&against=none", "hour")
    counts = await deps.counts.read(site.id, str(day), str(day))
    loads = total_of(await asyncio.to_thread(frame_of, counts)).loaded
    recorded = await recorded_views(deps, site, view.period)
    return recorded.views, loads


async def _silence(deps: Dependencies, site: Site, today: date, length: int) -> Found | None:
    hours = await _steps(deps, site, (today - _SPAN - 2 * DAY, today), "hour", "views")
    last = silent_since([views for _, views in hours], length)
    if last is None:
        return None
    since = hours[last][0]
    return Found(since, {"since": since, "day": since[:10], "hours": len(hours) - 2 - last})


async def _errors(deps: Dependencies, site: Site, today: date) -> Found | None:
    now, earlier = await asyncio.gather(
        _not_found(deps, site, (today, today), _PAGES),
        _not_found(deps, site, (today - _SPAN, today - DAY), _KNOWN),
    )
    smallest = deps.settings.smallest_count
    usual = {path: views / _SPAN.days for path, views, _ in earlier}
    told = [
        [one_line(path), views]
        for path, views, visitors in now
        if many_errors(views, visitors, usual.get(path, 0.0), smallest)
    ]
    return Found(str(today), {"day": str(today), "pages": told[:TOLD]}) if told else None


async def _not_found(
    deps: Dependencies, site: Site, days: tuple[date, date], limit: int
) -> list[tuple[str, int, int]]:
    """Return the pages of days that were not found, with views and visitors."""
    view = await view_of_days(deps, site, f"{days_query(*days)}&against=none", "day")

    async def ask(asked: Asked) -> Any:
        by = DIMENSIONS["not-found"].by
        return await asked.figures_by(asked.scope(), by, listing("views"), limit)

    frame = await answered(deps, view, ask)
    rows = frame[["name", "views", "visitors"]].itertuples(index=False)
    return [(str(name), int(views), int(visitors)) for name, views, visitors in rows]
