"""What a report by mail tells: figures with their change, the chart, and the top of three lists.

Rows of fewer visitors than the setting `smallest_count` are not told, for mail passes through
machines of others and the name of a row may point at somebody.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from askfirst.columns import DIMENSIONS
from askfirst.sites import Site
from reports.charts.line_chart import Chart, chart_of
from reports.choices.figures import frame_of, total_of
from reports.dependencies import Dependencies
from reports.figures.consent_rate import ConsentRate, consent_rate_of, recorded_views
from reports.figures.figures import (
    KINDS,
    LABELS,
    Headline,
    Totals,
    headlines_of,
    rows_of,
    totals_of,
)
from reports.figures.over_time import figure_over_time, with_engaged
from reports.formatting.dates import span_of, weekday_of
from reports.formatting.template_filters import delta, direction, figure, listed, number, percent
from reports.mail.text import one_line
from reports.mail.view import days_query, view_of_days
from reports.questions.breakdown import breakdown, lead_of
from reports.questions.totals import totals
from reports.url.asking import Asked, answered
from reports.url.comparing import DAY
from reports.url.report_view import ReportView

LISTS = ("path", "source", "country")
ROWS = 5
_READ = 50
_METRIC = "visitors"
_AMOUNTS = {"views": "Views", "visits": "Visits"}
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class MailFigure:
    """A figure in words; `change` is since the compared days, `turn` better, worse or same."""

    label: str
    value: str
    change: str
    turn: str


@dataclass(frozen=True)
class MailList:
    """The top of a list: names, and what they are listed by, in words."""

    title: str
    amount: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MailReport:
    """A report of some days as a mail tells it; `query` is that of the page with the same."""

    site_name: str
    days: str
    compared: str
    figures: tuple[MailFigure, ...]
    consent: str
    lists: tuple[MailList, ...]
    chart: Chart
    query: str
    visitors: str


@dataclass(frozen=True)
class _Found:
    now: Totals
    before: Totals
    chart: Chart
    rows: dict[str, pd.DataFrame]


async def mail_report(deps: Dependencies, site: Site, first: date, last: date) -> MailReport:
    """Read what a report of days tells; a day is compared with the same weekday before.

    Raises `Unavailable` where the warehouse does not answer.
    """
    length = last - first + DAY
    compared = (first - _WEEK, last - _WEEK) if length <= _WEEK else (first - length, first - DAY)
    query, by = days_query(first, last, compared), "hour" if first == last else "day"
    view = await view_of_days(deps, site, query, by)
    names = _told(site)
    before_window = view.period.before
    others = [before_window] if before_window else []
    found, rate = await asyncio.gather(
        answered(deps, view, lambda asked: _found(asked, view, names), *others),
        _consent_rate(deps, view),
    )
    today = view.period.local_now.date()
    smallest = deps.settings.smallest_count
    return MailReport(
        site_name=one_line(site.name),
        days=weekday_of(first, today) if first == last else span_of(first, last, today),
        compared=_compared_words(compared, today),
        figures=tuple(_figure(one) for one in headlines_of(found.now, found.before)),
        consent=_consent_words(rate),
        lists=tuple(one for name in names if (one := _list(name, found.rows[name], smallest)).rows),
        chart=found.chart,
        query=query,
        visitors=number(found.now.visitors),
    )


async def _found(asked: Asked, view: ReportView, names: tuple[str, ...]) -> _Found:
    steps, (now, before, *rows) = await asyncio.gather(
        figure_over_time(asked, view.period, _METRIC),
        asyncio.gather(
            asked.ask(totals, asked.scope()),
            asked.ask(totals, asked.scope(view.period.before)),
            *(asked.ask(breakdown, asked.scope(), name, _READ) for name in names),
        ),
    )
    today = view.period.local_now.date()
    chart = chart_of(LABELS[_METRIC], steps, view.period.by, today, KINDS[_METRIC])
    figures = await with_engaged(asked, totals_of(now))
    earlier = await with_engaged(asked, totals_of(before), view.period.before)
    return _Found(figures, earlier, chart, dict(zip(names, rows, strict=True)))


def _told(site: Site) -> tuple[str, ...]:
    """Return the lists of whose columns the site's policy tells."""
    untold = {name for name, purpose in site.column_purposes.items() if not purpose}
    return tuple(name for name in LISTS if DIMENSIONS[name].texts not in untold)


async def _consent_rate(deps: Dependencies, view: ReportView) -> ConsentRate | None:
    first, last = view.period.utc_days
    counts = await deps.counts.read(view.site.id, str(first), str(last))
    loaded = total_of(await asyncio.to_thread(frame_of, counts)).loaded
    return consent_rate_of(loaded, await recorded_views(deps, view.site, view.period))


def _consent_words(rate: ConsentRate | None) -> str:
    if rate is None or rate.share is None:
        return ""
    return f"{percent(rate.share)} of {number(rate.loads)} page loads were recorded, with consent."


def _compared_words(days: tuple[date, date], today: date) -> str:
    first, last = days
    return weekday_of(first, today) if first == last else span_of(first, last, today)


def _figure(one: Headline) -> MailFigure:
    return MailFigure(
        one.label,
        figure(one.value, one.kind),
        delta(one.change, one.kind, None if one.before else one.value),
        direction(one.change, one.kind, one.less_is_better),
    )


def _list(name: str, frame: pd.DataFrame, smallest: int) -> MailList:
    of = DIMENSIONS[name]
    told = [row for row in rows_of(frame, lead_of(name), 1) if row.visitors >= smallest][:ROWS]
    kind = of.listed.kind if of.listed else "path"
    by = "visitors" if of.by == "events" else "amount"
    rows = tuple((one_line(listed(row.name, kind)), number(getattr(row, by))) for row in told)
    title = of.listed.title if of.listed else name
    return MailList(title, _AMOUNTS.get(of.by, "Visitors"), rows)
