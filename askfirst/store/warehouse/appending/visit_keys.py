"""The integer keys of visits, with the profile of each: open ones, closed ones, and new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from askfirst.store.warehouse.appending.last_keys import LastKeys
from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Reader

Named = tuple[Any, ...]
"""A visit as events name it: site, visitor (its key), and its id as 32 hexadecimal digits."""

_ASKED = {"site": "int32", "visitor": "int32", "visit_id": "string"}
_GROUP = ("visits", "")
_REMEMBERED = 50_000


class VisitKey(NamedTuple):
    """A visit's key, the profile of its first event, and when it began (ms), where that is known.

    What is stored of an open visit is the time of the event that came first, which need not be the
    earliest; so only visits are known that began since the keys were forgotten.
    """

    visit: int
    profile: int
    start: int | None = None


class VisitKeys:
    """The keys of visits, of which the last used are kept in memory (see `keys.Keys`)."""

    def __init__(self, dialect: str, last: LastKeys) -> None:
        self._dialect = dialect
        self._known: dict[Named, VisitKey] = {}
        self._last = last

    def resolve(
        self,
        reader: Reader,
        wanted: Iterable[Named],
        events: set[str],
        is_new: Callable[[Named], bool],
    ) -> tuple[dict[Named, VisitKey], list[Named]]:
        """Return the key of each visit, and those among them that are new, with profile 0.

        `events` are the ids of the batch's events: a visit that one of them opens is not closed.
        `is_new` tells of some that they are new.
        """
        asked = dict.fromkeys(wanted)
        found = {one: self._known[one] for one in asked if one in self._known}
        unknown = [one for one in asked if one not in found and not is_new(one)]
        if not self._last.read(reader, _GROUP):
            unknown = []
        found |= self._search(reader, _OPEN, unknown)
        old = [one for one in unknown if one not in found and one[2] not in events]
        for closed in (_OPENED_BY, _NAMED):
            found |= self._search(reader, closed, [one for one in old if one not in found])
        fresh = [one for one in asked if one not in found]
        for one in fresh:
            found[one] = VisitKey(self._last.following(reader, _GROUP), 0)
        return found, fresh

    def learn(self, found: dict[Named, VisitKey]) -> None:
        """Keep keys that are stored now."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= found

    def forget(self) -> None:
        """Forget every key, because some may be deleted."""
        self._known.clear()

    def _search(self, reader: Reader, where: str, asked: Sequence[Named]) -> dict[Named, VisitKey]:
        if not asked:
            return {}
        columns = dict(zip(_ASKED, zip(*asked, strict=True), strict=True))
        beside = {"asked": arrow_table(columns, _ASKED)}
        rows = reader.arrow(_sql(where, self._dialect), beside=beside).to_pydict()
        found = zip(rows["site"], rows["visitor"], rows["visit_id"], strict=True)
        keys = zip(rows["visit"], rows["profile"], strict=True)
        return {named: VisitKey(*key) for named, key in zip(found, keys, strict=True)}


_OPEN, _OPENED_BY, _NAMED = "open", "opened by an event", "named"


@lru_cache
def _sql(where: str, dialect: str) -> str:
    import ibis  # noqa: PLC0415 - half a second

    asked = ibis.table(_ASKED, name="asked")
    wanted = asked.visit_id.cast("uuid")
    if where == _OPEN:
        visits = stored("open_visits")
        same = [visits.site == asked.site, visits.visitor == asked.visitor]
        found = visits.inner_join(asked, [*same, visits.visit_id == wanted])
    else:
        visits = stored("visits")
        same = [visits.site == asked.site, visits.visitor == asked.visitor]
        named = _opening() if where == _OPENED_BY else stored("visit_ids")
        ids = named.inner_join(asked, [named.site == asked.site, named.visit_id == wanted])
        ids = ids.select("site", "visit", visitor=asked.visitor, visit_id=asked.visit_id)
        keys = [visits.site == ids.site, visits.visit == ids.visit, visits.visitor == ids.visitor]
        found = visits.inner_join(ids, keys)
        asked = ids
    chosen = found.select(
        site=visits.site,
        visitor=visits.visitor,
        visit_id=asked.visit_id,
        visit=visits.visit,
        profile=visits.profile,
    )
    return str(ibis.to_sql(chosen, dialect=dialect, pretty=False))


def _opening() -> Any:
    events = stored("events")
    return events.filter(events.opens).select("site", "visit", visit_id=events.event_id)
