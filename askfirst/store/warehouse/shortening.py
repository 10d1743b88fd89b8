"""Shortening the IP addresses of events before a time, also where others still have them whole.

An address is a text of a profile, which visits and events name. A profile whose last event is
before the time gets the shortened text; one that is still used goes on as it is, and what is older
names a copy of it from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.store.warehouse.appending.appender import TEXTS
from askfirst.store.warehouse.appending.keys import Keys
from askfirst.store.warehouse.appending.last_keys import LastKeys
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.history import of_site
from askfirst.store.warehouse.summaries.source import digits, inserting, kept, parameter
from askfirst.store.warehouse.tables import TABLES, stored
from askfirst.web.ip_addresses import shortened_address

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

_COLUMN = "ip"
_PROFILE = {"profile": "int32"}
_ADDRESS = {"ip": "int32"}


@dataclass(frozen=True)
class _Found:
    """The profiles with whole addresses that events before the time have."""

    ended: pa.Array
    """Those that no later event has."""
    shared: pa.Array
    """Those that later events have, too."""


def shorten(source: Source, site: int, end: int) -> list[Operation]:
    """Return the operations that shorten the addresses of a site's events before a time.

    `end` is milliseconds since the epoch. The events of a visit that goes on after it follow when
    the visit is older.
    """
    short = _short_forms(source, site)
    if not short:
        return []
    source.keep("whole", pa.table({"ip": pa.array(short, pa.int32())}), _ADDRESS)
    used = source.rows(_used, site=site, end=end)
    is_ended = pc.less(used["last"], end)
    found = _Found(_keys(used.filter(is_ended)), _keys(used.filter(pc.invert(is_ended))))
    if not used.num_rows:
        return []
    last = LastKeys(source.dialect)
    texts, fresh = Keys(TEXTS, source.dialect, last).resolve(
        source.reader, [(_COLUMN, text) for text in short.values()], lambda _: False
    )
    ids = {whole: texts[_COLUMN, text] for whole, text in short.items()}
    return [
        *insert_rows("texts", ("column", "text", "id"), [(*one, texts[one]) for one in fresh]),
        *_copied(source, site, end, ids, found.shared, last),
        *_replaced(source, site, ids, found.ended),
        *_orphans(source, list(short), found.ended),
    ]


def _keys(rows: pa.Table) -> pa.Array:
    return pc.cast(rows["profile"], pa.int32()).combine_chunks()


def _short_forms(source: Source, site: int) -> dict[int, str]:
    """Return the short form of each whole address of a site by the key of its text."""
    rows = source.rows(_addresses, site=site).to_pydict()
    short = zip(rows["id"], rows["text"], strict=True)
    return {key: form for key, text in short if (form := shortened_address(text)) and form != text}


def _addresses() -> Any:
    texts, profiles = stored("texts"), of_site(stored("profiles"))
    addresses = texts.filter(texts.column == _COLUMN)
    return addresses.semi_join(profiles, addresses.id == profiles[_COLUMN]).select("id", "text")


def _used() -> Any:
    """Return the profiles with a whole address, and the time of the last event of each.

    Only of those that have an event before the time.
    """
    import ibis  # noqa: PLC0415 - half a second

    profiles = of_site(stored("profiles")).semi_join(kept("whole", _ADDRESS), _COLUMN)
    events, visits = of_site(stored("events")), _visits()
    own = events.filter(events.profile > 0).select("profile", "time")
    inheriting = events.filter(events.profile == 0).select("visit", "time")
    inherited = inheriting.inner_join(visits, "visit").select("profile", "time")
    begun = visits.select("profile", time=visits.start)
    every = ibis.union(own, inherited, begun).semi_join(profiles, "profile")
    used = every.group_by("profile").agg(first=every.time.min(), last=every.time.max())
    return used.filter(used["first"] < parameter("end"))


def _visits() -> Any:
    import ibis  # noqa: PLC0415 - half a second

    found = (of_site(stored(name)) for name in ("open_visits", "visits"))
    return ibis.union(*(rows.select("visit", "profile", "start") for rows in found))


def _replaced(
    source: Source, site: int, ids: dict[int, int], profiles: pa.Array
) -> list[Operation]:
    """Return the operations by which profiles have other texts as their addresses."""
    if not len(profiles):
        return []
    rows = _profiles(source, site, "ended", profiles)
    delete = Delete("profiles", among={"profile": profiles})
    return [delete, *inserting("profiles", _with_texts(rows, ids))]


def _profiles(source: Source, site: int, name: str, keys: pa.Array) -> pa.Table:
    source.keep(name, pa.table({"profile": keys}), _PROFILE)
    return source.rows(_rows_of, "profiles", name, site=site)


def _rows_of(table: str, name: str) -> Any:
    return of_site(stored(table)).semi_join(kept(name, _PROFILE), "profile")


def _with_texts(rows: pa.Table, ids: dict[int, int]) -> pa.Table:
    return _mapped(rows, _COLUMN, ids)


def _mapped(rows: pa.Table, column: str, to: dict[int, int]) -> pa.Table:
    values = [to[key] for key in rows[column].to_pylist()]
    return rows.set_column(rows.column_names.index(column), column, pa.array(values, pa.int32()))


def _copied(
    source: Source, site: int, end: int, ids: dict[int, int], shared: pa.Array, last: LastKeys
) -> list[Operation]:
    """Return the operations by which old visits and events name copies of their profiles."""
    if not len(shared):
        return []
    rows = _profiles(source, site, "shared", shared)
    group = ("profiles", "")
    copies = {key: last.following(source.reader, group) for key in rows["profile"].to_pylist()}
    operations: list[Operation] = list(
        inserting("profiles", _mapped(_with_texts(rows, ids), "profile", copies))
    )
    for name in ("open_visits", "visits"):
        old = source.rows(_old_visits, name, site=site, end=end)
        if old.num_rows:
            gone = pc.cast(old["visit"], pa.int32()).combine_chunks()
            operations.append(Delete(name, among={"visit": gone}))
            operations += inserting(name, _mapped(old, "profile", copies))
    events = source.rows(_old_events, site=site, end=end)
    if events.num_rows:
        among, below = {"profile": shared}, {"time": end}
        operations.append(Delete("events", {"site": site}, among, below))
        operations += inserting("events", _mapped(events, "profile", copies))
    return operations


def _old_visits(name: str) -> Any:
    """Return the visits of shared profiles that have no event since the time."""
    events = of_site(stored("events"))
    later = events.filter(events.time >= parameter("end"))
    return _as_inserted(name, _rows_of(name, "shared").anti_join(later, "visit"))


def _old_events() -> Any:
    rows = _rows_of("events", "shared")
    return _as_inserted("events", rows.filter(rows.time < parameter("end")))


def _as_inserted(table: str, rows: Any) -> Any:
    types = TABLES[table].columns
    return rows.select(
        **{name: digits(rows[name]) if types[name] == "uuid" else rows[name] for name in types}
    )


def _orphans(source: Source, whole: list[int], ended: pa.Array) -> list[Operation]:
    """Return the removal of the whole addresses that no profile has any more."""
    source.keep("ended", pa.table({"profile": ended}), _PROFILE)
    used = set(source.rows(_still_used)[_COLUMN].to_pylist())
    gone = [key for key in whole if key not in used]
    among = {"id": pa.array(gone, pa.int32())}
    return [Delete("texts", {"column": _COLUMN}, among)] if gone else []


def _still_used() -> Any:
    profiles = stored("profiles").semi_join(kept("whole", _ADDRESS), _COLUMN)
    return profiles.anti_join(kept("ended", _PROFILE), "profile").select(_COLUMN).distinct()
