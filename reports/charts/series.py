"""A figure over time of one segment, and the lines of several in one chart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.charts.line_chart import Chart, Point, chart_of
from reports.figures.figures import Step, cut_steps, steps_of
from reports.formatting.dates import NOTHING
from reports.formatting.template_filters import number
from reports.questions.over_time import over_time
from reports.url.asking import Asked
from reports.url.periods import Period
from reports.url.steps import buckets, shifts, since_of


@dataclass(frozen=True)
class Lines:
    """Several charts on one scale, and their numbers in words: a label and a text for each.

    `marks` are where the number of each line stands, in per cent of width and height.
    """

    charts: tuple[Chart, ...]
    marks: tuple[Point, ...]
    table: tuple[tuple[str, tuple[str, ...]], ...]


async def steps_over(asked: Asked, period: Period, metric: str) -> tuple[Step, ...]:
    """Ask for visitors, visits or views in each step of a period, without a period before."""
    [steps] = await steps_of_each(asked, period, (metric,))
    return steps


async def steps_of_each(
    asked: Asked, period: Period, metrics: Sequence[str]
) -> tuple[tuple[Step, ...], ...]:
    """Ask once for the steps of several metrics, as `steps_over` does for one."""
    window, by, zone = period.window, period.by, period.zone
    scope = asked.scope()
    frame = await asked.ask(
        over_time, scope, by, shifts(window, zone, by), since_of(scope, zone, by)
    )
    keys, days, now = (buckets(window, zone, by), ()), (period.first, period.last), period.local_now
    return tuple(
        cut_steps(steps_of(frame, None, keys, metric, now), by, days, now) for metric in metrics
    )


def lines_of(
    named: Sequence[tuple[str, Sequence[Step]]],
    period: Period,
    write: Callable[[int], str] = number,
) -> Lines:
    """Draw the steps of each name on the scale of the highest; `write` writes numbers."""
    highest = max((step.now or 0 for _, steps in named for step in steps), default=0)
    today = period.local_now.date()
    charts = tuple(
        chart_of(name, steps, period.by, today, highest=int(highest)) for name, steps in named
    )
    return Lines(charts, _marks(charts), _table(charts, write))


def _marks(charts: Sequence[Chart]) -> tuple[Point, ...]:
    """Return a place on each line, each at a step of its own, so that none lies on another."""
    places = []
    for nth, chart in enumerate(charts, start=1):
        known = [n for n, row in enumerate(chart.rows) if row.now is not None]
        at = known[len(known) * nth // (len(charts) + 1)] if known else 0
        value = chart.rows[at].now or 0
        x = 100 * at / max(1, len(chart.rows) - 1)
        places.append((round(x, 2), round(100 - 100 * value / chart.top, 2)))
    return tuple(places)


def _table(
    charts: Sequence[Chart], write: Callable[[int], str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    together = zip(*(chart.rows for chart in charts), strict=True)
    return tuple(
        (rows[0].label, tuple(NOTHING if row.now is None else write(row.now) for row in rows))
        for rows in together
    )
