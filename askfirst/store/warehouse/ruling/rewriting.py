"""Rewriting a site's events as the owner's rules are now, some at a time.

What only gets other texts stays where it is, and the days and visits that it changes are opened
again; what the reports leave out from now on, or count again, moves to the other side of its site
(see `summaries.moving`). Both start from what was recorded, so the outcome does not depend on the
rules that were there before, and a step that was cut short is taken again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.rules.applying import (
    BY_ADDRESS,
    BY_VISITOR,
    RESTRICTED,
    Ruled,
    as_recorded,
    ruled,
)
from askfirst.store.warehouse.appending.appender import TEXTS as TEXT_TABLE
from askfirst.store.warehouse.appending.keys import Keys
from askfirst.store.warehouse.appending.last_keys import LastKeys
from askfirst.store.warehouse.appending.rows import arrow_table, insert_rows
from askfirst.store.warehouse.appending.touched import Touched
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.ruling.combinations import (
    TEXTS,
    Combination,
    combinations,
    keep_ruled,
    with_numbers,
)
from askfirst.store.warehouse.summaries.closed_days import closed_days
from askfirst.store.warehouse.summaries.deleting import delete
from askfirst.store.warehouse.summaries.history import of_site
from askfirst.store.warehouse.summaries.moving import moved_rows
from askfirst.store.warehouse.summaries.removal import Removal
from askfirst.store.warehouse.summaries.reopening import reopen
from askfirst.store.warehouse.summaries.source import digits, inserting, kept
from askfirst.store.warehouse.tables import TABLES, stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.appending.appender import Appender
    from askfirst.store.warehouse.ruling.asked import Asked
    from askfirst.store.warehouse.summaries.source import Source

AT_ONCE = 100_000
"""About how many events one commit changes."""
_ID = {"id": "string"}
_COLUMNS = TABLES["events"].columns
_WRITTEN = (*TEXTS, "excluded")


@dataclass
class Step:
    """What one step takes: its operations, for one commit, and how many events it changes."""

    operations: list[Operation] = field(default_factory=list)
    events: int = 0


def number_of_wrong(source: Source, asked: Asked) -> int:
    """Return how many events of a site are stored otherwise than the rules say."""
    keep_ruled(source, [one for one in combinations(source, asked) if one.changes])
    return int(source.one(_number, *asked.shape, **asked.sides)["events"])


def _number(*shape: bool) -> Any:
    events = with_numbers(*shape)
    return events.agg(events=events.count())


def step(source: Source, asked: Asked, appender: Appender) -> Step:
    """Return the next step, without events where all is as the rules say.

    Then it removes the texts that nothing names any more.
    """
    found = combinations(source, asked)
    removal = _going_over(source, asked, found)
    if removal is not None:
        return _moved(source, asked, removal, appender)
    rows, operations = _renamed(source, asked, found)
    if not rows:
        return Step(_unused_texts(source))
    first: dict[int, int] = {}
    for site, _, time in rows:
        first[site] = min(time, first.get(site, time))
    touched = Touched({visit for _, visit, _ in rows}, first)
    opened = reopen(source, touched, (), closed_days(source))
    return Step([*opened, *operations], len(rows))


def _moved(source: Source, asked: Asked, removal: Removal, appender: Appender) -> Step:
    rows = _made_anew(asked, moved_rows(source, removal, -removal.site), removal.site > 0)
    prepared = appender.prepare(source.reader, rows, is_move=True)
    opened = reopen(source, prepared.touched, prepared.begun, closed_days(source))
    gone = delete(source, removal, is_move=True)
    return Step([*opened, *gone.operations, *prepared.operations], gone.events)


def _going_over(source: Source, asked: Asked, found: Sequence[Combination]) -> Removal | None:
    """Return the removal of some events of one side that belong to the other, or None."""
    for side in (asked.site, -asked.site):
        keep_ruled(source, [one for one in found if one.moves and one.side == side])
        some = source.rows(_some_ids, AT_ONCE, *asked.shape, **asked.sides)
        ids = some["id"].to_pylist()
        if whole := _whole_ids(source, side, ids):
            chosen = Delete("events", {"site": side}, {"event_id": whole})
            return Removal(side, _is_chosen, {}, (chosen,))
    return None


def _whole_ids(source: Source, side: int, ids: list[str]) -> pa.Array | None:
    """Choose ids, and return them, less those of which an event is not among these.

    An id stands more than once where somebody sent it again after days, which need not be the same
    event. It is left where it is unless all of them go.
    """
    if not ids:
        return None
    _choose(source, ids)
    stored_times = source.rows(_number_by_id, site=side).to_pydict()
    if sum(stored_times["events"]) > len(ids):
        asked = Counter(ids)
        times = zip(stored_times["id"], stored_times["events"], strict=True)
        ids = [one for one, events in times if events == asked[one]]
        _choose(source, ids)
    return pa.array(sorted(set(ids)), pa.string()) if ids else None


def _choose(source: Source, ids: list[str]) -> None:
    source.keep("chosen_ids", arrow_table({"id": sorted(set(ids))}, _ID), _ID)


def _is_chosen(events: Any) -> Any:
    chosen = kept("chosen_ids", _ID)
    return events.event_id.isin(chosen.select(event_id=chosen.id.cast("uuid")).event_id)


def _some_ids(most: int, *shape: bool) -> Any:
    events = with_numbers(*shape)
    return events.select(id=digits(events.event_id)).limit(most)


def _number_by_id() -> Any:
    events = of_site(stored("events"))
    found = events.filter(_is_chosen(events))
    return found.group_by(id=digits(found.event_id)).agg(events=found.count())


def _made_anew(asked: Asked, rows: pa.Table, is_left_out: bool) -> pa.Table:
    """Return a batch with what the rules make of each event."""
    given = zip(*(rows[name].to_pylist() for name in (*TEXTS, "visitor_id")), strict=True)
    made = [_made(asked, is_left_out, *one) for one in given]
    for place, name in enumerate(_WRITTEN):
        column = rows.schema.get_field_index(name)
        values = pa.array([one[place] for one in made], rows.schema.field(column).type)
        rows = rows.set_column(column, rows.schema.field(column), values)
    return rows


def _made(asked: Asked, is_left_out: bool, *given: str) -> Ruled:
    host, path, source = as_recorded(*given[:4])
    made = ruled(path, asked.rules, host, source)
    if not is_left_out:
        return made._replace(excluded=0)
    if given[4] in asked.restricted:  # what else leaves it out is noted by the next step
        return made._replace(excluded=RESTRICTED + made.excluded)
    by = BY_VISITOR if given[4] in asked.visitors else BY_ADDRESS
    return made._replace(excluded=made.excluded or by)


def _renamed(
    source: Source, asked: Asked, found: Sequence[Combination]
) -> tuple[list[tuple[int, int, int]], list[Operation]]:
    """Return some events that stay and get other texts (site, visit, time), and the operations."""
    keep_ruled(source, [one for one in found if one.changes and not one.moves])
    some = source.rows(_some_ids, AT_ONCE, *asked.shape, **asked.sides)
    ids = some["id"].to_pylist()
    if not ids:
        return [], []
    _choose(source, ids)
    keep_ruled(source, found)  # an event that has one of these ids too is not to be lost
    rows = source.rows(_chosen_rows, *asked.shape, **asked.sides)
    new, operations = _with_new_keys(source, found, rows)
    for side in (asked.site, -asked.site):
        mine = new.filter(pc.equal(new["site"], side))["event_id"]
        if len(mine):
            chosen = {"event_id": pc.unique(mine)}
            operations.append(Delete("events", {"site": side}, chosen))
    touched = zip(*(new[name].to_pylist() for name in ("site", "visit", "time")), strict=True)
    return list(touched), [*operations, *inserting("events", new)]


def _chosen_rows(*shape: bool) -> Any:
    events = with_numbers(*shape)
    chosen = events.filter(_is_chosen(events))
    own = {
        name: digits(chosen[name]) if kind == "uuid" else chosen[name]
        for name, kind in _COLUMNS.items()
    }
    return chosen.select(**own, number=chosen.number)


def _with_new_keys(
    source: Source, found: Sequence[Combination], rows: pa.Table
) -> tuple[pa.Table, list[Operation]]:
    numbers = rows["number"].to_pylist()
    made = {number: found[number].stays_as for number in set(numbers)}
    wanted = dict.fromkeys(
        (name, text)
        for one in made.values()
        for name, text in zip(TEXTS, one, strict=False)
        if text
    )
    table = Keys(TEXT_TABLE, source.dialect, LastKeys(source.dialect))
    keys, fresh = table.resolve(source.reader, wanted, lambda _: False)
    for place, name in enumerate(_WRITTEN):
        values = [made[number][place] for number in numbers]
        if name in TEXTS:
            values = [keys[name, text] if text else 0 for text in values]
        at = rows.column_names.index(name)
        rows = rows.set_column(at, name, pa.array(values, pa.int32()))
    named = [(*one, keys[one]) for one in fresh]
    return rows, [*insert_rows("texts", ("column", "text", "id"), named)]


def _unused_texts(source: Source) -> list[Operation]:
    operations: list[Operation] = []
    for name in TEXTS:
        ids = source.rows(_unused, name)["id"]
        if len(ids):
            gone = {"id": pc.cast(ids, pa.int32()).combine_chunks()}
            operations.append(Delete("texts", {"column": name}, gone))
    return operations


def _unused(name: str) -> Any:
    texts, events = stored("texts"), stored("events")
    mine = texts.filter(texts.column == name).select("id")
    return mine.anti_join(events.select(id=events[name]), "id")
