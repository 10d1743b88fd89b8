"""What a process remembers of the values that visitors had on closed days.

A page needs them of everybody who came since the last closed day. Finding them reads what all these
did before; of who was asked about already, nothing is read again until a closed day changes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import DIMENSIONS
from askfirst.store.warehouse.answering.at_once import at_once
from askfirst.store.warehouse.logical.earlier import (
    ASKED,
    PRESENT,
    earlier_of_present,
    present_visitors,
)
from askfirst.store.warehouse.logical.scope import Scope

if TYPE_CHECKING:
    from askfirst.store.warehouse.answering.known_answers import Remembered
    from askfirst.store.warehouse.answering.page import Page

LONGEST_BYTES = 8 << 20
"""What takes more is not remembered; a visitor with a page takes 18 bytes."""
_TYPES = pa.schema([("dimension", pa.int8()), ("value", pa.int32()), ("visitor", pa.int32())])
"""Those of `askfirst.store.warehouse.logical.earlier.EARLIER`."""


def keep_earlier(page: Page, scope: Scope, dimensions: tuple[str, ...]) -> None:
    """Let the relation `earlier` be `EARLIER` of the visitors in the open part, or of more."""
    groups = _groups(dimensions)
    key = ("earlier", scope.site_id, scope.start, scope.open_from, groups)
    page.keep_found("earlier", key, scope, partial(_all_found, page, scope, groups))


def _groups(dimensions: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the dimensions that are found by one statement, and remembered together."""
    kept = {name: DIMENSIONS[name].kept or "profile" for name in dimensions}
    by_place = [tuple(n for n in dimensions if kept[n] == place) for place in ("visit", "profile")]
    events = [(name,) for name in dimensions if kept[name] == "event"]
    return tuple(group for group in (*events, *by_place) if group)


def _all_found(page: Page, scope: Scope, groups: tuple[tuple[str, ...], ...]) -> pa.Table:
    memories = [_memory(page, scope, group) for group in groups]
    present = page.rows(present_visitors, scope)["visitor"].cast(pa.int32()).combine_chunks()
    each = zip(groups, memories, strict=True)
    return pa.concat_tables(at_once([partial(_found, page, scope, present, *one) for one in each]))


def _memory(page: Page, scope: Scope, group: tuple[str, ...]) -> Remembered:
    key = (scope.site_id, "earlier", scope.start, scope.open_from, group)
    return page.remembered(key, scope.site_id, scope.open_from)


def _found(
    page: Page, scope: Scope, present: pa.Array, group: tuple[str, ...], memory: Remembered
) -> pa.Table:
    """Return `EARLIER` for some dimensions, of which only new visitors are asked about."""
    known = _TYPES.empty_table() if memory.rows is None else memory.rows
    new = _not_among(present, known)
    if not len(new):
        return known
    beside = {PRESENT: pa.table({"visitor": new})}
    more = page.rows_beside(beside, earlier_of_present, scope, group)
    known = pa.concat_tables([known, _marks(new), more.cast(_TYPES)]).combine_chunks()
    memory.keep(known, LONGEST_BYTES)
    return known


def _not_among(visitors: pa.Array, known: pa.Table) -> pa.Array:
    """Return the visitors that were not asked about."""
    asked = known.filter(pc.equal(known["dimension"], ASKED))["visitor"]
    return visitors.filter(pc.invert(pc.is_in(visitors, asked.combine_chunks())))


def _marks(visitors: pa.Array) -> pa.Table:
    asked = pa.repeat(pa.scalar(ASKED, pa.int8()), len(visitors))
    none = pa.repeat(pa.scalar(0, pa.int32()), len(visitors))
    return pa.table([asked, none, visitors], schema=_TYPES)
