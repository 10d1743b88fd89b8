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
    EARLIER_AT,
    MARK,
    PRESENT,
    present_visitors,
    values_of_present,
    where_kept,
)
from askfirst.store.warehouse.logical.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from askfirst.store.warehouse.answering.known_answers import Remembered
    from askfirst.store.warehouse.answering.page import Page

LONGEST_BYTES = 8 << 20
"""What takes more is not remembered; a visitor with a page takes 18 bytes."""
_TYPES = pa.schema([("dimension", pa.int8()), ("value", pa.int32()), ("visitor", pa.int32())])
"""Those of `askfirst.store.warehouse.logical.earlier.EARLIER`."""


def keep_earlier(page: Page, scope: Scope, dimensions: tuple[str, ...]) -> None:
    """Keep `EARLIER` of the visitors in the open part, or of more, as `EARLIER_AT` names it.

    What is remembered is taken up before anybody reads who is there: an erasure in between makes
    sure that nothing of who was there is kept.
    """
    page.keep(PRESENT, present_visitors, scope)
    for relation, groups in _groups(dimensions).items():
        key = ("earlier", scope.site_id, scope.start, scope.open_from, *groups)
        memories = {group: _memory(page, scope, group) for group in groups}
        page.keep_found(relation, key, scope, PRESENT, partial(_all, page, scope, memories))


def _groups(dimensions: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Return by relation the dimensions that are found by one statement, and remembered together.

    Those of events are found one by one.
    """
    found: dict[str, list[tuple[str, ...]]] = {}
    for place, relation in EARLIER_AT.items():
        names = tuple(name for name in dimensions if where_kept(name) == place)
        groups = [(name,) for name in names] if place == "event" else [names]
        if names:
            found.setdefault(relation, []).extend(groups)
    return found


def _all(
    page: Page, scope: Scope, memories: Mapping[tuple[str, ...], Remembered], present: pa.Table
) -> pa.Table:
    # All are handed the same table, which an engine that stores such rows stores once.
    calls = [partial(_found, page, scope, present, *one) for one in memories.items()]
    return pa.concat_tables(at_once(calls))


def _memory(page: Page, scope: Scope, group: tuple[str, ...]) -> Remembered:
    key = (scope.site_id, "earlier", scope.start, scope.open_from, group)
    return page.remembered(key, scope.site_id, scope.open_from)


def _found(
    page: Page, scope: Scope, present: pa.Table, group: tuple[str, ...], memory: Remembered
) -> pa.Table:
    """Return `EARLIER` for some dimensions, of which only new visitors are asked about."""
    known = _TYPES.empty_table() if memory.rows is None else memory.rows
    new = _not_among(present, known)
    if not new.num_rows:
        return known
    more = page.rows_beside({PRESENT: new}, values_of_present, scope, group)
    pairs = [_pairs(more, name) for name in group]
    known = pa.concat_tables([known, _marks(new), *pairs]).combine_chunks()
    memory.keep(known, LONGEST_BYTES)
    return known


def _not_among(present: pa.Table, known: pa.Table) -> pa.Table:
    """Return the visitors that were not asked about: the same table where that is all of them."""
    asked = known.filter(pc.equal(known["dimension"], MARK))["visitor"]
    is_known = pc.is_in(present["visitor"], asked.combine_chunks())
    return present.filter(pc.invert(is_known)) if pc.any(is_known).as_py() else present


def _marks(visitors: pa.Table) -> pa.Table:
    none = pa.repeat(pa.scalar(0, pa.int32()), visitors.num_rows)
    return _numbered(MARK, none, visitors["visitor"])


def _pairs(values: pa.Table, name: str) -> pa.Table:
    """Return the values of one dimension, each once for a visitor."""
    pairs = values.select([name, "visitor"]).group_by([name, "visitor"]).aggregate([])
    return _numbered(DIMENSIONS[name].number, pairs[name], pairs["visitor"])


def _numbered(dimension: int, values: pa.Array, visitors: pa.Array) -> pa.Table:
    numbers = pa.repeat(pa.scalar(dimension, pa.int8()), len(visitors))
    return pa.table([numbers, values.cast(pa.int32()), visitors.cast(pa.int32())], schema=_TYPES)
