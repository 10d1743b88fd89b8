"""Rows of summaries, added up: those that agree in everything but their sums become one."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.tables import TABLES


def added_up(table: str, rows: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of a summary with each key once, without those whose sums are all 0."""
    types, sums = TABLES[table].columns, TABLES[table].sums
    keys = [name for name in types if name not in sums]
    every = pa.concat_tables([one.select(list(types)) for one in rows])
    found = every.group_by(keys).aggregate([(name, "sum") for name in sums])
    columns = {name: found[f"{name}_sum" if name in sums else name] for name in types}
    some = [pc.not_equal(columns[name], 0) for name in sums]
    kept = some[0]
    for one in some[1:]:
        kept = pc.or_(kept, one)
    return arrow_table(columns, types).filter(kept)


def negated(table: str, rows: pa.Table) -> pa.Table:
    """Return the rows that take these away when they are added."""
    columns = {
        name: pc.negate(rows[name]) if name in TABLES[table].sums else rows[name]
        for name in TABLES[table].columns
    }
    return arrow_table(columns, TABLES[table].columns)
