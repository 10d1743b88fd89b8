"""Turns a batch of events into operations on the stored tables, with keys for what is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askfirst.columns import EVENT_NUMBERS, EVENT_TEXTS, KINDS, PROFILE_TEXTS
from askfirst.store.warehouse.appending.coded import (
    Coded,
    Numbers,
    coded,
    distinct,
    first_of,
    numbers,
)
from askfirst.store.warehouse.appending.keys import Keys, KeyTable, Natural
from askfirst.store.warehouse.appending.last_keys import LastKeys
from askfirst.store.warehouse.appending.many_ids import stored_ids
from askfirst.store.warehouse.appending.rows import insert_columns, insert_rows
from askfirst.store.warehouse.appending.touched import Touched, touched
from askfirst.store.warehouse.appending.visit_keys import VisitKey, VisitKeys
from askfirst.store.warehouse.identifiers import FORMS
from askfirst.store.warehouse.tables import LASTS_AT_MOST

if TYPE_CHECKING:
    from askfirst.store.warehouse.engine import Operation, Reader

TEXTS = KeyTable("texts", "id", ("column", "text"), ("column", "text"), within="column")
VISITORS = KeyTable("visitors", "visitor", ("site", "visitor_id"), ("site", "visitor_id"))
CONSENTS = KeyTable(
    "consents", "consent", ("site", "visitor", "consent_id"), ("site", "consent_id")
)
PROFILES = KeyTable(
    "profiles",
    "profile",
    ("site", "visitor", "consent", "policy_version", *PROFILE_TEXTS),
    ("site", "visitor"),
)


@dataclass
class Prepared:
    """What storing a batch takes: its operations, and the keys to keep when they are done."""

    operations: list[Operation] = field(default_factory=list)
    learned: list[tuple[Keys, dict[Natural, int]]] = field(default_factory=list)
    visits: dict[Natural, VisitKey] = field(default_factory=dict)
    """The visits of the batch."""
    begun: set[int] = field(default_factory=set)
    """The keys of those visits that are new."""
    touched: Touched = field(default_factory=Touched)


class Appender:
    """Makes the operations that store a batch; one batch at a time."""

    def __init__(self, dialect: str) -> None:
        last = LastKeys(dialect)
        tables = (TEXTS, VISITORS, CONSENTS, PROFILES)
        self._keys = {table.name: Keys(table, dialect, last) for table in tables}
        self._visits = VisitKeys(dialect, last)

    def prepare(
        self,
        reader: Reader,
        batch: pa.Table,
        *,
        is_move: bool = False,
        anew: frozenset[str] = frozenset(),
    ) -> Prepared:
        """Return what storing a batch of `batches.ARROW_SCHEMA` takes.

        In a move even an event that opens a visit may belong to one that is stored. The visitors
        `anew`, by the digits of their stored ids, get new keys, and so does whatever is theirs.
        """
        return _Batch(self._keys, self._visits, reader, batch, anew).prepared(is_move=is_move)

    def learn(self, prepared: Prepared) -> None:
        """Keep the keys of a batch that is stored."""
        for keys, found in prepared.learned:
            keys.learn(found)
        self._visits.learn(prepared.visits)

    def forget(self) -> None:
        """Forget all keys, because rows were deleted."""
        for keys in self._keys.values():
            keys.forget()
        self._visits.forget()


class _Batch:
    """One batch on its way: each step resolves the keys of a table, and adds what is new."""

    def __init__(
        self,
        keys: dict[str, Keys],
        visits: VisitKeys,
        reader: Reader,
        batch: pa.Table,
        anew: frozenset[str],
    ) -> None:
        self._keys = keys
        self._visits = visits
        self._reader = reader
        self._batch = batch
        self._anew = anew
        self._done = Prepared()
        self._sites = numbers(batch["site_id"])
        self._times = numbers(batch["time"].cast(pa.timestamp("us"))) // 1000
        self._new_visitors: set[int] = set()
        self._begun_since: list[tuple[int, int]] = []

    def prepared(self, *, is_move: bool) -> Prepared:
        """Return the operations, those first to which others refer."""
        events, visit_ids = self._ids("event_id"), self._ids("visit_id")
        texts = self._texts()
        visitors = self._visitors()
        profiles = self._profiles(visitors, texts)
        opening = set() if is_move else set(events.values)
        visits, own = self._visits_of(visitors, profiles, visit_ids, opening)
        columns = {
            "site": self._sites,
            "time": self._times,
            "visit": visits,
            "visitor": visitors,
            "profile": own,
            "opens": self._opens(),
            "kind": self._kinds(),
            **{name: texts[name] for name in EVENT_TEXTS},
            **{name: self._batch[name] for name in EVENT_NUMBERS},
            "event_id": pa.array(events.values, pa.string()).take(events.places),
        }
        self._done.operations.append(insert_columns("events", columns))
        self._done.touched = touched(self._sites, visits, self._times, self._begun_since)
        return self._done

    def _opens(self) -> pa.ChunkedArray:
        """Return whether each event has opened its visit, whose id is its own then."""
        names = (self._batch[name].cast(pa.string()) for name in ("event_id", "visit_id"))
        return pc.equal(*names)

    def _kinds(self) -> pa.Array:
        kinds = coded(self._batch["kind"])
        return kinds.taken([_KINDS.get(kind) for kind in kinds.values])

    def _resolve(
        self, name: str, wanted: Sequence[Natural], stored_columns: Sequence[str]
    ) -> dict[Natural, int]:
        """Return the key of each, and add rows for those that are new."""
        keys = self._keys[name]
        is_new = self._is_stored_anew if name == "visitors" else self._is_of_new_visitor
        found, fresh = keys.resolve(self._reader, wanted, is_new)
        rows = [(*one, found[one]) for one in fresh]
        self._done.operations += insert_rows(name, stored_columns, rows)
        self._done.learned.append((keys, found))
        if name == "visitors":
            self._new_visitors = {found[one] for one in fresh}
        return found

    def _is_of_new_visitor(self, one: Natural) -> bool:
        """Return whether a consent, profile or visit is of a visitor who is new: so is it, then."""
        return one[1] in self._new_visitors

    def _is_stored_anew(self, one: Natural) -> bool:
        return one[1] in self._anew

    def _texts(self) -> dict[str, pa.Array]:
        """Return the keys of every column of texts, all looked up at once."""
        columns = (*EVENT_TEXTS, *PROFILE_TEXTS)
        said = {one: coded(self._batch[one]) for one in columns}
        wanted = [(one, word) for one in columns for word in said[one].values if word]
        found = self._resolve("texts", wanted, ("column", "text", "id"))
        keys = {
            one: [found[one, word] if word else 0 for word in said[one].values] for one in columns
        }
        return {one: said[one].taken(keys[one]) for one in columns}

    def _ids(self, column: str) -> Coded:
        """Return a column of ids in their stored form."""
        ids = coded(self._batch[column].cast(pa.string()))  # so that each value is there once
        digits, others = stored_ids(ids.values, FORMS[column])
        self._done.operations += insert_rows("other_ids", ("id", "text"), others)
        return Coded(digits, ids.places)

    def _visitors(self) -> Numbers:
        ids = self._ids("visitor_id")
        named = distinct(self._sites, numbers(ids.places))
        wanted = [(site, ids.values[place]) for site, place in named.rows]
        found = self._resolve("visitors", wanted, ("site", "visitor_id", "visitor"))
        return named.taken([found[one] for one in wanted])

    def _consents(self, visitors: Numbers) -> Numbers:
        ids = self._ids("consent_id")
        given = distinct(self._sites, visitors, numbers(ids.places))
        wanted = [(site, visitor, ids.values[place]) for site, visitor, place in given.rows]
        found = self._resolve("consents", wanted, (*CONSENTS.natural, "consent"))
        return given.taken([found[one] for one in wanted])

    def _profiles(self, visitors: Numbers, texts: dict[str, pa.Array]) -> Numbers:
        versions = numbers(self._batch["policy_version"])
        said = (numbers(texts[name]) for name in PROFILE_TEXTS)
        same = distinct(self._sites, visitors, self._consents(visitors), versions, *said)
        found = self._resolve("profiles", same.rows, (*PROFILES.natural, "profile"))
        return same.taken([found[one] for one in same.rows])

    def _visits_of(
        self, visitors: Numbers, profiles: Numbers, ids: Coded, opening: set[str]
    ) -> tuple[Numbers, Numbers]:
        """Return of each event its visit, and its profile if it is not the visit's.

        `opening` are the ids of events that open visits which are not stored yet.
        """
        named = distinct(self._sites, visitors, numbers(ids.places))
        wanted = [(site, visitor, ids.values[place]) for site, visitor, place in named.rows]
        found, fresh = self._visits.resolve(self._reader, wanted, opening, self._is_of_new_visitor)
        first = dict(zip(wanted, first_of(named.places, self._times, len(wanted)), strict=True))
        rows = []
        for one in fresh:
            place = first[one]
            begun = int(self._times[place])
            found[one] = VisitKey(found[one].visit, int(profiles[place]), begun)
            rows.append((*one, *found[one]))
        self._done.operations += insert_rows("open_visits", _OPEN_VISIT, rows)
        self._done.visits = self._begun(found, first)
        self._done.begun = {found[one].visit for one in fresh}
        usual = named.taken([found[one].profile for one in wanted])
        own = np.where(profiles == usual, 0, profiles)
        return named.taken([found[one].visit for one in wanted]), own

    def _begun(
        self, found: dict[Natural, VisitKey], first: dict[Natural, int]
    ) -> dict[Natural, VisitKey]:
        """Return visits with when they began by now, where that is known; note it of each."""
        times = {one: int(self._times[place]) for one, place in first.items()}
        for one, key in found.items():
            if key.start is None:
                self._begun_since.append((one[0], times[one] - LASTS_AT_MOST))
                continue
            found[one] = key._replace(start=min(key.start, times[one]))
            self._begun_since.append((one[0], min(key.start, times[one])))
        return found


_KINDS = {kind: number for number, kind in enumerate(KINDS) if kind}
_OPEN_VISIT = ("site", "visitor", "visit_id", "visit", "profile", "start")
