"""What the page shows of a person, read from every holder of personal data."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from askfirst.errors import NotFound
from askfirst.sites import Site
from askfirst.store.ledger.disclosure_register import RegisterEntry, told_to
from askfirst.store.personal_data import Row
from consent.accounts.own_rows import own_rows
from consent.dependencies import Dependencies
from consent.my_data.answers import AskedAgain, MyAnswer, MyState, answers_of, state_of
from consent.my_data.corrected import Correctable, MyCorrection, correctables, my_corrections
from consent.my_data.derived import DerivedFact, RawTable, derived_facts, raw_tables
from consent.my_data.looked_at import Look, Told, looks_of, told_of
from consent.my_data.person import Person
from consent.my_data.visits import EVERYTHING, Most, MyVisit, Sums, VisitWriter, sums_of
from consent.policy.languages import shipped_texts
from consent.policy.languages.times import LocalTimes
from consent.receipts.issue import ReceiptIssuer
from consent.rights.corrections import Made
from consent.rights.hidden_pages import is_told
from consent.rights.restriction import Restrictions

EVENTS = "warehouse.events"
WAITING = "journal.waiting"
RECORDS = "ledger.consent_records"
LOOKS = "ledger.disclosures"
MOST_VISITS = 100
"""Visits that the page shows; the file has all of them."""
MOST_STEPS_OF_VISIT = 200
"""Steps of one visit that the page shows."""
MOST_STEPS = 2000
"""Steps of all visits together that the page shows."""
MOST_ROWS = 1000
"""Raw rows of one table that the page shows."""
MOST_ANSWERS = 100
"""Answers that the page shows, each with the words as they were shown."""
MOST_VALUES = 100
"""Values of one thing that was worked out, such as sources, that the page shows."""


@dataclass(frozen=True)
class MyData:
    """What is stored of a person, as the page shows it."""

    state: MyState
    code: str
    """The receipt code; '' where the person was erased, or access was ended."""
    restricted: str
    """Since which day the use is restricted, else ''."""
    sums: Sums
    visits: tuple[MyVisit, ...]
    """The newest visits."""
    waiting: int
    """How many events have arrived and are in no visit yet."""
    is_whole: bool
    """Whether every visit, step, value, answer and row is shown."""
    has_hidden: bool
    """Whether a page is hidden: it goes where nothing else would be left."""
    derived: tuple[DerivedFact, ...]
    correctable: Mapping[str, Correctable]
    """What can be corrected, by the derived column at which its button stands."""
    corrections: tuple[MyCorrection, ...]
    raw: tuple[RawTable, ...]
    looks: tuple[Look, ...]
    told: tuple[Told, ...]
    """What was revealed outside, as far as the visitor may read it now."""
    answers: tuple[MyAnswer, ...]
    """The newest answers."""
    all_answers: int
    """How many answers there are."""


@dataclass(frozen=True)
class Read:
    """What was read of a person: every row, the words of each yes by their hash, and the code."""

    site: Site
    rows: Mapping[str, Sequence[Row]]
    restricted: int | None
    entries: Sequence[RegisterEntry]
    accepted: Mapping[str, Mapping[str, Any]]
    made: Sequence[Made]
    code: str
    now: int
    asked_again: AskedAgain


class MyDataReader:
    """Reads what is stored of a person."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._issuer = ReceiptIssuer(deps)
        self._restrictions = Restrictions(deps.ledger, deps.book, deps.clock)
        self._turns = WeakValueDictionary[tuple[str, ...], asyncio.Lock]()

    async def rows(
        self, person: Person, told: Callable[[int, int], None] | None = None
    ) -> dict[str, list[Row]]:
        """Return every row of every holder, by the holder's name; `told` as `rows_of` has it.

        The rows of an account are opened for whoever is signed in to it.
        """
        found = await self._deps.personal_data.rows_of(person.site.id, person.ids, told)
        return found | (await own_rows(self._deps, person.account) if person.account else {})

    async def read(
        self, person: Person, shown: Mapping[str, Any], words: Mapping[str, str]
    ) -> MyData:
        """Return what the page shows; `shown` is the wording in the page's language.

        Of one person it is read once at a time: who asks again meanwhile waits.
        """
        whose = person.ids or (person.claims.consent_id,)
        async with self._turns.setdefault(whose, asyncio.Lock()):
            read = await self.read_of(person, await self.rows(person))
            return await asyncio.to_thread(arranged, read, shown["language"], words)

    async def read_of(self, person: Person, rows: Mapping[str, Sequence[Row]]) -> Read:
        """Return a person's rows with what else is read of the person."""
        now = self._deps.clock()
        return Read(
            site=person.site,
            rows=rows,
            restricted=await self._restricted(person),
            entries=await told_to(self._deps.ledger, person.site.id, person.ids, now),
            accepted=await self._accepted(person.site, rows[RECORDS]),
            made=await self._deps.corrections.of(person.site.id, person.ids),
            code=await self._deps.receipt_codes.shown(self._deps.ledger, person.claims),
            now=now,
            asked_again=await self._asked_again(person.site),
        )

    async def _asked_again(self, site: Site) -> AskedAgain:
        asking = await self._deps.book.version(site, site.min_policy_version)
        return AskedAgain(asking.version, asking.published_at)

    async def _restricted(self, person: Person) -> int | None:
        since, site_id = self._restrictions.since, person.site.id
        begun = [await since(site_id, one) for one in person.visitors]
        return min((one for one in begun if one is not None), default=None)

    async def _accepted(self, site: Site, records: Sequence[Row]) -> dict[str, Mapping[str, Any]]:
        """Return the words that were shown with each yes, by their hash, if they are kept."""
        found: dict[str, Mapping[str, Any]] = {}
        for record in {row["notice_hash"]: row for row in records}.values():
            with suppress(NotFound):  # a consent manager of the website asked with its own words
                found[record["notice_hash"]] = await self._issuer.words(site, record)
        return found


def arranged(read: Read, tag: str, words: Mapping[str, str], *, whole: bool = False) -> MyData:
    """Arrange what was read in a language: the newest of it, or the `whole`."""
    rows, zone, events = read.rows, read.site.time_zone, read.rows[EVENTS]
    fields = shipped_texts(tag)["fields"]
    most = EVERYTHING if whole else Most(MOST_VISITS, MOST_STEPS_OF_VISIT, MOST_STEPS)
    most_rows, most_answers, most_values = (
        (None, None, None) if whole else (MOST_ROWS, MOST_ANSWERS, MOST_VALUES)
    )
    times, sums = LocalTimes(tag, zone), sums_of(events)
    visits = VisitWriter(words, tag, zone).visits(events, most)
    derived = derived_facts(events, fields, words, tag, most_values)
    answers = answers_of(rows[RECORDS], read.accepted, times)
    return MyData(
        state=state_of(rows[RECORDS], read.now, times, read.asked_again),
        code=read.code,
        restricted=times.day(read.restricted) if read.restricted else "",
        sums=sums,
        visits=visits,
        waiting=len(rows.get(WAITING, ())),
        is_whole=len(visits) == sums.visits
        and all(len(one.steps) == one.all_steps for one in visits)
        and all(one.is_whole for one in derived)
        and (most_answers is None or len(answers) <= most_answers)
        and (most_rows is None or max(map(len, rows.values())) <= most_rows),
        has_hidden=not all(is_told(row) for row in events),
        derived=derived,
        correctable=correctables([one.column for one in derived], events, fields, words, tag),
        corrections=my_corrections(read.made, fields, words, tag, zone),
        raw=raw_tables(rows, fields, most_rows),
        told=told_of(read.entries, words, tag, zone),
        looks=looks_of(rows[LOOKS], words, tag, zone),
        answers=answers[:most_answers],
        all_answers=len(answers),
    )
