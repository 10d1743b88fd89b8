"""The lists of the overview as reports: five figures of each value, streamed from the warehouse."""

import asyncio
from typing import cast

from reports.dependencies import Dependencies
from reports.overview.dimensions import Dimension
from reports.overview.searching import LONGEST, finds_nothing, pattern_of, search_of
from reports.questions.figures_by.columns import Listing, Measure, listing
from reports.questions.figures_by.figures_by import figures_beside, figures_by
from reports.questions.figures_by.in_parts import keep_counted
from reports.tables.comparing import AGAINST_DAYS, compared_window
from reports.tables.spool import Rows
from reports.tables.table import Answer, Cut, Field, Option, Report, compared_fields
from reports.url.asking import Asked, answered
from reports.url.report_view import ReportView

SEARCH = Option("q", "What names have to contain, as on the page of the list.", longest=LONGEST)
EVERY = 1 << 40
"""More rows than any answer has."""


def list_report(one: Dimension) -> Report:
    """Return the report of a list: a row for each of its values."""
    fields = (
        Field(
            "name", one.column, "The value; null is unknown or none.", "text", empty_is_null=True
        ),
        Field("visitors", "Visitors", "Distinct visitors with the value."),
        Field("visits", "Visits", "Visits with the value that began then."),
        Field("views", one.views, "Page views, clicks or events with the value."),
        Field(
            "bounce_rate", "Bounce rate", "Share of bounces, 0 to 1; null without visits.", "number"
        ),
        Field("engaged", "Engaged", "Seconds of reading a visit; null without visits.", "number"),
    )
    about = f"One row a value: {one.column.lower()}, the one with most {one.lead} first."
    return Report(
        one.key,
        one.title,
        about,
        fields,
        _answer(one),
        options=(SEARCH, *AGAINST_DAYS),
        compared=compared_fields(fields[1:]),
    )


def _answer(one: Dimension) -> Answer:
    async def answer(
        deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        window = compared_window(view, fields)

        def spooled(asked: Asked) -> Rows:
            rows = Rows(fields, deps.settings.data_folder)
            limit = EVERY if cut.limit is None else cut.limit
            wanted = _listing(one, cut, search_of(view.address.query.get("q", "")))
            values = (one.by, wanted, limit, cut.offset)
            scope = keep_counted(asked.page, asked.scope(), one.by)
            if window is None:
                asked.page.stream(rows.take, figures_by, scope, *values)
            else:
                before = keep_counted(asked.page, asked.scope(window), one.by)
                scopes = scope, before
                asked.page.stream(rows.take, figures_beside, *scopes, *values)
            return rows

        async def once(asked: Asked) -> Rows:
            return await asyncio.to_thread(spooled, asked)

        return await answered(deps, view, once, *([window] if window else []))

    return answer


def _listing(one: Dimension, cut: Cut, search: str) -> Listing:
    by, descending = (cast(Measure, cut.by), cut.descending) if cut.by else (one.lead, True)
    found = pattern_of(search, one.kind), finds_nothing(search, one.kind)
    return listing(by, descending, *found)
