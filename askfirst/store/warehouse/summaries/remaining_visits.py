"""Visits that lose events: computed anew from those that remain, or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.history import history
from askfirst.store.warehouse.summaries.source import digits, inserting, kept
from askfirst.store.warehouse.summaries.visit_figures import events_of, figures
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.summaries.source import Source

_STATES = {"visit": "int32", "left": "int64", "profile": "int32", "opener": "string"}


def changed_visits(source: Source) -> list[Operation]:
    """Return the operations on the visits of the history that lose events.

    Where the event that opened a closed visit goes, the visit keeps its id. Where all events that
    had the visit's profile go, it takes one of those that remain: the old one may name a consent
    that must not be kept.
    """
    states = source.rows(_states)
    is_gone = pc.equal(states["left"], 0)
    operations: list[Operation] = []
    if whole := _keys(states.filter(is_gone)):
        operations += [Delete(name, among={"visit": whole[0]}) for name in _TABLES]
    if len(states.filter(is_gone)) == len(states):
        return operations
    source.keep("states", states, _STATES)
    still = source.rows(_open_parts)
    closed = source.rows(_closed_parts)
    for name, rows in (("open_visits", still), ("visits", closed)):
        operations += [Delete(name, among={"visit": keys}) for keys in _keys(rows)]
        operations += inserting(name, rows)
    return [*operations, *inserting("visit_ids", closed.filter(closed["renamed"]))]


_TABLES = ("open_visits", "visits", "visit_ids")


def _keys(rows: pa.Table) -> list[pa.Array]:
    return [rows["visit"].combine_chunks()] if rows.num_rows else []


def _states() -> Any:
    """Return of each visit that loses events: how many remain, and their profile.

    `profile` is 0 where an event remains that has the visit's, else one of those that remain;
    `opener` is the id of the event that opens the visit where that goes.
    """
    events = history()
    stays = ~events.gone
    states = events.group_by("visit").agg(
        left=stays.sum(),
        lost=events.gone.sum(),
        inherit=(stays & events.inherits).sum(),
        other=events.profile.min(where=stays).fill_null(0),
        opener=events.event_id.max(where=events.opens & events.gone).fill_null(""),
    )
    profile = (states.inherit == 0).ifelse(states.other, 0)
    return states.filter(states.lost > 0).select("visit", "left", "opener", profile=profile)


def _parts() -> Any:
    states = kept("states", _STATES)
    parts = states.filter(states.left > 0).select("visit", "opener", other=states.profile)
    return figures(events_of(True).semi_join(parts, "visit")).inner_join(parts, "visit")


def _open_parts() -> Any:
    old = stored("open_visits")
    known = old.select("site", "visit", "profile", visit_id=digits(old.visit_id))
    found = _parts().inner_join(known, "visit")
    return found.mutate(profile=(found.other == 0).ifelse(found.profile, found.other))


def _closed_parts() -> Any:
    found = _parts().inner_join(
        stored("visits").select("site", "visit", "profile", "named"), "visit"
    )
    return found.mutate(
        profile=(found.other == 0).ifelse(found.profile, found.other),
        named=~found.opened,
        renamed=~found.opened & ~found.named,
        visit_id=found.opener,
    )
