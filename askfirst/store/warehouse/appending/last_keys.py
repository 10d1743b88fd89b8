"""The last key of each table: read once, then counted on."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Reader

Group = tuple[str, str]
"""What keys count in: a table, and for `texts` the name of a column."""

_KEYS = {
    "visitors": ("visitors", "visitor"),
    "consents": ("consents", "consent"),
    "profiles": ("profiles", "profile"),
    "open_visits": ("visits", "visit"),
    "visits": ("visits", "visit"),
}
"""By stored table: the name of its keys, which two tables share, and their column."""


class LastKeys:
    """The last key that was given in each group; one that was given may not be stored."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._last: dict[Group, int] | None = None

    def read(self, reader: Reader, group: Group) -> int:
        """Return the last key of a group; 0 where it never had any, so that no row has one."""
        if self._last is None:
            self._last = _read(reader, self._dialect)
        return self._last.get(group, 0)

    def following(self, reader: Reader, group: Group) -> int:
        """Return the next key of a group, which is its last one from now on."""
        following = self.read(reader, group) + 1
        if self._last is not None:
            self._last[group] = following
        return following


def _read(reader: Reader, dialect: str) -> dict[Group, int]:
    rows = reader.arrow(_sql(dialect)).to_pydict()
    found: dict[Group, int] = {}
    groups = zip(rows["keys"], rows["within"], strict=True)
    for group, last in zip(groups, rows["last"], strict=True):
        found[group] = max(last or 0, found.get(group, 0))
    return found


@lru_cache
def _sql(dialect: str) -> str:
    import ibis  # noqa: PLC0415 - half a second

    texts = stored("texts")
    of_texts = texts.group_by(within=texts.column).agg(last=texts.id.max())
    found = [of_texts.mutate(keys=ibis.literal("texts"))]
    for name, (keys, column) in _KEYS.items():
        last = stored(name).agg(last=stored(name)[column].max())
        found.append(last.mutate(keys=ibis.literal(keys), within=ibis.literal("")))
    every = ibis.union(*(one.select("keys", "within", "last") for one in found))
    return str(ibis.to_sql(every, dialect=dialect, pretty=False))
