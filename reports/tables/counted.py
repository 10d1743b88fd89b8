"""The reports of what is only counted: choices in the banner, and what was not recorded."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

import pandas as pd

from reports.choices.figures import (
    ChoiceRow,
    frame_of,
    merged_rows,
    steps_of_choices,
    versions_of,
)
from reports.dependencies import Dependencies
from reports.formatting.rule_words import is_rule, rule_words
from reports.not_recorded.figures import reason_rows, refusals
from reports.questions.left_out import left_out
from reports.tables.spool import Rows, held
from reports.tables.table import Answer, Cut, Field
from reports.url.comparing import DAY
from reports.url.periods import Window
from reports.url.report_view import ReportView
from reports.url.steps import buckets, ms_of

OTHERS = "(others)"
"""The name of the row that sums up what is too small to be told by itself."""
_CHOICES = (
    Field("loaded", "Page loads", "Loads of pages with the tag."),
    Field("signal", "Refusal signals", "Loads by browsers that refuse by a signal (GPC)."),
    Field("shown", "Banners", "How often the banner was shown."),
    Field("accepted", "Yes", "Answers yes."),
    Field("refused", "No", "Answers no."),
    Field("ignored", "No answer", "Banners without an answer."),
    Field("withdrawn", "Taken back", "Withdrawals."),
    Field("yes_share", "Share of yes", "Among yes and no, 0 to 1; null without any.", "number"),
    Field("answered_share", "Share answered", "Of banners, 0 to 1; null without any.", "number"),
)
CHOICES = (
    Field("begins", "Begins", "The UTC day with which the step begins.", "day"),
    *_CHOICES,
)
CHOICES_BY = (
    Field("name", "Name", f"The value; {OTHERS} sums up what is too small to be told.", "text"),
    *_CHOICES,
)
NOT_RECORDED = (
    Field("day", "Day", "The UTC day.", "day"),
    Field("code", "Code", "The error code, or the reason of the refusal.", "text"),
    Field("reason", "Reason", "The same in words.", "text"),
    Field("times", "Times", "Requests, or events that the yes does not cover."),
)
LEFT_OUT = (
    Field("rule", "Rule", "The rule that the events fit.", "text"),
    Field("words", "In words", "The same in words.", "text"),
    Field("is_left_out", "Left out", "1 where the reports leave it out, 0 where it counts."),
    Field("events", "Events", "Events of the period that fit."),
    Field("visitors", "Visitors", "Their distinct visitors."),
    Field("visits", "Visits", "Visits of nothing but these events."),
    Field("views", "Page views", "Their page views."),
)


async def choices_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find what was chosen in each step; the counts know no shorter one than a UTC day."""
    period = view.period
    by = "day" if period.by == "hour" else period.by
    first, last = period.utc_days
    window = Window(datetime.combine(first, time.min), datetime.combine(last + DAY, time.min))
    frame = await _frame(deps, view)
    rows = await asyncio.to_thread(steps_of_choices, frame, buckets(window, "UTC", by), by)
    found = [_row(row) | {"begins": date.fromisoformat(row.name)} for row in rows]
    return held(fields, deps.settings.data_folder, found, cut)


def choices_by(column: str) -> Answer:
    """Return what answers the choices by page or language, without small counts."""

    async def answer(
        deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
    ) -> Rows:
        frame = await _frame(deps, view)
        named = frame[frame[column] != ""] if column == "language" else frame
        smallest = deps.settings.smallest_count
        merged = await asyncio.to_thread(merged_rows, named, column, smallest)
        rest = [_row(merged.rest) | {"name": OTHERS}] if merged.rest else []
        found = [*(_row(row) for row in merged.rows), *rest]
        return held(fields, deps.settings.data_folder, found, cut)

    return answer


async def choices_by_version(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find what was chosen under each version of the wording, without small counts."""
    frame = await _frame(deps, view)
    rows = await asyncio.to_thread(versions_of, frame, deps.settings.smallest_count)
    return held(fields, deps.settings.data_folder, [_row(row) for row in rows], cut)


async def not_recorded_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find what was turned away, by day and reason."""
    first, last = view.period.utc_days
    tallies = await deps.tallies.by_day(view.site.id, str(first), str(last))
    turned_away = refusals(tallies)
    words = {row.code: row.label for row in reason_rows(turned_away)}
    found = [
        {"day": date.fromisoformat(day), "code": code, "reason": words[code], "times": times}
        for day, code, times in turned_away
        if times
    ]
    return held(fields, deps.settings.data_folder, found, cut)


async def left_out_rows(
    deps: Dependencies, view: ReportView, fields: tuple[Field, ...], cut: Cut
) -> Rows:
    """Find what each rule fits in the period."""
    window = view.period.window
    times = ms_of(window.start), ms_of(window.end)
    frame = await asyncio.to_thread(deps.warehouse.ask, left_out, view.site.id, *times)
    found = [
        {**row, "words": _words(str(row["rule"])), "is_left_out": int(row["left_out"])}
        for row in frame.to_dict("records")
    ]
    return held(fields, deps.settings.data_folder, _only(found, fields), cut)


def _words(rule: str) -> str:
    return rule_words(rule)[0] if is_rule(rule) else ""


def _only(rows: Sequence[dict[Any, Any]], fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    return [{one.name: row[one.name] for one in fields} for row in rows]


def _row(row: ChoiceRow) -> dict[str, Any]:
    """Return the numbers of a row; one that is too small to be told is null."""
    return {**asdict(row), **dict.fromkeys(row.hidden)}


async def _frame(deps: Dependencies, view: ReportView) -> pd.DataFrame:
    first, last = view.period.utc_days
    counts = await deps.counts.read(view.site.id, str(first), str(last))
    return await asyncio.to_thread(frame_of, counts)
