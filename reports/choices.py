"""How the question fares: asked, accepted, refused, ignored and withdrawn, from mere counts."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, time

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.choice_counts import SHOWN
from reports.access import Access
from reports.chart_ticks import step_label
from reports.charts import Chart, chart_of
from reports.choice_figures import (
    MEASURES,
    ChoiceRow,
    floored_parts,
    frame_of,
    steps_of_choices,
    total_of,
    versions_of,
)
from reports.contexts import Shell
from reports.coverage import coverage_of, recorded_views
from reports.desk import Desk
from reports.figures import Headline, Step, cut_steps
from reports.links import Address, Link, grain_links, period_nav, period_query
from reports.parts import Parts
from reports.periods import DAY, GRAINS, Period, Window
from reports.report_contexts import ChoicesPage
from reports.sessions import Session
from reports.steps import Bucket, buckets

MOST_ROWS = 50
_UTC = "UTC"


@dataclass(frozen=True)
class View:
    """What a request to the page chose."""

    site: Site
    period: Period
    metric: str
    address: Address

    @property
    def by(self) -> str:
        """The step of the chart; the counts know no shorter one than a day."""
        return "day" if self.period.by == "hour" else self.period.by

    @property
    def steps(self) -> tuple[Bucket, ...]:
        """The steps of the chart, by UTC days."""
        first, last = self.period.utc_days
        start, end = (datetime.combine(day, time.min) for day in (first, last + DAY))
        return buckets(Window(start, end), _UTC, self.by)


class ChoicesPages:
    """Serves `/sites/KEY/choices`."""

    def __init__(self, parts: Parts, access: Access) -> None:
        self._parts = parts
        self._access = access
        self._desk = Desk(parts)

    def routes(self) -> list[Route]:
        """Give the route of the page."""
        return [Route("/sites/{key}/choices", self._access.page(self._page), methods=["GET"])]

    async def _page(self, request: Request, session: Session) -> Response:
        view = await self._view(request)
        site = view.site
        frame, views = await asyncio.gather(
            self._frame(view), recorded_views(self._desk, view.site, view.period)
        )
        whole = total_of(frame)
        rows = steps_of_choices(frame, view.steps, view.by)
        smallest = self._parts.settings.smallest_count
        context = ChoicesPage(
            shell=Shell("Choices", session.email, session.csrf, site.key, site.name, "choices"),
            nav=period_nav(view.address, view.period),
            coverage=coverage_of(whole.loaded, views, whole.ignored),
            headlines=_headlines(whole),
            metrics=_metric_links(view),
            chart=_chart(view, rows),
            grains=_grains(view),
            whole=whole,
            steps=_labelled(view, rows),
            pages=floored_parts(frame, "page", smallest),
            languages=floored_parts(frame[frame["language"] != ""], "language", smallest),
            versions=versions_of(frame, smallest),
            smallest=smallest,
            most_rows=MOST_ROWS,
            is_empty=frame.empty,
        )
        return self._parts.pages.page("reports/choices.html", context)

    async def _view(self, request: Request) -> View:
        site, query = self._desk.site(request), request.query_params
        period = await self._desk.period(request, site)
        metric = query.get("metric", SHOWN)
        if metric not in MEASURES:
            raise Malformed(f"The chart shows one of {', '.join(MEASURES)}.", field="metric")
        chosen = {name: query[name] for name in ("by", "metric") if name in query}
        address = Address(f"/sites/{site.key}/choices", {**period_query(period, query), **chosen})
        return View(site, period, metric, address)

    async def _frame(self, view: View) -> pd.DataFrame:
        first, last = view.period.utc_days
        counts = await self._parts.counts.read(view.site.id, str(first), str(last))
        return await asyncio.to_thread(frame_of, counts)


def _grains(view: View) -> tuple[Link, ...]:
    """Offer the steps of the chart; hours are not counted."""
    links = grain_links(view.address, view.period)
    return tuple(link for link in links if link.text != GRAINS["hour"])


def _headlines(whole: ChoiceRow) -> tuple[Headline, ...]:
    return tuple(
        Headline(key, label, "count", getattr(whole, key), None) for key, label in MEASURES.items()
    )


def _metric_links(view: View) -> dict[str, Link]:
    return {
        key: Link(label, view.address.with_(metric=key), key == view.metric)
        for key, label in MEASURES.items()
    }


def _chart(view: View, rows: tuple[ChoiceRow, ...]) -> Chart:
    steps = [
        Step(bucket, getattr(row, view.metric), None)
        for bucket, row in zip(view.steps, rows, strict=True)
    ]
    present = view.period.now.replace(tzinfo=None)
    whole = cut_steps(steps, view.by, view.period.utc_days, present)
    return chart_of(MEASURES[view.metric], whole, view.by, present.date())


def _labelled(view: View, rows: tuple[ChoiceRow, ...]) -> tuple[ChoiceRow, ...]:
    steps = view.steps
    return tuple(
        replace(row, name=step_label(step.local, view.by, len(steps), view.period.now.date()))
        for step, row in zip(steps, rows, strict=True)
    )
