"""What the page of a shared report shows: its frame, without figures, chart and lists."""

from collections.abc import Mapping
from dataclasses import dataclass

from reports.charts.series import Lines
from reports.filters.bar import sentences
from reports.saved.share_links import ShareLink
from reports.sharing.hidden import SharedFigure
from reports.sharing.shared_files import chart_links
from reports.sharing.shared_lists import SharedList
from reports.shell import Shell
from reports.url.links import Link, dates_of
from reports.url.periods import GRAINS, PERIODS
from reports.url.report_view import ReportView

OFFERED = ("7d", "30d", "90d", "month", "last-month", "12m")
"""The periods on offer: whole ones, for two that differ by a day would tell of that day."""
METRICS = {"visitors": "Visitors", "visits": "Visits", "views": "Page views"}


@dataclass(frozen=True)
class SharedReportPage:
    """`shared_report.html`: the report, or one whole list of it."""

    shell: Shell
    site_name: str
    """The name of the site."""
    segment_name: str
    """The segment that the link is limited to, or ''."""
    sentences: tuple[str, ...]
    """Its conditions in words."""
    dates: str
    """The days of the period in words."""
    periods: tuple[Link, ...]
    """The periods to choose from."""
    figures: tuple[SharedFigure, ...]
    """The figures of the period; none on a whole list."""
    metrics: Mapping[str, Link]
    """Links that choose what the chart shows."""
    lines: Lines | None
    """The chart; None on a whole list."""
    grains: tuple[Link, ...]
    """The steps of the chart to choose from."""
    lists: tuple[SharedList, ...]
    """The lists, or the one that is shown whole."""
    list_files: Mapping[str, tuple[Link, ...]]
    """The files of the lists that are shown whole, by their keys; none where none are offered."""
    chart_files: tuple[Link, ...]
    """The chart as files; none where none are offered."""
    back: str
    """From a whole list: the address of the report, else ''."""
    zone: str
    """The site's time zone."""


@dataclass(frozen=True)
class Asking:
    """A request to a shared report: the view, and what it shows."""

    link: ShareLink
    view: ReportView
    metric: str
    show: str


def frame_of(one: Asking) -> SharedReportPage:
    """Return the page without its figures, chart and lists."""
    view, link = one.view, one.link
    address, period = view.address, view.period
    return SharedReportPage(
        shell=Shell(f"{view.site.name}: {dates_of(period)}"),
        site_name=view.site.name,
        segment_name=link.segment_name,
        sentences=sentences(link.segment, link.goals),
        dates=dates_of(period),
        periods=tuple(
            Link(PERIODS[name], address.with_(period=name, by=None), name == period.name)
            for name in OFFERED
        ),
        figures=(),
        metrics={
            key: Link(text, address.with_(metric=key), key == one.metric)
            for key, text in METRICS.items()
        },
        lines=None,
        grains=tuple(
            Link(GRAINS[by], address.with_(by=by), by == period.by)
            for by in period.grains
            if by != "hour"
        ),
        lists=(),
        list_files={},
        chart_files=chart_links(view) if link.files else (),
        back="",
        zone=view.site.time_zone,
    )
