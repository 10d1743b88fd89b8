"""Storing what the lines of a log have become, a batch at a time, past the journal.

The journal remembers ids for two days, and logs are older; so the warehouse itself is asked which
events it holds. A batch and the number of it are one transaction of the warehouse.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from askfirst.clock import as_datetime
from askfirst.events import JournalEntry
from askfirst.rules.applying import EXCLUDED, by_a_rule
from askfirst.store.warehouse.warehouse import Warehouse
from collector.enrichment.enrich import Enricher
from collector.enrichment.visits import Visits


class EventStore:
    """Stores entries of one site that the warehouse does not hold yet.

    `source` names the importer in the warehouse's table `shipped`, as a journal's id would.
    """

    def __init__(
        self, warehouse: Warehouse, enricher: Enricher, silence_ms: int, source: str
    ) -> None:
        self._warehouse = warehouse
        self._enricher = enricher
        self._silence = silence_ms
        self._source = source

    async def store(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        """Store entries and return those that are new; they are durable when this returns.

        What the owner's rules for the reports exclude is returned with the rule `excluded`.
        """
        return await asyncio.to_thread(self._store, entries) if entries else []

    def _store(self, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
        ids = [entry.event_id for entry in entries]
        known = self._warehouse.known_among(ids, _utc(min(one.happened_at for one in entries)))
        fresh = [entry for entry in entries if entry.event_id not in known]
        if fresh:
            fresh.sort(key=lambda entry: entry.happened_at)
            visits = self._visits_around(fresh[0].happened_at)
            visits.know_detached(self._enricher.detached(fresh))
            fresh = visits.ruled(fresh)
            visit_ids = visits.assign(fresh, self._enricher.sides(fresh))
            number = self._warehouse.watermark(self._source) + 1
            batch = self._enricher.batch(fresh, visit_ids)
            self._warehouse.append(batch, self._source, number)
            excluded = batch["excluded"].to_pylist()
            return [
                msgspec.structs.replace(entry, rule=EXCLUDED) if by_a_rule(number) else entry
                for entry, number in zip(fresh, excluded, strict=True)
            ]
        return fresh

    def _visits_around(self, time: int) -> Visits:
        """Return the visits that may go on at a time, also where their visitors came again later.

        Those count that have an event within the silence that ends a visit, before or after it.
        """
        visits = Visits(self._silence)
        around = _utc(time - self._silence), _utc(time + self._silence)
        for site_id, visitor_id, visit_id, first, last in self._warehouse.last_visits(*around):
            visits.learn(site_id, visitor_id, visit_id, _ms(first), _ms(last))
        return visits


def _utc(ms: int) -> datetime:
    return as_datetime(ms).replace(tzinfo=None)


def _ms(naive: datetime) -> int:
    return round((naive - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001
