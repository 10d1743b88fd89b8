"""What is known of whole visits, computed from all their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from askfirst.columns import DIMENSIONS, KINDS
from askfirst.store.warehouse.summaries.history import VISIT_TYPES, earlier_visits, history
from askfirst.store.warehouse.summaries.source import kept
from askfirst.store.warehouse.tables import ACTS

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

VIEW = KINDS.index("page_view")

FIRST = {one.column: one.texts for one in DIMENSIONS.values() if one.kept == "visit"}
"""Columns of a visit that its first page view decides, by name: the column of that event."""
LAST = {"leaving": FIRST.pop("leaving")}
"""Columns of a visit that its last page view decides."""


def figures(events: Any) -> Any:
    """Return a row a visit from an Ibis table of events, which has to have all of each visit.

    visitor, visit, start and its local day, lasted, views, events (views and interactions), the
    columns of `FIRST` and `LAST` (0 without a view), and opened: whether one of the events opens
    it. Of two views at the same time the one with the smaller id comes first; ids are compared as
    text, which both engines do alike.
    """
    views = events.filter(events.kind == VIEW)
    whole = events.group_by("visit").agg(
        visitor=events.visitor.min(),
        start=events.time.min(),
        day=events.day.argmin(events.time),
        lasted=events.time.max() - events.time.min(),
        views=(events.kind == VIEW).sum().cast("int32"),
        events=events.kind.isin(ACTS).ifelse(1, 0).sum().cast("int32"),
        opened=events.opens.any(),
    )
    edges = views.group_by("visit").agg(first=views.time.min(), last=views.time.max())
    first, last = _at(views, edges, "first", FIRST), _at(views, edges, "last", LAST)
    found = whole.left_join(first, "visit").drop("visit_right")
    found = found.left_join(last, "visit").drop("visit_right")
    known = {name: found[name].fill_null(0).cast("int32") for name in (*FIRST, *LAST)}
    return found.mutate(**known).select(*VISIT_TYPES)


def _at(views: Any, edges: Any, edge: str, columns: dict[str, str]) -> Any:
    """Return of each visit what its view at an edge says."""
    there = views.inner_join(edges, [views.visit == edges.visit, views.time == edges[edge]])
    chosen = {
        name: there[column].argmin(there.event_id)
        if edge == "first"
        else there[column].argmax(there.event_id)
        for name, column in columns.items()
    }
    return there.group_by("visit").agg(**chosen)


def keep_visits(source: Source, *, remaining: bool = False) -> None:
    """Compute the visits of the history as `visits_of_history`, or what remains of them."""
    source.keep("visits_of_history", source.rows(_figures, remaining), VISIT_TYPES)


def _figures(remaining: bool) -> Any:
    events = events_of(remaining)
    return figures(events.filter(~events.earlier)).union(earlier_visits())


def events_of(remaining: bool) -> Any:
    """Return the events of the history, or those that are not being deleted."""
    events = history()
    return events.filter(~events.gone) if remaining else events


def visits_of_history() -> Any:
    """Return the visits that `keep_visits` computed last."""
    return kept("visits_of_history", VISIT_TYPES)
