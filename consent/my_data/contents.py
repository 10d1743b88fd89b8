"""What the page shows of a person, read from every holder of personal data."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from askfirst.store.personal_data import Row
from consent.dependencies import Dependencies
from consent.my_data.answers import MyAnswer, MyState, answers_of, state_of
from consent.my_data.derived import DerivedFact, RawTable, derived_facts, raw_tables
from consent.my_data.looked_at import Look, looks_of
from consent.my_data.person import Person
from consent.my_data.visits import MyVisit, Sums, VisitWriter, sums_of
from consent.policy.languages import shipped_texts

EVENTS = "warehouse.events"
WAITING = "journal.waiting"
RECORDS = "ledger.consent_records"
LOOKS = "ledger.disclosures"
MOST_VISITS = 100
"""Visits that the page shows; the file has all of them."""
MOST_ROWS = 1000
"""Raw rows of one table that the page shows."""


@dataclass(frozen=True)
class MyData:
    """What is stored of a person, as the page shows it."""

    state: MyState
    code: str
    """The receipt code; '' where the person was erased."""
    sums: Sums
    visits: tuple[MyVisit, ...]
    """The newest visits."""
    waiting: int
    """How many events have arrived and are in no visit yet."""
    is_whole: bool
    """Whether every visit and row is shown."""
    derived: tuple[DerivedFact, ...]
    raw: tuple[RawTable, ...]
    looks: tuple[Look, ...]
    answers: tuple[MyAnswer, ...]


class MyDataReader:
    """Reads what is stored of a person."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def rows(self, person: Person) -> dict[str, list[Row]]:
        """Return every row of every holder, by the holder's name."""
        return await self._deps.personal_data.rows_of(person.site.id, person.ids)

    async def read(
        self, person: Person, shown: Mapping[str, Any], words: Mapping[str, str]
    ) -> MyData:
        """Return what the page shows; `shown` is the wording in the page's language."""
        rows = await self.rows(person)
        code = await self._code(person) if rows[RECORDS] else ""
        now = self._deps.clock()
        return await asyncio.to_thread(_arranged, person, rows, shown, words, code, now)

    async def _code(self, person: Person) -> str:
        """Return the code of the yes that opened the page, whose hash an older yes lacks."""
        async with self._deps.ledger.write() as connection:
            await self._deps.receipt_codes.keep(connection, person.claims)
        return self._deps.receipt_codes.of(person.claims)


def _arranged(
    person: Person,
    rows: Mapping[str, Sequence[Row]],
    shown: Mapping[str, Any],
    words: Mapping[str, str],
    code: str,
    now: int,
) -> MyData:
    tag, zone, events = shown["language"], person.site.time_zone, rows[EVENTS]
    titles = {purpose["id"]: purpose["title"] for purpose in shown["purposes"]}
    fields = shipped_texts(tag)["fields"]
    visits = VisitWriter(words, tag, zone).visits(events)
    return MyData(
        state=state_of(rows[RECORDS], now, tag),
        code=code,
        sums=sums_of(events),
        visits=visits[:MOST_VISITS],
        waiting=len(rows.get(WAITING, ())),
        is_whole=len(visits) <= MOST_VISITS and len(events) <= MOST_ROWS,
        derived=derived_facts(events, fields, tag),
        raw=raw_tables({name: found[:MOST_ROWS] for name, found in rows.items()}, fields),
        looks=looks_of(rows[LOOKS], words, tag, zone),
        answers=answers_of(rows[RECORDS], titles, tag),
    )
