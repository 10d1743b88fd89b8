"""Orphans: visitors, consents, profiles, texts and ids that nothing refers to after a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_TEXTS, PROFILE_TEXTS
from askfirst.store.warehouse.engine import Delete, Operation
from askfirst.store.warehouse.summaries.history import Condition, Visitors, among, of_site
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
    """The keys of rows that go because their visitor lost events, by table."""

    keys: dict[str, list[pa.Table]] = field(default_factory=dict)

    def add(self, other: Lost) -> None:
        """Add those that another slice of visitors lost."""
        for name, found in other.keys.items():
            self.keys.setdefault(name, []).extend(found)

    def of(self, name: str) -> pa.Array:
        """Return the keys of a table's rows."""
        key = _KEYS[name]
        found = self.keys.get(name, [])
        return pa.concat_tables(found)[key].combine_chunks() if found else _NONE


def lost_with(source: Source, visitors: Visitors) -> Lost:
    """Return what of some visitors' rows nothing in their remaining events refers to."""
    shape, values = (visitors.condition,), visitors.parameters
    return Lost({name: [source.rows(_lost, name, *shape, **values)] for name in _KEYS})


def _lost(name: str, condition: Condition) -> Any:
    left, profiles = events_of(True), among(stored("profiles"), condition)
    referring = {
        "visitors": left,
        "consents": profiles.semi_join(left, "profile"),
        "profiles": left,
    }
    key = _KEYS[name]
    return among(stored(name), condition).anti_join(referring[name], key).select(key)


def lost_of_site(source: Source, site: int) -> Lost:
    """Return everything of a site that belongs to a visitor."""
    return Lost({name: [source.rows(_all_keys, name, site=site)] for name in _KEYS})


def _all_keys(name: str) -> Any:
    return of_site(stored(name)).select(_KEYS[name])


def without_orphans(source: Source, removal: Removal, lost: Lost) -> list[Operation]:
    """Return the operations that remove what is lost, and the texts and ids that only it had."""
    operations: list[Operation] = []
    for name, key in _KEYS.items():
        keys = lost.of(name)
        source.keep(f"lost_{name}", pa.table({key: keys}), {key: "int32"})
        operations += [Delete(name, among={key: keys})] if len(keys) else []
    return [*operations, *_texts(source, removal), *_other_ids(source, removal)]


def _texts(source: Source, removal: Removal) -> list[Operation]:
    shape, values = (removal.goes,), removal.parameters
    gone = source.rows(_gone_texts, *shape, **values)
    source.keep("gone_texts", gone, _TEXT)
    columns = tuple(sorted(gone["column"].unique().to_pylist()))
    if not columns:
        return []
    used = source.rows(_used_texts, columns, *shape, **values)
    operations: list[Operation] = []
    for column in columns:
        ids, still = (rows.filter(pc.equal(rows["column"], column))["id"] for rows in (gone, used))
        orphans = ids.filter(pc.invert(pc.is_in(ids, still.combine_chunks()))).combine_chunks()
        if len(orphans):
            operations.append(Delete("texts", {"column": column}, {"id": orphans}))
    return operations


def _lost_rows(name: str) -> Any:
    return kept(f"lost_{name}", {_KEYS[name]: "int32"})


def _gone_texts(goes: Condition) -> Any:
    profiles = stored("profiles").semi_join(_lost_rows("profiles"), "profile")
    return _texts_in(going(goes), profiles, (*EVENT_TEXTS, *PROFILE_TEXTS))


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


def _other_ids(source: Source, removal: Removal) -> list[Operation]:
    """Return the removal of texts of ids that are not canonical; most warehouses have none."""
    if not source.rows(_any_other_id).num_rows:
        return []
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
