"""The reports of what the reports see: coverage by day and page, and the estimate."""

import asyncio

from reports.coverage.by_day import (
    RecordedDay,
    both,
    counts_of,
    loads_by_day,
    recorded_in_all,
    recorded_of,
)
from reports.coverage.by_language import covered_languages, covered_sources, loads_of, log_days
from reports.coverage.by_page import covered_pages
from reports.coverage.estimates import estimated, people_of
from reports.dependencies import Dependencies
from reports.tables.spool import Rows, held
from reports.tables.table import Cut, Field
from reports.url.asking import answered
from reports.url.report_view import ReportView

_LOADS = Field("loads", "Page loads", "Loads of pages with the tag, whatever was chosen.")
COVERAGE = (
    Field("day", "Day", "The UTC day.", "day"),
    _LOADS,
    Field(
        "recorded",
        "Recorded",
        "Page views recorded with consent, also those left out, without logs.",
    ),
    Field("left_out", "Left out", "How many recorded views the other reports leave out, by rules."),
    Field("share", "Share", "The share recorded, 0 to 1; null where it is not told.", "number"),
    Field("from_logs", "From logs", "Page views of imported logs, not among those recorded."),
)
BY_PAGE = (
    Field("name", "Page", "The path of the page.", "text"),
    Field("loads", "Page loads", "Its loads on days on which it is counted by name."),
    Field("share_low", "Share, at least", "The share recorded, 0 to 1, at least.", "number"),
    Field("share_high", "Share, at most", "The same at most; null where not told.", "number"),
)
BY_LANGUAGE = (
    Field("name", "Language", "The language that a browser asks for first: de.", "text"),
    Field("loads", "Page loads", "Its loads, counted by name."),
    *BY_PAGE[2:],
)
BY_SOURCE = (
    Field("name", "Source", "tag, banner, or log (imported).", "text"),
    Field("counted", "Counted", "Page loads, banners, or pages in imported logs."),
    Field("recorded", "Recorded", "Page views recorded; of banners the answers yes."),
    Field("share", "Share", "The share of it, 0 to 1; null where it is not told.", "number"),
)
ESTIMATE = (
    Field("figure", "Figure", "What is estimated.", "text"),
    Field("recorded", "Recorded", "How many were recorded with consent."),
    Field("about", "About", "The estimate for all page loads."),
    Field("low", "At least", "The lower end of its range, of 95%."),
    Field("high", "At most", "The upper end of its range."),
    Field("unknown_days", "Unknown days", "Days whose share is unknown: they count as recorded."),
)


async def coverage_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each UTC day on which anything was counted or recorded."""
    loads = loads_by_day(await counts_of(deps, view))
    every = await recorded_in_all(deps, view)
    rows = []
    for day in sorted({*loads, *every}):
        loaded, found = loads.get(day, 0), every.get(day, RecordedDay())
        share = found.of_tag / loaded if found.of_tag <= loaded and loaded else None
        counts = {"loads": loaded, "recorded": found.of_tag, "left_out": found.left_out}
        rows.append({"day": day, **counts, "share": share, "from_logs": found.from_logs})
    return held(fields, deps.settings.data_folder, rows, cut)


async def coverage_by_page_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each page whose loads are counted by name."""
    counts = await counts_of(deps, view)
    imported = log_days(await loads_of(deps, view))
    pages = await covered_pages(deps, view, counts, deps.settings.smallest_count, imported)
    rows = [
        {
            "name": one.page,
            "loads": one.loads,
            "share_low": one.share[0] if one.share else None,
            "share_high": one.share[1] if one.share else None,
        }
        for one in pages
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def coverage_by_language_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each language whose loads are counted by name."""
    counts, smallest = await loads_of(deps, view), deps.settings.smallest_count
    rows = [
        {
            "name": one.language,
            "loads": one.loads,
            "share_low": one.share[0] if one.share else None,
            "share_high": one.share[1] if one.share else None,
        }
        for one in await covered_languages(deps, view, counts, smallest)
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def coverage_by_source_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each place where something was counted."""
    recorded = recorded_of(await recorded_in_all(deps, view)).views
    found = covered_sources(await loads_of(deps, view), await counts_of(deps, view), recorded)
    rows = [
        {"name": one.source, "counted": one.counted, "recorded": one.recorded, "share": one.share}
        for one in found
    ]
    return held(fields, deps.settings.data_folder, rows, cut)


async def estimate_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find a row for each figure that can be estimated."""
    counts, recorded, people = await asyncio.gather(
        counts_of(deps, view), both(deps, view), answered(deps, view, people_of)
    )
    found = estimated(view, loads_by_day(counts), recorded, people)
    rows = [{"figure": one.label, **vars(one.estimate)} for one in found]
    return held(fields, deps.settings.data_folder, rows, cut)
