"""Copies one engine's tables into another's, slice by slice, and compares what both hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.appending.rows import arrow_table, insert_rows
from askfirst.store.warehouse.engine import Delete, Engine, Insert, Reader
from askfirst.store.warehouse.migration.marks import BEGUN, COPYING, is_unfinished
from askfirst.store.warehouse.tables import TABLES, Table, stored

if TYPE_CHECKING:
    import pyarrow as pa

SLICE = 100_000
"""Rows that are copied at once: it bounds the memory."""
Progress = Callable[[int, int], None]
"""Told how many of how many rows are done."""

_COPIED = tuple(table for table in TABLES.values() if table.name != "form")
_BY = {
    "events": "time",
    "open_visits": "visit",
    "visits": "start",
    "visit_ids": "visit",
    "visitors": "visitor",
    "consents": "consent",
    "profiles": "profile",
    "texts": "id",
    "counts": "day",
    "gaps": "day",
}
"""The column by whose values a table is read in slices; others are read at once."""
_FINER = 8  # slices that are counted for one that is read, so that sizes come out alike


@dataclass(frozen=True)
class Held:
    """What a table holds: its rows, and the sum of a hash of each, in 64 bits."""

    rows: int
    sum: int


def copy_engine(
    source: Engine, target: Engine, progress: Progress = lambda _done, _all: None
) -> None:
    """Copy every row into an engine without any, and compare both.

    A target in which an earlier copy has not ended is emptied first. Raises `Misconfigured` where
    the target holds rows, or holds others than the source at the end; it remains marked as
    unfinished, and the source is only read.
    """
    run = uuid.uuid4().hex  # a token of an earlier run would be taken for done
    if is_unfinished(target):
        _empty(target, run)
    elif sum(_sizes(target).values()):
        raise Misconfigured("The warehouse to copy to holds rows already; nothing was copied.")
    target.commit(insert_rows("shipped", ("journal", "seq"), [(COPYING, BEGUN)]), f"{run}:begin")
    before = _copy(source, target, run, progress)
    after = {table.name: _held(target, table) for table in _COPIED}
    wrong = [name for name, held in before.items() if after[name] != held]
    if wrong:
        raise Misconfigured(
            f"The copy differs from the warehouse in the table {wrong[0]}; it is not to be used."
        )
    target.commit([Delete("shipped", equal={"journal": COPYING})], f"{run}:end")


def _copy(source: Engine, target: Engine, run: str, progress: Progress) -> dict[str, Held]:
    sizes = _sizes(source)
    done, total = 0, sum(sizes.values())
    held = {}
    for table in _COPIED:
        sums = []
        for number, rows in enumerate(_slices(source, table)):
            target.commit([Insert(table.name, rows)], f"{run}:{table.name}:{number}")
            sums.append(_held_in(rows))
            done += len(rows)
            progress(done, total)
        held[table.name] = _added(sums)
    return held


def _held(engine: Engine, table: Table) -> Held:
    return _added([_held_in(rows) for rows in _slices(engine, table)])


def _added(parts: list[Held]) -> Held:
    rows, sums = sum(part.rows for part in parts), sum(part.sum for part in parts)
    return Held(rows, sums % (1 << 64))


def _held_in(rows: pa.Table) -> Held:
    """Return the sum of the rows' hashes, which does not depend on their order."""
    from pandas.util import hash_pandas_object  # noqa: PLC0415 - it takes half a second

    hashes = hash_pandas_object(rows.to_pandas(), index=False, categorize=False)
    return Held(len(rows), int(hashes.to_numpy().sum()))


def _slices(engine: Engine, table: Table) -> Iterator[pa.Table]:
    """Yield the rows of a table, some at once; what is to be added up is added up."""
    with engine.reading() as reader:
        for conditions in _ranges(engine, reader, table):
            rows = _read(engine, reader, table, conditions)
            if table.name == "shipped":
                rows = _without_mark(rows)
            if len(rows):
                yield rows


def _without_mark(rows: pa.Table) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    marks = [name != COPYING for name in rows["journal"].to_pylist()]
    return rows.filter(pa.array(marks, type=pa.bool_()))


_Condition = Callable[[Any], Any]


def _ranges(engine: Engine, reader: Reader, table: Table) -> Iterator[list[_Condition]]:
    """Yield the conditions of each slice: ranges of one column with about as many rows each."""
    name = _BY.get(table.name)
    if name is None:
        yield []
        return
    least, most, rows = _extent(engine, reader, table, name)
    width = (most - least) * SLICE // (max(rows, 1) * _FINER) + 1
    begin, size = least, 0
    for step, count in _histogram(engine, reader, table, name, least, width):
        if size and size + count > SLICE:
            end = least + step * width
            yield [partial(_within, name=name, begin=begin, end=end)]
            begin, size = end, 0
        size += count
    if size:
        yield [partial(_within, name=name, begin=begin, end=most + 1)]


def _within(rows: Any, *, name: str, begin: int, end: int) -> Any:
    return (rows[name] >= begin) & (rows[name] < end)


def _extent(engine: Engine, reader: Reader, table: Table, name: str) -> tuple[int, int, int]:
    rows = stored(table.name)
    found = rows.agg(least=rows[name].min(), most=rows[name].max(), rows=rows.count())
    (one,) = _run(engine, reader, found).to_pylist()
    return (one["least"] or 0, one["most"] or 0, one["rows"])


def _histogram(
    engine: Engine, reader: Reader, table: Table, name: str, least: int, width: int
) -> list[tuple[int, int]]:
    rows = stored(table.name)
    steps = rows.select(step=((rows[name].cast("int64") - least) / width).floor().cast("int64"))
    counted = steps.group_by("step").agg(count=steps.count()).order_by("step")
    found = _run(engine, reader, counted).to_pylist()
    return [(one["step"], one["count"]) for one in found]


def _read(engine: Engine, reader: Reader, table: Table, conditions: list[_Condition]) -> pa.Table:
    rows = stored(table.name)
    if conditions:
        rows = rows.filter(*(condition(rows) for condition in conditions))
    if table.sums:
        kept = [name for name in table.columns if name not in table.sums]
        rows = rows.group_by(*kept).agg(**{name: rows[name].sum() for name in table.sums})
        some = rows[table.sums[0]] != 0
        for name in table.sums[1:]:
            some |= rows[name] != 0
        rows = rows.filter(some)
    chosen = {name: _plain(rows[name], kind) for name, kind in table.columns.items()}
    found = _run(engine, reader, rows.select(**chosen))
    return arrow_table({name: found[name] for name in table.columns}, table.columns)


def _plain(column: Any, kind: str) -> Any:
    return column.cast("string").replace("-", "") if kind == "uuid" else column


def _run(engine: Engine, reader: Reader, expression: Any) -> pa.Table:
    import ibis  # noqa: PLC0415 - half a second

    return reader.arrow(str(ibis.to_sql(expression, dialect=engine.dialect, pretty=False)))


def _sizes(engine: Engine) -> dict[str, int]:
    with engine.reading() as reader:
        return {
            table.name: int(
                _run(engine, reader, stored(table.name).count().as_table())[0][0].as_py()
            )
            for table in _COPIED
        }


def empty(engine: Engine) -> None:
    """Remove every row of an engine, and the bytes of it."""
    run = uuid.uuid4().hex
    _empty(engine, run)
    engine.commit([*_deletions(engine, TABLES["shipped"])], f"{run}:empty:shipped")
    engine.rewrite()


def _empty(engine: Engine, run: str) -> None:
    """Remove every row but the mark, so that a crash leaves it unfinished."""
    for table in _COPIED:
        if table.name == "shipped":
            continue
        engine.commit([*_deletions(engine, table)], f"{run}:empty:{table.name}")


def _deletions(engine: Engine, table: Table) -> Iterator[Delete]:
    numbers = [name for name, kind in table.columns.items() if kind.startswith("int")]
    if numbers:
        yield Delete(table.name, since={numbers[0]: -(1 << 31)})
        return
    with engine.reading() as reader:
        ids = _read(engine, reader, table, [])
    if len(ids):
        first = next(iter(table.columns))
        yield Delete(table.name, among={first: ids[first].combine_chunks()})
