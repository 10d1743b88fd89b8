"""Contributions: what some visitors add to the counts and return gaps of closed days.

Everything that summaries hold is made here: folding a day adds what its visitors contribute to it,
and erasing adds the difference between what visitors contributed and what remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import DIMENSIONS, KINDS, Dimension
from askfirst.store.warehouse.summaries.source import parameter
from askfirst.store.warehouse.summaries.sums import added_up
from askfirst.store.warehouse.summaries.visit_figures import (
    VIEW,
    events_of,
    keep_visits,
    visits_of_history,
)
from askfirst.store.warehouse.tables import TABLES, stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

CLICK = KINDS.index("link_click")


@dataclass(frozen=True)
class Rows:
    """Rows of the stored tables `counts` and `gaps`."""

    counts: pa.Table
    gaps: pa.Table


def contributions(
    source: Source, site: int, days: tuple[int, int], *, remaining: bool = False
) -> Rows:
    """Return what the visitors of the history contribute to the days from one to before another.

    Earlier days decide where a return gap begins, and later events how long a visit was. With
    `remaining`, only with the events that are not being deleted. The visits are kept for later
    questions (see `visits_of_history`).
    """
    keep_visits(source, remaining=remaining)
    first, until = days
    seen = source.rows(_gaps, remaining, first=first, until=until)
    whole = source.rows(_whole_visits, first=first, until=until)
    counts = [_complete("counts", rows, site) for rows in (seen, whole)]
    gaps = [_complete("gaps", seen, site)]
    return Rows(added_up("counts", counts), added_up("gaps", gaps))


def within(table: Any) -> Any:
    """Return the rows of a table whose `day` is one of those from `first` to before `until`."""
    return table.filter(table.day >= parameter("first"), table.day < parameter("until"))


_SAME = ("dimension", "value", "visitor")


def _gaps(remaining: bool) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    events, visits = events_of(remaining), visits_of_history()
    earlier = ibis.union(*_before(events, visits))
    closed = ibis.union(*_within(events, visits))
    inside = ibis.window(group_by=list(_SAME), order_by="day")
    closed = closed.mutate(last=closed.day.lag().over(inside).nullif(0))
    known = closed.left_join(earlier, list(_SAME))
    prev = ibis.coalesce(known["last"], known.before, 0).cast("int32")
    found = known.select("dimension", "value", "day", "visits", "views", prev=prev)
    return found.group_by("dimension", "value", "day", "prev").agg(
        visitors=found.count(), visits=found.visits.sum(), views=found.views.sum()
    )


def _within(history: Any, visits: Any) -> list[Any]:
    """Return, by dimension, a row a value that a visitor had on a day, with visits and views."""
    import ibis  # noqa: PLC0415 - half a second

    events = within(history).mutate(viewed=(history.kind == VIEW).cast("int32"))
    shared = events.group_by("visitor", "day", "profile").agg(viewed=events.viewed.sum())
    marks = []
    for one in DIMENSIONS.values():
        rows = _rows_of(one, events, within(visits), shared)
        amount = rows.viewed.sum() if one.by in ("all", "events") else rows.count()
        found = rows.group_by("visitor", "day", "value").agg(amount=amount)
        counted = "visits" if one.by == "visits" else "views"
        columns = {
            "dimension": ibis.literal(one.number),
            **{name: found[name] for name in ("value", "visitor", "day")},
            **dict.fromkeys(("visits", "views"), ibis.literal(0)),
            counted: found.amount,
        }
        marks.append(found.select(**{name: columns[name].cast(kind) for name, kind in _MARK}))
    return marks


_MARK = (
    ("dimension", "int8"), ("value", "int32"), ("visitor", "int32"), ("day", "int32"),
    ("visits", "int32"), ("views", "int32"),
)  # fmt: skip


def _before(history: Any, visits: Any) -> list[Any]:
    """Return, by dimension, the last day before the first on which a visitor had a value."""
    import ibis  # noqa: PLC0415 - half a second

    events = history.filter(history.day < parameter("first"))
    begun = visits.filter(visits.day < parameter("first"))
    shared = events.group_by("visitor", "profile").agg(day=events.day.max())
    marks = []
    for one in DIMENSIONS.values():
        rows = _rows_of(one, events, begun, shared)
        found = rows.group_by("value", "visitor").agg(before=rows.day.max())
        number = ibis.literal(one.number).cast("int8")
        marks.append(
            found.select(dimension=number, value="value", visitor="visitor", before="before")
        )
    return marks


_COUNTED = {"views": VIEW, "clicks": CLICK}


def _rows_of(dimension: Dimension, events: Any, visits: Any, shared: Any) -> Any:
    """Return the rows that a dimension counts, with its `value`."""
    import ibis  # noqa: PLC0415 - half a second

    if dimension.kept == "profile":
        profiles = stored("profiles").select("profile", dimension.column)
        rows = shared.inner_join(profiles, "profile")
    elif dimension.kept == "visit":
        rows = visits.filter(visits.views > 0)
    else:
        rows = events
    if dimension.by in _COUNTED:
        rows = rows.filter(rows.kind == _COUNTED[dimension.by])
    value = rows[dimension.column] if dimension.column else ibis.literal(0)
    return rows.mutate(value=value.cast("int32"))


def _whole_visits() -> Any:
    visits = visits_of_history()
    bounced = ((visits.views == 1) & (visits.events == 1)).cast("int32")
    begun = within(visits.mutate(bounced=bounced))
    return begun.group_by("day").agg(
        visits=begun.count(), bounces=begun.bounced.sum(), ms=begun.lasted.sum()
    )


def _complete(table: str, rows: pa.Table, site: int) -> pa.Table:
    """Return rows of a summary with the columns that they lack, which are 0."""
    missing = {
        name: pa.repeat(pa.scalar(site if name == "site" else 0, pa.int64()), rows.num_rows)
        for name in TABLES[table].columns
        if name not in rows.column_names
    }
    return pa.table(
        {
            name: missing[name] if name in missing else pc.cast(rows[name], pa.int64())
            for name in TABLES[table].columns
        }
    )
