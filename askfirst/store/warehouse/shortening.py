"""Shortening the IP addresses of events before a time, also where others still have them whole.

An address is a text of a profile, which visits and events name. A profile whose last event is
before the time gets the shortened text; one that is still used goes on as it is, and what is older
names a copy of it from then on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


MOST_AT_ONCE = 200_000
"""Profiles that one commit changes."""


@dataclass
class Shortening:
    """What shortening takes: its operations, for one commit, and whether there is more to do."""

    operations: list[Operation] = field(default_factory=list)
    more: bool = False


def shorten(source: Source, site: int, end: int) -> Shortening:
    """Return how the addresses of a site's events before a time are shortened.

    `end` is milliseconds since the epoch. The events of a visit that goes on after it follow when
    the visit is older.
    """
    short = _short_forms(source, site)
    if not short:
        return Shortening()
    source.keep("whole", pa.table({"ip": pa.array(short, pa.int32())}), _ADDRESS)
    used = source.rows(_used, site=site, end=end)
    is_ended = pc.less(used["last"], end)
    every = _keys(used.filter(is_ended))
    ended = every.slice(0, MOST_AT_ONCE)
    rows = _profiles(source, site, "ended", ended)
    moved, copied = _older(source, site, end, _keys(used.filter(pc.invert(is_ended))))
    if not rows.num_rows and not copied.num_rows:
        return Shortening()
    last = LastKeys(source.dialect)
    ids, operations = _texts(source, last, short, {*_ips(rows), *_ips(copied)})
    operations += _copies(source, last, ids, copied, moved)
    if rows.num_rows:
        operations.append(Delete("profiles", among={"profile": ended}))
        operations += inserting("profiles", _mapped(rows, _COLUMN, ids))
    operations += _orphans(source, list(short))
    return Shortening(operations, more=len(every) > len(ended))


def _keys(rows: pa.Table) -> pa.Array:
    return pc.cast(rows["profile"], pa.int32()).combine_chunks()


def _ips(rows: pa.Table) -> list[int]:
    return list(rows[_COLUMN].unique().to_pylist())


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


def _profiles(source: Source, site: int, name: str, keys: pa.Array) -> pa.Table:
    """Hand the keys of profiles to the reader under a name, and return their rows."""
    source.keep(name, pa.table({"profile": keys}), _PROFILE)
    return source.rows(_rows_of, "profiles", name, site=site)


def _rows_of(table: str, name: str) -> Any:
    return of_site(stored(table)).semi_join(kept(name, _PROFILE), "profile")


_NAMING = ("open_visits", "visits", "events")
"""The tables whose rows name a profile."""


@dataclass(frozen=True)
class _Moved:
    """The rows of a table that get another profile, and what removes just these."""

    table: str
    rows: pa.Table
    delete: Delete


def _older(source: Source, site: int, end: int, shared: pa.Array) -> tuple[list[_Moved], pa.Table]:
    """Return the older rows that name a profile which newer ones have, too, and these profiles.

    They are visits without an event since the time, and events before it with a profile of their
    own.
    """
    source.keep("shared", pa.table({"profile": shared}), _PROFILE)
    moved = [_older_in(source, name, site, end) for name in _NAMING]
    named = pa.concat_arrays([_keys(one.rows) for one in moved]).unique()
    return moved, _profiles(source, site, "copied", named)


def _older_in(source: Source, name: str, site: int, end: int) -> _Moved:
    rows = source.rows(_older_rows, name, site=site, end=end)
    if name == "events":  # the id of one may stand twice
        delete = Delete(name, {"site": site}, {"profile": _keys(rows).unique()}, {"time": end})
    else:
        delete = Delete(name, {"site": site}, {"visit": rows["visit"].combine_chunks()})
    return _Moved(name, rows, delete)


def _older_rows(name: str) -> Any:
    rows, events = _rows_of(name, "shared"), of_site(stored("events"))
    if name == "events":
        rows = rows.filter(rows.time < parameter("end"))
    else:
        rows = rows.anti_join(events.filter(events.time >= parameter("end")), "visit")
    types = TABLES[name].columns
    return rows.select(
        **{one: digits(rows[one]) if types[one] == "uuid" else rows[one] for one in types}
    )


def _texts(
    source: Source, last: LastKeys, short: dict[int, str], whole: set[int]
) -> tuple[dict[int, int], list[Operation]]:
    """Return the keys of the short texts by those of the whole ones, and what stores new ones."""
    wanted = [(_COLUMN, short[key]) for key in sorted(whole)]
    found, fresh = Keys(TEXTS, source.dialect, last).resolve(source.reader, wanted, lambda _: False)
    rows = [(*one, found[one]) for one in fresh]
    ids = {key: found[_COLUMN, short[key]] for key in whole}
    return ids, [*insert_rows("texts", ("column", "text", "id"), rows)]


def _copies(
    source: Source,
    last: LastKeys,
    ids: dict[int, int],
    copied: pa.Table,
    moved: list[_Moved],
) -> list[Operation]:
    """Return the operations by which older rows name copies of their profiles."""
    group = ("profiles", "")
    copies = {key: last.following(source.reader, group) for key in copied["profile"].to_pylist()}
    short = _mapped(copied, _COLUMN, ids)
    operations: list[Operation] = [*inserting("profiles", _mapped(short, "profile", copies))]
    for one in moved:
        if one.rows.num_rows:
            operations.append(one.delete)
            operations += inserting(one.table, _mapped(one.rows, "profile", copies))
    return operations


def _mapped(rows: pa.Table, column: str, to: dict[int, int]) -> pa.Table:
    values = [to[key] for key in rows[column].to_pylist()]
    return rows.set_column(rows.column_names.index(column), column, pa.array(values, pa.int32()))


def _orphans(source: Source, whole: list[int]) -> list[Operation]:
    """Return the removal of the whole addresses that no profile has any more."""
    used = set(source.rows(_still_used)[_COLUMN].to_pylist())
    gone = [key for key in whole if key not in used]
    among = {"id": pa.array(gone, pa.int32())}
    return [Delete("texts", {"column": _COLUMN}, among)] if gone else []


def _still_used() -> Any:
    profiles = stored("profiles").semi_join(kept("whole", _ADDRESS), _COLUMN)
    return profiles.anti_join(kept("ended", _PROFILE), "profile").select(_COLUMN).distinct()
