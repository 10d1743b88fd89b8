"""The history of some visitors: all their events, read once and handed back to the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from askfirst.columns import DIMENSIONS
from askfirst.local_days import Offsets, day_of
from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.summaries.source import Source, digits, kept, parameter
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Value

_COUNTED = tuple(
    dict.fromkeys(
        one.texts if one.kept == "visit" else one.column
        for one in DIMENSIONS.values()
        if one.kept in ("event", "visit")
    )
)
"""Texts of events that summaries and visits are made from."""
TYPES = {
    "visitor": "int32",
    "visit": "int32",
    "time": "int64",
    "day": "int32",
    "kind": "int8",
    "profile": "int32",  # the effective one
    "inherits": "boolean",  # whether it is that of the visit
    "opens": "boolean",
    **dict.fromkeys(_COUNTED, "int32"),
    "event_id": "string",
    "gone": "boolean",  # whether it is being deleted
    "earlier": "boolean",  # whether its visit is one of `earlier_visits`
}
VISIT_TYPES = {
    "visit": "int32",
    "visitor": "int32",
    "start": "int64",
    "day": "int32",
    "lasted": "int64",
    "views": "int32",
    "events": "int32",
    "opened": "boolean",
    **{one.column: "int32" for one in DIMENSIONS.values() if one.kept == "visit"},
}
EVER = -(2**62)
AT_ONCE = 500_000
"""How many events are read at once, about; more visitors are taken in several slices."""

Condition = Callable[[Any], Any]
"""Which rows of the stored events: returns an Ibis condition, with parameters for its numbers."""


@dataclass(frozen=True)
class Visitors:
    """The visitors of a site that have an event for which a condition holds.

    `values` are the condition's parameters. Those in one slice have all their events in it.
    """

    site: int
    condition: Condition
    values: Mapping[str, Value] = field(default_factory=dict)
    slices: int = 1
    slice: int = 0

    @property
    def parameters(self) -> dict[str, Value]:
        """The parameters of `among`."""
        return {**self.values, "site": self.site, "slices": self.slices, "slice": self.slice}

    def sliced(self, events: int) -> list[Visitors]:
        """Return them in slices whose events fit into memory, of this many that they have."""
        slices = 1 + events // AT_ONCE
        return [replace(self, slices=slices, slice=number) for number in range(slices)]

    def events(self, source: Source) -> tuple[int, int]:
        """Return how many events they have, and for how many of these the condition holds."""
        found = source.one(_count, self.condition, **self.parameters)
        return int(found["events"]), int(found["those"] or 0)


def of_site(table: Any) -> Any:
    """Return the rows of a table that belong to the site."""
    return table.filter(table.site == parameter("site"))


def among(table: Any, condition: Condition) -> Any:
    """Return the rows of a stored table that belong to a slice of visitors (see `Visitors`)."""
    events = of_site(stored("events"))
    those = events.filter(condition(events)).select("visitor").distinct()
    those = those.filter(those.visitor % parameter("slices") == parameter("slice"))
    return of_site(table).semi_join(those, "visitor")


def _count(condition: Condition) -> Any:
    events = among(stored("events"), condition)
    return events.agg(events=events.count(), those=condition(events).cast("int64").sum())


def history() -> Any:
    """Return the history that was read last by the same reader, as an Ibis table."""
    return kept("history", TYPES)


def earlier_visits() -> Any:
    """Return the visits that were closed before the time that the history was read for."""
    return kept("earlier_visits", VISIT_TYPES)


def read_history(
    source: Source,
    visitors: Visitors,
    zone_offsets: Offsets,
    *,
    since: int = EVER,
    gone: bool = False,
) -> None:
    """Read all events of some visitors as `history`; one reader keeps one at a time.

    `profile` is the effective profile, `day` the local one. What is stored of closed visits that
    began before `since` is read, too, so that they are not computed again. With `gone`, the events
    for which the condition of the visitors holds are marked.
    """
    values = {**visitors.parameters, **values_of(zone_offsets), "begun_before": since}
    shape = (visitors.condition, len(zone_offsets))
    rows = source.rows(_history, *shape, gone, **values)
    source.keep("history", rows, TYPES)
    if since == EVER:
        earlier = arrow_table({name: [] for name in VISIT_TYPES}, VISIT_TYPES)
    else:
        earlier = source.rows(_earlier_visits, *shape, **values)
    source.keep("earlier_visits", earlier, VISIT_TYPES)


def values_of(zone_offsets: Offsets) -> dict[str, int]:
    """Return the parameters of `local_day_of`."""
    untils = {f"until_{place}": until or 0 for place, (until, _) in enumerate(zone_offsets)}
    return untils | {f"offset_{place}": offset for place, (_, offset) in enumerate(zone_offsets)}


def local_day_of(time: Any, changes: int) -> Any:
    """Return the local day of a column of times, by parameters for this number of offsets."""
    found = tuple(
        (parameter(f"until_{place}") if place + 1 < changes else None, parameter(f"offset_{place}"))
        for place in range(changes)
    )
    return day_of(time, found)


def _history(condition: Condition, changes: int, gone: bool) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    events = among(stored("events"), condition)
    events = events.mutate(gone=condition(events) if gone else ibis.literal(False))
    visits = ibis.union(*(_known(name, condition) for name in ("visits", "open_visits")))
    joined = events.left_join(visits, events.visit == visits.of)
    inherits, earlier = joined.profile == 0, joined.earlier.fill_null(False)
    return joined.mutate(
        day=local_day_of(joined.time, changes),
        inherits=inherits,
        profile=ibis.ifelse(inherits, joined.visits_own, joined.profile).fill_null(0),
        event_id=ibis.ifelse(earlier, "", digits(joined.event_id)),
        earlier=earlier,
    ).select(*TYPES)


def _known(name: str, condition: Condition) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    visits, closed = among(stored(name), condition), ibis.literal(name == "visits")
    earlier = closed & (visits.start < parameter("begun_before"))
    return visits.select(of=visits.visit, visits_own=visits.profile, earlier=earlier)


def _earlier_visits(condition: Condition, changes: int) -> Any:
    import ibis  # noqa: PLC0415 - half a second

    visits = among(stored("visits"), condition)
    visits = visits.filter(visits.start < parameter("begun_before"))
    day = local_day_of(visits.start, changes)
    return visits.mutate(day=day, opened=ibis.literal(True)).select(*VISIT_TYPES)
