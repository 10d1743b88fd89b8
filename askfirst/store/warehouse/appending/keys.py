"""Integer keys of what rows have in common: found in the warehouse, kept in memory, or new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.appending.last_keys import Group, LastKeys
from askfirst.store.warehouse.tables import TABLES, stored

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.engine import Reader

Natural = tuple[Any, ...]
"""What a key stands for: the values of a table's natural columns."""

_REMEMBERED = 50_000


@dataclass(frozen=True)
class KeyTable:
    """A stored table with a key: `natural` names what it stands for, `by` what it is searched by.

    Keys count from 1, within each value of the column `within` if there is one.
    """

    name: str
    key: str
    natural: tuple[str, ...]
    by: tuple[str, ...]
    within: str = ""


class Keys:
    """The keys of one table, of which the last used are kept in memory.

    `resolve` the keys that a batch needs; `learn` them when the batch is stored, and `forget` all
    when rows were deleted.
    """

    def __init__(self, table: KeyTable, dialect: str, last: LastKeys) -> None:
        self._table = table
        self._dialect = dialect
        self._known: dict[Natural, int] = {}
        self._last = last

    @property
    def name(self) -> str:
        """The table that the keys are of."""
        return self._table.name

    def resolve(
        self, reader: Reader, wanted: Iterable[Natural], is_new: Callable[[Natural], bool]
    ) -> tuple[dict[Natural, int], list[Natural]]:
        """Return the key of each, and those among them that are new, as `is_new` tells of some."""
        asked = dict.fromkeys(wanted)
        found = {one: self._known[one] for one in asked if one in self._known}
        unknown = [one for one in asked if one not in found]
        if may_be_stored := [
            one for one in unknown if not is_new(one) and self._last.read(reader, self._group(one))
        ]:
            found |= self._search(reader, may_be_stored)
        fresh = [one for one in unknown if one not in found]
        found |= {one: self._last.following(reader, self._group(one)) for one in fresh}
        return found, fresh

    def _group(self, one: Natural) -> Group:
        table = self._table
        return table.name, one[table.natural.index(table.within)] if table.within else ""

    def learn(self, found: dict[Natural, int]) -> None:
        """Keep keys that are stored now."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= found

    def forget(self) -> None:
        """Forget every key, because some may be deleted."""
        self._known.clear()

    def _search(self, reader: Reader, asked: Sequence[Natural]) -> dict[Natural, int]:
        table = self._table
        places = [table.natural.index(name) for name in table.by]
        some = {tuple(one[place] for place in places): None for one in asked}
        sql = _search_sql(table, self._dialect)
        rows = reader.arrow(sql, beside={"asked": _asked(table, list(some))}).to_pydict()
        naturals = zip(*(rows[name] for name in table.natural), strict=True)
        found = dict(zip(naturals, rows[table.key], strict=True))
        return {one: found[one] for one in asked if one in found}


def _asked(table: KeyTable, some: Sequence[Natural]) -> pa.Table:
    from askfirst.store.warehouse.appending.rows import arrow_table  # noqa: PLC0415 - Arrow takes 0.2 s

    columns = {name: [one[place] for one in some] for place, name in enumerate(table.by)}
    return arrow_table(columns, TABLES[table.name].columns)


@lru_cache
def _search_sql(table: KeyTable, dialect: str) -> str:
    import ibis  # noqa: PLC0415 - half a second

    types = TABLES[table.name].columns
    plain = {name: _plain(types[name]) for name in table.by}
    rows, asked = stored(table.name), ibis.table(plain, name="asked")
    same = [rows[name] == asked[name].cast(types[name]) for name in table.by]
    found = rows.inner_join(asked, same)
    chosen = {name: _read(rows[name], types[name]) for name in (*table.natural, table.key)}
    return str(ibis.to_sql(found.select(**chosen), dialect=dialect, pretty=False))


def _plain(kind: str) -> str:
    return "string" if kind == "uuid" else kind


def _read(column: Any, kind: str) -> Any:
    return column.cast("string").replace("-", "") if kind == "uuid" else column
