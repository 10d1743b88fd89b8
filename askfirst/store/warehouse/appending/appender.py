"""Turns a batch of events into operations on the stored tables, with keys for what is new in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from askfirst.columns import EVENT_NUMBERS, EVENT_TEXTS, KINDS, PROFILE_TEXTS
from askfirst.store.warehouse.appending.keys import Keys, KeyTable, Natural
from askfirst.store.warehouse.appending.last_keys import LastKeys
from askfirst.store.warehouse.appending.rows import insert_columns, insert_rows
from askfirst.store.warehouse.appending.visit_keys import VisitKey, VisitKeys
from askfirst.store.warehouse.identifiers import FORMS, is_canonical, stored_id

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
    touched: list[tuple[int, int, int]] = field(default_factory=list)
    """Of each event: site, visit and time in milliseconds."""


class Appender:
    """Makes the operations that store a batch; one batch at a time."""

    def __init__(self, dialect: str) -> None:
        last = LastKeys(dialect)
        tables = (TEXTS, VISITORS, CONSENTS, PROFILES)
        self._keys = {table.name: Keys(table, dialect, last) for table in tables}
        self._visits = VisitKeys(dialect, last)

    def prepare(self, reader: Reader, batch: pa.Table, *, is_move: bool = False) -> Prepared:
        """Return what storing a batch of `batches.ARROW_SCHEMA` takes.

        In a move even an event that opens a visit may belong to one that is stored.
        """
        return _Batch(self._keys, self._visits, reader, batch).prepared(is_move=is_move)

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
        self, keys: dict[str, Keys], visits: VisitKeys, reader: Reader, batch: pa.Table
    ) -> None:
        self._keys = keys
        self._visits = visits
        self._reader = reader
        self._batch = batch
        self._done = Prepared()
        self._sites = batch["site_id"].to_pylist()
        self._times = _milliseconds(batch["time"])
        self._new_visitors: set[int] = set()
        self._visit_ids: list[str] = []

    def prepared(self, *, is_move: bool) -> Prepared:
        """Return the operations, those first to which others refer."""
        event_ids = self._ids("event_id")
        self._visit_ids = self._ids("visit_id")
        texts = self._texts()
        visitors = self._visitors()
        profiles = self._profiles(visitors, texts)
        opening = set() if is_move else set(event_ids)
        visits, own = self._visits_of(visitors, profiles, opening)
        opens = [a == b for a, b in zip(event_ids, self._visit_ids, strict=True)]
        columns = {
            "site": self._sites,
            "time": self._times,
            "visit": visits,
            "visitor": visitors,
            "profile": own,
            "opens": opens,
            "kind": [_KINDS.get(kind) for kind in self._batch["kind"].to_pylist()],
            **{name: texts[name] for name in EVENT_TEXTS},
            **{name: self._batch[name] for name in EVENT_NUMBERS},
            "event_id": event_ids,
        }
        self._done.operations.append(insert_columns("events", columns))
        self._done.touched = list(zip(self._sites, visits, self._times, strict=True))
        return self._done

    def _resolve(
        self, name: str, wanted: Sequence[Natural], stored_columns: Sequence[str]
    ) -> tuple[dict[Natural, int], list[Natural]]:
        """Return the key of each, and those among them that are new."""
        keys = self._keys[name]
        found, fresh = keys.resolve(self._reader, wanted, self._is_of_new_visitor)
        rows = [(*one, found[one]) for one in fresh]
        self._done.operations += insert_rows(name, stored_columns, rows)
        self._done.learned.append((keys, found))
        return found, fresh

    def _is_of_new_visitor(self, one: Natural) -> bool:
        """Return whether a consent, profile or visit is of a visitor who is new: so is it, then."""
        return one[1] in self._new_visitors

    def _texts(self) -> dict[str, list[int | None]]:
        """Return the keys of every column of texts, all looked up at once."""
        columns = (*EVENT_TEXTS, *PROFILE_TEXTS)
        encoded = {one: self._batch[one].combine_chunks().dictionary_encode() for one in columns}
        words = {one: found.dictionary.to_pylist() for one, found in encoded.items()}
        wanted = [(one, word) for one in columns for word in words[one] if word]
        found, _ = self._resolve("texts", wanted, ("column", "text", "id"))
        keys = {one: [found[one, word] if word else 0 for word in words[one]] for one in columns}
        return {one: _taken(keys[one], encoded[one].indices.to_pylist()) for one in columns}

    def _ids(self, column: str) -> list[str]:
        form = FORMS[column]
        texts = self._batch[column].to_pylist()
        stored = {text: stored_id(text, form) for text in dict.fromkeys(texts)}
        others = [(digits, text) for text, digits in stored.items() if not is_canonical(text, form)]
        self._done.operations += insert_rows("other_ids", ("id", "text"), others)
        return [stored[text] for text in texts]

    def _visitors(self) -> list[int]:
        named = list(zip(self._sites, self._ids("visitor_id"), strict=True))
        found, fresh = self._resolve("visitors", named, ("site", "visitor_id", "visitor"))
        self._new_visitors = {found[one] for one in fresh}
        return [found[one] for one in named]

    def _profiles(self, visitors: list[int], texts: dict[str, list[int | None]]) -> list[int]:
        given = list(zip(self._sites, visitors, self._ids("consent_id"), strict=True))
        consents, _ = self._resolve("consents", given, (*CONSENTS.natural, "consent"))
        versions = self._batch["policy_version"].to_pylist()
        said = zip(*(texts[name] for name in PROFILE_TEXTS), strict=True)
        same = [
            (site, visitor, consents[site, visitor, consent], version, *words)
            for (site, visitor, consent), version, words in zip(given, versions, said, strict=True)
        ]
        found, _ = self._resolve("profiles", same, (*PROFILES.natural, "profile"))
        return [found[one] for one in same]

    def _visits_of(
        self, visitors: list[int], profiles: list[int], opening: set[str]
    ) -> tuple[list[int], list[int]]:
        """Return of each event its visit, and its profile if it is not the visit's.

        `opening` are the ids of events that open visits which are not stored yet.
        """
        named = list(zip(self._sites, visitors, self._visit_ids, strict=True))
        found, fresh = self._visits.resolve(self._reader, named, opening, self._is_of_new_visitor)
        first = self._first_of(named)
        rows = []
        for one in fresh:
            place = first[one]
            found[one] = found[one]._replace(profile=profiles[place])
            rows.append((*one, *found[one], self._times[place]))
        self._done.operations += insert_rows("open_visits", _OPEN_VISIT, rows)
        self._done.visits = found
        self._done.begun = {found[one].visit for one in fresh}
        visits = [found[one] for one in named]
        own = [
            0 if profile == visit.profile else profile
            for profile, visit in zip(profiles, visits, strict=True)
        ]
        return [visit.visit for visit in visits], own

    def _first_of(self, named: list[Natural]) -> dict[Natural, int]:
        first: dict[Natural, int] = {}
        for place in sorted(range(len(named)), key=lambda place: self._times[place]):
            first.setdefault(named[place], place)
        return first


def _taken(keys: list[int], places: list[int | None]) -> list[int | None]:
    return [None if place is None else keys[place] for place in places]


_KINDS = {kind: number for number, kind in enumerate(KINDS) if kind}
_OPEN_VISIT = ("site", "visitor", "visit_id", "visit", "profile", "start")


def _milliseconds(times: pa.ChunkedArray) -> list[int]:
    microseconds = times.cast(pa.timestamp("us")).cast(pa.int64())
    return [number // 1000 for number in microseconds.to_pylist()]
