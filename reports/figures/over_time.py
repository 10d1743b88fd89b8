"""A figure over time: the steps of a period, and of the days that it is compared with."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pandas as pd

from askfirst.store.warehouse.compiled import Question
from reports.figures.figures import Step, Totals, cut_steps, steps_of, totals_of
from reports.questions.measures.engaged import engaged
from reports.questions.measures.rates_over_time import bounces_over_time, engaged_over_time
from reports.questions.over_time import over_time
from reports.url.asking import Asked
from reports.url.comparing import DAY, weight_of
from reports.url.periods import Period, Window, days_so_far
from reports.url.steps import Bucket, buckets, end_of, facing, shifts, since_of

_QUESTIONS: dict[str, Question] = {
    "bounce_rate": bounces_over_time,
    "engaged_seconds": engaged_over_time,
}
"""The question about a figure, where `over_time` does not answer it."""


async def figure_over_time(asked: Asked, period: Period, metric: str) -> tuple[Step, ...]:
    """Return the steps of a figure (see `reports.figures.figures.LABELS`)."""
    windows = [window for window in (period.window, period.before) if window]
    answers = [_answer(asked, window, period, metric) for window in windows]
    now, *before = await asyncio.gather(*answers)
    keys = [buckets(window, period.zone, period.by) for window in windows]
    steps = steps_of(
        now,
        before[0] if before else None,
        (keys[0], facing(keys[0], keys[1], period.by) if before else ()),
        metric,
        period.local_now,
    )
    cut = cut_steps(steps, period.by, (period.first, period.last), period.local_now)
    return with_days(cut, period, keys[1] if before else (), metric)


def with_days(
    steps: Sequence[Step], period: Period, compared: Sequence[Bucket], metric: str
) -> tuple[Step, ...]:
    """Say of each step by what its compared count is multiplied for a change.

    Of months and weeks also how many days they have here: one of 31 days has more than one of 28,
    and the ends of a period cut weeks at other weekdays.
    """
    if period.by in ("hour", "day"):  # a part of one is never like the whole
        return tuple(replace(one, weight=None if one.is_running else 1.0) for one in steps)
    previous, by = period.previous, period.by
    before = [_days_in(one, by, previous.first, previous.last) for one in compared if previous]
    theirs = before + [0] * len(steps)
    told = (_with_days(one, period, theirs[index]) for index, one in enumerate(steps))
    return tuple(replace(one, weight=weight_of(metric, one.weight)) for one in told)


def _with_days(step: Step, period: Period, theirs: int) -> Step:
    today = period.local_now.date()
    last = min(period.last, max(period.first, today))
    mine = _days_in(step.bucket, period.by, period.first, last)
    counted: float = mine
    if step.is_running:
        begins = max(step.bucket.local, datetime.combine(period.first, time.min))
        counted = days_so_far(begins, period.local_now)
    is_told = period.by == "month" or theirs not in (0, mine)
    weight = counted / theirs if theirs and counted else 1.0
    return replace(step, days=(mine, theirs) if is_told else None, weight=weight)


def _days_in(bucket: Bucket, by: str, first: date, last: date) -> int:
    begins, ends = bucket.local.date(), end_of(bucket, by).date() - DAY
    return max(0, (min(ends, last) - max(begins, first)).days + 1)


async def _answer(asked: Asked, window: Window, period: Period, metric: str) -> pd.DataFrame:
    scope, by, zone = asked.scope(window), period.by, period.zone
    question = _QUESTIONS.get(metric, over_time)
    return await asked.ask(question, scope, by, shifts(window, zone, by), since_of(scope, zone, by))


async def with_engaged(asked: Asked, totals: Totals, window: Window | None = None) -> Totals:
    """Return totals with the reading time of a visit, of a window or of the view's period."""
    if not totals.visits:
        return totals
    return _read(totals, await asked.ask(engaged, asked.scope(window)))


async def totals_with_engaged(
    asked: Asked, figures: Awaitable[pd.DataFrame], window: Window | None = None
) -> Totals:
    """Return the same of the answer of `totals`, asking for both at once."""
    found, read = await asyncio.gather(figures, asked.ask(engaged, asked.scope(window)))
    totals = totals_of(found)
    return _read(totals, read) if totals.visits else totals


def _read(totals: Totals, found: pd.DataFrame) -> Totals:
    seconds = int(found["engaged_ms"].iloc[0]) / totals.visits / 1000
    return replace(totals, engaged_seconds=seconds)
