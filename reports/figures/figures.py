"""From the answers of queries to figures: totals, changes, lists and steps of the chart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd

from reports.formatting.template_filters import figure
from reports.url.comparing import weight_of
from reports.url.steps import Bucket, end_of, moment_of

POINTS = 100
_LEAST = 0.005
"""The least part of a share that its change is told of, as of counts."""


@dataclass(frozen=True)
class Totals:
    """The figures of a period; a mean or share without a base is None."""

    visitors: int
    visits: int
    views: int
    views_per_visit: float | None
    bounce_rate: float | None
    visit_seconds: float | None
    engaged_seconds: float | None = None
    """The reading time of a visit, None as well where it was not asked for."""


@dataclass(frozen=True)
class Headline:
    """A figure compared with the period before.

    `kind` is "count", "ratio", "share" or "seconds". `before` is the old figure. `change` is
    relative to it, or for a share the difference in percentage points; None where there is nothing
    to compare with. `before_days` is of how many days a count before is, where they are others.
    """

    key: str
    label: str
    kind: str
    value: float | None
    change: float | None
    less_is_better: bool = False
    before: float | None = None
    before_days: int = 0


@dataclass(frozen=True)
class Row:
    """A row of a list; `part` is its length in per cent of the longest row."""

    name: str
    amount: int
    visitors: int
    share: float
    part: float
    note: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the chart; `now` is None in the future, and for a mean or share without a base.

    A step is not whole where the period or the present cuts it; a running one holds the present.
    `days` are, of a month, its days within the period until today, and those of the compared month;
    of a week the same where they differ. `weight` is what a compared count is multiplied by for a
    change, None where a part of it would stand beside the whole.
    """

    bucket: Bucket
    now: float | None
    before: float | None
    is_whole: bool = True
    is_running: bool = False
    days: tuple[int, int] | None = None
    weight: float | None = 1.0


_HEADLINES = (
    ("visitors", "Visitors", "count", False),
    ("visits", "Visits", "count", False),
    ("views", "Page views", "count", False),
    ("views_per_visit", "Views per visit", "ratio", False),
    ("bounce_rate", "Bounce rate", "share", True),
    ("engaged_seconds", "Engaged time", "seconds", False),
)
LABELS = {key: label for key, label, _, _ in _HEADLINES}
"""The figures that stand above a chart, each of which may turn it: key and words."""
KINDS = {key: kind for key, _, kind, _ in _HEADLINES}
"""How each of them is written (see `Headline`)."""


def totals_of(frame: pd.DataFrame) -> Totals:
    """Read the one row that the query `totals` returns."""
    row = frame.iloc[0]
    visits, views = _whole(row["visits"]), _whole(row["views"])
    return Totals(
        visitors=_whole(row["visitors"]),
        visits=visits,
        views=views,
        views_per_visit=_over(views, visits),
        bounce_rate=_over(_whole(row["bounces"]), visits),
        visit_seconds=float(row["seconds"]) if visits else None,
    )


def headlines_of(
    now: Totals, before: Totals | None, weight: float = 1.0, days: int = 0
) -> tuple[Headline, ...]:
    """Compare each figure with the period before; counts of that are multiplied by `weight`.

    `days` are those of that period where it is longer or shorter, else 0.
    """
    return tuple(
        Headline(
            key=key,
            label=label,
            kind=kind,
            value=(value := getattr(now, key)),
            change=change_of(kind, value, getattr(before, key), weight_of(key, weight))
            if before
            else None,
            less_is_better=less,
            before=getattr(before, key) if before else None,
            before_days=days if kind == "count" else 0,
        )
        for key, label, kind, less in _HEADLINES
    )


def change_of(
    kind: str, now: float | None, before: float | None, weight: float | None = 1.0
) -> float | None:
    """Return a change: relative, or for a share in percentage points; None without a base.

    A mean or share that is written as before has not changed, nor has a share that differs by less
    than half a per cent of itself; a count has, however short both are written.
    `weight` is what a count before is multiplied by, where it is that of more days or of fewer;
    None where counts cannot be compared.
    """
    if now is None or before is None:
        return None
    if kind != "count" and figure(now, kind) == figure(before, kind):
        return 0.0
    if kind == "share":
        return 0.0 if abs(now - before) < _LEAST * before else (now - before) * POINTS
    if kind == "count":
        if weight is None:
            return None
        before *= weight
    return _over(now - before, before)


def rows_of(frame: pd.DataFrame, column: str, whole: int, offset: int = 0) -> tuple[Row, ...]:
    """Read a list ordered by `column`; `whole` is what a row is a share of."""
    longest = max((_whole(n) for n in frame[column]), default=0)
    notes = frame["kind"] if "kind" in frame else [""] * len(frame)
    return tuple(
        Row(
            name=str(name),
            amount=_whole(amount),
            visitors=_whole(visitors),
            share=_over(_whole(lead), whole) or 0.0,
            part=round(POINTS * (_over(_whole(lead), longest) or 0.0), 1),
            note=str(note),
        )
        for name, amount, visitors, lead, note in zip(
            frame["name"], frame["amount"], frame["visitors"], frame[column], notes, strict=True
        )
    )


def steps_of(
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    keys: tuple[Sequence[Bucket], Sequence[Bucket | None]],
    metric: str,
    present: Any,
) -> tuple[Step, ...]:
    """Join the answers for two periods by step; where nothing happened, a count is 0.

    `keys` are the steps of the period, and those that stand behind them (see `steps.facing`);
    steps after `present` have no value.
    """
    mine, theirs = _by_bucket(now, metric), _by_bucket(before, metric)
    nothing = 0 if KINDS.get(metric, "count") == "count" else None
    behind = keys[1] if before is not None else ()
    old = [theirs.get(bucket.key, nothing) if bucket else None for bucket in behind]
    return tuple(
        Step(
            bucket,
            None if bucket.local > present else mine.get(bucket.key, nothing),
            old[index] if index < len(old) else None,
        )
        for index, bucket in enumerate(keys[0])
    )


def cut_steps(
    steps: Sequence[Step], by: str, days: tuple[date, date], present: datetime
) -> tuple[Step, ...]:
    """Mark the steps that the present or the ends of a period cut; `days` are its first and last.

    `present` is naive, in the zone of the steps.
    """
    start = datetime.combine(days[0], time.min)
    end = datetime.combine(days[1], time.min) + timedelta(days=1)
    return tuple(_cut(step, end_of(step.bucket, by), start, end, present) for step in steps)


def _cut(step: Step, ends: datetime, start: datetime, end: datetime, present: datetime) -> Step:
    begins = step.bucket.local
    return replace(
        step,
        is_whole=start <= begins and ends <= min(end, present),
        is_running=begins <= present < min(ends, end),
    )


_PARTS = {
    "views_per_visit": ("views", "visits", 1),
    "bounce_rate": ("bounces", "visits", 1),
    "engaged_seconds": ("engaged_ms", "visits", 1000),
}
"""Of a mean or share: the columns that are divided, and by what the result is."""


def _by_bucket(frame: pd.DataFrame | None, metric: str) -> dict[Any, float | None]:
    if frame is None:
        return {}
    begins = (moment_of(int(ms)) for ms in frame["bucket"])
    if metric not in _PARTS:
        return dict(zip(begins, (_whole(n) for n in frame[metric]), strict=True))
    part, base, unit = _PARTS[metric]
    pairs = zip(frame[part], frame[base], strict=True)
    values = (_over(_whole(one), _whole(whole) * unit) for one, whole in pairs)
    return dict(zip(begins, values, strict=True))


def _over(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _whole(number: Any) -> int:
    return 0 if pd.isna(number) else int(number)
