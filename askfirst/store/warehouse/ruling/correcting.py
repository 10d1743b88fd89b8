"""Correcting a visitor's events: stored anew in the commit that takes the old ones away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.rules.applying import as_recorded, ruled
from askfirst.rules.corrections import Correction, corrected
from askfirst.store.warehouse.appending.appender import Appender
from askfirst.store.warehouse.batches import ARROW_SCHEMA, batch_of
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.identifiers import FORMS, stored_id
from askfirst.store.warehouse.summaries.closed_days import closed_days
from askfirst.store.warehouse.summaries.deleting import Deletion, delete
from askfirst.store.warehouse.summaries.moving import moved_rows
from askfirst.store.warehouse.summaries.reopening import reopen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from askfirst.rules.report_rules import ReportRules
    from askfirst.store.warehouse.appending.appender import Prepared
    from askfirst.store.warehouse.summaries.removal import Removal
    from askfirst.store.warehouse.summaries.source import Source

_NAMES = ("host", "path", "source", "original")


def correcting(
    source: Source,
    removal: Removal,
    visitor_id: str,
    corrections: Sequence[Correction],
    rules: ReportRules,
) -> Deletion:
    """Return what storing a visitor's events as they are corrected takes, and how many change.

    `removal` is that of all events of the visitor, who gets new keys; so nothing that stays can be
    taken for what goes. The days from the first event on are opened, and `fold` closes them.
    """
    rows = moved_rows(source, removal, removal.site)
    made, changed = _made(rows, corrections, rules)
    if not changed:
        return Deletion()
    digits = stored_id(visitor_id, FORMS["visitor_id"])
    prepared = Appender(source.dialect).prepare(
        source.reader, made, is_move=True, anew=frozenset([digits])
    )
    opened = reopen(source, prepared.touched, prepared.begun, closed_days(source))
    gone = _keeping_texts(delete(source, removal, is_reopened=True).operations, prepared)
    return Deletion([*opened, *gone, *prepared.operations], changed)


def _made(
    rows: pa.Table, corrections: Sequence[Correction], rules: ReportRules
) -> tuple[pa.Table, int]:
    """Return the events as they are corrected, and how many of them are changed by that."""
    changed = 0
    made = []
    for row in rows.to_pylist():
        new = _corrected_row(row, corrections, rules)
        changed += bool(new)
        made.append({**row, **new})
    columns = {name: [row[name] for row in made] for name in ARROW_SCHEMA.names}
    return batch_of(columns), changed


def _corrected_row(
    row: Mapping[str, Any], corrections: Sequence[Correction], rules: ReportRules
) -> dict[str, Any]:
    """Return the changed columns of an event; an owner's rules are applied to what is right."""
    recorded = as_recorded(*(row[name] for name in _NAMES))
    said = {**row, **dict(zip(_NAMES, (*recorded, ""), strict=True))}
    time = round(row["time"].replace(tzinfo=UTC).timestamp() * 1000)
    changed = corrected(said, time, corrections)
    if not changed:
        return {}
    made = ruled((said | changed)["path"], rules, said["host"], (said | changed)["source"])
    return {**changed, **dict(zip(_NAMES, made[: len(_NAMES)], strict=True))}


def _keeping_texts(operations: Collection[Operation], prepared: Prepared) -> Iterator[Operation]:
    """Yield operations, of which those that remove texts leave the ones that are used again."""
    used: dict[str, list[int]] = {}
    for keys, found in prepared.learned:
        if keys.name == "texts":
            for (column, _), number in found.items():
                used.setdefault(column, []).append(number)
    for one in operations:
        if not isinstance(one, Delete) or one.table != "texts":
            yield one
            continue
        still = pa.array(used.get(str(one.equal["column"]), []), pa.int32())
        gone = one.among["id"]
        if len(left := gone.filter(pc.invert(pc.is_in(gone, still)))):
            yield replace(one, among={"id": left})
