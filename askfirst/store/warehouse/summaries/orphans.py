"""Orphans: visitors, consents, profiles, texts and ids that nothing refers to after a deletion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_TEXTS, PROFILE_TEXTS
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.history import Condition, Visitors, among, history, of_site
from askfirst.store.warehouse.summaries.removal import Removal, going, staying
from askfirst.store.warehouse.summaries.source import digits, kept
from askfirst.store.warehouse.summaries.visit_figures import events_of
from askfirst.store.warehouse.tables import stored

if TYPE_CHECKING:
    from askfirst.store.warehouse.summaries.source import Source

_TEXT = {"column": "string", "id": "int32"}
_KEYS = {"visitors": "visitor", "consents": "consent", "profiles": "profile"}
"""Tables whose rows belong to one visitor, each with its key."""
_NONE = pa.array([], pa.int32())


@dataclass
class Lost:
    """What goes, or may go, because visitors lost events."""

    keys: dict[str, list[pa.Array]] = field(default_factory=dict)
    """The keys of rows that go, by table."""
    texts: list[pa.Table] = field(default_factory=list)
    """The texts that what goes refers to: column and id, where 0 stands for no text."""

    def add(self, other: Lost) -> None:
        """Add what another slice of visitors lost."""
        self.texts += other.texts
        for name, found in other.keys.items():
            self.keys.setdefault(name, []).extend(found)

    def of(self, name: str) -> pa.Array:
        """Return the keys of a table's rows."""
        return pa.concat_arrays([_NONE, *self.keys.get(name, [])])


def lost_with(source: Source, visitors: Visitors) -> Lost:
    """Return what of the visitors' rows nothing refers to but those events that go.

    They are the visitors whose history was read last, and the events are those of their condition.
    """
    rows = source.rows(_lost, site=visitors.site)
    keys = {name: _of(rows, "name", name, "key") for name in _KEYS}
    profiles = _profiles(source, keys["profiles"]) if len(keys["profiles"]) else []
    gone = source.rows(_gone_texts, visitors.condition, **visitors.parameters)
    texts = _used_in(gone, EVENT_TEXTS)
    for found in profiles:
        texts += _used_in(found, PROFILE_TEXTS)
    return Lost({name: [found] for name, found in keys.items()}, texts)


def _gone_texts(condition: Condition) -> Any:
    events = among(stored("events"), condition)
    return events.filter(condition(events)).select(*EVENT_TEXTS)


def _of(rows: pa.Table, column: str, value: str, wanted: str) -> pa.Array:
    return pc.cast(rows.filter(pc.equal(rows[column], value))[wanted], pa.int32()).combine_chunks()


def _used_in(rows: pa.Table, columns: Sequence[str]) -> list[pa.Table]:
    """Return the keys of texts in some columns of rows, each once."""
    ids = {name: pc.unique(pc.cast(rows[name], pa.int32())) for name in columns}
    return [pa.table({"column": pa.repeat(name, len(of)), "id": of}) for name, of in ids.items()]


def _lost() -> Any:
    """Return the keys of rows of the history's visitors to which nothing refers that remains."""
    import ibis  # noqa: PLC0415 - half a second

    left, everything = events_of(True), history()
    mine = {name: of_site(stored(name)).semi_join(everything, "visitor") for name in _KEYS}
    referring = {
        "visitors": left,
        "consents": mine["profiles"].semi_join(left, "profile"),
        "profiles": left,
    }
    lost = []
    for name, key in _KEYS.items():
        rows = mine[name].anti_join(referring[name], key)
        lost.append(rows.select(name=ibis.literal(name), key=rows[key]))
    return ibis.union(*lost)


def _profiles(source: Source, keys: pa.Array) -> list[pa.Table]:
    source.keep("lost_profiles", pa.table({"profile": keys}), {"profile": "int32"})
    return [source.rows(_texts_of_profiles)]


def _texts_of_profiles() -> Any:
    rows = stored("profiles").semi_join(_lost_rows("profiles"), "profile")
    return rows.select(*PROFILE_TEXTS)


def lost_of_site(source: Source, removal: Removal) -> Lost:
    """Return everything of a site that belongs to a visitor, and the texts of its events."""
    found = {name: source.rows(_all_keys, name, **removal.parameters) for name in _KEYS}
    keys = {name: [rows[_KEYS[name]].combine_chunks()] for name, rows in found.items()}
    return Lost(keys, [source.rows(_texts_of_site, **removal.parameters)])


def _all_keys(name: str) -> Any:
    return of_site(stored(name)).select(_KEYS[name])


def _texts_of_site() -> Any:
    events, profiles = (of_site(stored(name)) for name in ("events", "profiles"))
    return _texts_in(events, profiles, (*EVENT_TEXTS, *PROFILE_TEXTS))


def without_orphans(source: Source, removal: Removal, lost: Lost) -> list[Operation]:
    """Return the operations that remove what is lost, and the texts and ids that only it had."""
    return [
        *without_rows(lost),
        *_texts(source, removal, lost),
        *_other_ids(source, removal, lost),
    ]


def without_rows(lost: Lost) -> list[Operation]:
    """Return the operations that remove the visitors, consents and profiles that are lost."""
    found = ((name, key, lost.of(name)) for name, key in _KEYS.items())
    return [Delete(name, among={key: keys}) for name, key, keys in found if len(keys)]


def _keep_lost(source: Source, lost: Lost, names: Iterable[str]) -> None:
    for name in names:
        key = _KEYS[name]
        source.keep(f"lost_{name}", pa.table({key: lost.of(name)}), {key: "int32"})


def _texts(source: Source, removal: Removal, lost: Lost) -> list[Operation]:
    gone = pa.concat_tables(lost.texts, promote_options="permissive")
    gone = gone.filter(pc.greater(gone["id"], 0))
    columns = tuple(sorted(gone["column"].unique().to_pylist()))
    if not columns:
        return []
    source.keep("gone_texts", gone, _TEXT)
    _keep_lost(source, lost, ["profiles"])
    used = source.rows(_used_texts, columns, removal.goes, **removal.parameters)
    operations: list[Operation] = []
    for column in columns:
        ids, still = (_of(rows, "column", column, "id") for rows in (gone, used))
        orphans = ids.filter(pc.invert(pc.is_in(ids, still))).unique()
        if len(orphans):
            operations.append(Delete("texts", {"column": column}, {"id": orphans}))
    return operations


def _lost_rows(name: str) -> Any:
    return kept(f"lost_{name}", {_KEYS[name]: "int32"})


def _used_texts(columns: Sequence[str], goes: Condition) -> Any:
    """Return which of the gone texts are used elsewhere, all in these columns."""
    profiles = stored("profiles").anti_join(_lost_rows("profiles"), "profile")
    return _texts_in(staying(goes), profiles, columns, kept("gone_texts", _TEXT))


def _texts_in(events: Any, profiles: Any, columns: Sequence[str], only: Any = None) -> Any:
    """Return the keys of the texts in some columns, each once, 0 left out: column and id."""
    import ibis  # noqa: PLC0415 - half a second

    found = []
    for name in columns:
        table = events if name in EVENT_TEXTS else profiles
        ids = table.filter(table[name] > 0).select(id=table[name])
        if only is not None:
            ids = ids.semi_join(only.filter(only.column == name), "id")
        found.append(ids.distinct().select(column=ibis.literal(name), id="id"))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _other_ids(source: Source, removal: Removal, lost: Lost) -> list[Operation]:
    """Return the removal of texts of ids that are not canonical; most warehouses have none."""
    if not source.rows(_any_other_id).num_rows:
        return []
    _keep_lost(source, lost, ("visitors", "consents"))
    orphans = source.rows(_unused_ids, removal.goes, **removal.parameters)["id"].combine_chunks()
    return [Delete("other_ids", among={"id": orphans})] if len(orphans) else []


def _any_other_id() -> Any:
    return stored("other_ids").select("id").limit(1)


def _unused_ids(goes: Condition) -> Any:
    stays, gone = staying(goes), going(goes)
    opened = gone.filter(gone.opens).semi_join(stays, "visit")  # these visits keep their ids
    named = [stored(name).semi_join(stays, "visit") for name in ("open_visits", "visit_ids")]
    used = [
        *(events.select(id=events.event_id) for events in (stays, opened)),
        *(visits.select(id=visits.visit_id) for visits in named),
    ]
    for name, key in _KEYS.items():
        if name != "profiles":
            rows = stored(name).anti_join(_lost_rows(name), key)
            used.append(rows.select(id=rows[f"{key}_id"]))
    others = stored("other_ids")
    for ids in used:
        others = others.anti_join(ids, "id")
    return others.select(id=digits(others.id))
