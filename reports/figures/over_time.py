"""A figure over time: the steps of a period, and of the days that it is compared with."""

import asyncio
from dataclasses import replace

import pandas as pd

from askfirst.store.warehouse.compiled import Question
from reports.figures.figures import Step, Totals, cut_steps, steps_of
from reports.questions.measures.engaged import engaged
from reports.questions.measures.rates_over_time import bounces_over_time, engaged_over_time
from reports.questions.over_time import over_time
from reports.url.asking import Asked
from reports.url.periods import Period, Window
from reports.url.steps import buckets, shifts, since_of

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
        (keys[0], keys[1] if before else ()),
        metric,
        period.local_now,
    )
    return cut_steps(steps, period.by, (period.first, period.last), period.local_now)


async def _answer(asked: Asked, window: Window, period: Period, metric: str) -> pd.DataFrame:
    scope, by, zone = asked.scope(window), period.by, period.zone
    question = _QUESTIONS.get(metric, over_time)
    return await asked.ask(question, scope, by, shifts(window, zone, by), since_of(scope, zone, by))


async def with_engaged(asked: Asked, totals: Totals, window: Window | None = None) -> Totals:
    """Return totals with the reading time of a visit, of a window or of the view's period."""
    if not totals.visits:
        return totals
    found = await asked.ask(engaged, asked.scope(window))
    seconds = int(found["engaged_ms"].iloc[0]) / totals.visits / 1000
    return replace(totals, engaged_seconds=seconds)
