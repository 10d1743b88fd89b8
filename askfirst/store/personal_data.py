"""Personal data: the one list of its holders, used for exporting and for erasing a visitor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import Table, and_, delete, null, or_, select, update

from askfirst.clock import Clock, system_clock
from askfirst.errors import Unavailable
from askfirst.rules.corrections import Correction
from askfirst.rules.report_rules import ReportRules
from askfirst.store.account_holders import KEPT_WITH_ACCOUNT, account_holders
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import (
    consent_records,
    disclosures,
    erasures,
    left_out_visitors,
    receipt_codes,
    restrictions,
    sites,
    visitor_links,
    withdrawals,
)
from askfirst.store.ledger.visitor_links import VisitorLinks
from askfirst.store.rights_holders import (
    CorrectionsHolder,
    DisclosureRegisterHolder,
    RequestActsHolder,
    RequestsHolder,
)
from askfirst.store.warehouse.warehouse import Warehouse

Row = dict[str, Any]
KEPT_BY_ERASE = KEPT_WITH_ACCOUNT | frozenset(
    {
        "ledger.withdrawals",
        "ledger.visitor_links",
        "ledger.erasures",
        "ledger.disclosure_register",
    }
)
"""Holders whose rows no receipt counts.

Withdrawals name nobody; links and erasures go with the receipt. Entries of the register stay and
only forget the visitor, and their number would tell of those that are hidden from the visitor.
Accounts stay until they are closed.
"""

WAREHOUSE_TABLES: dict[str, str] = {
    "events": "rows",
    "open_visits": "rows",
    "visits": "rows",
    "visit_ids": "rows",
    "visitors": "rows",
    "consents": "rows",
    "profiles": "rows",
    "texts": "unused",
    "other_ids": "unused",
    "counts": "sums",
    "gaps": "sums",
    "summarised": "",
    "shipped": "",
    "form": "",
}
"""What erasing a visitor does to each table of the warehouse.

It deletes the visitor's `rows`, and the entries of dictionaries that are `unused` afterwards (a
path that nobody else saw), and takes the visitor out of `sums` (a summary that counts one visitor
of a page is about that visitor). The others know nobody.
"""


class DataHolder(Protocol):
    """A table that holds personal data: `name` is `store.table`."""

    name: str

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return every row of these visitor ids."""
        ...

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Remove these visitor ids and return the number of rows that were changed."""
        ...


@runtime_checkable
class EventsHolder(DataHolder, Protocol):
    """A holder of events, of which a part of a visitor's can be erased."""

    async def erase_visit(self, site_id: int, visitor_id: str, visit_id: str) -> int:
        """Remove a visit, if it is this visitor's, and return the number of rows."""
        ...

    async def erase_span(self, site_id: int, visitor_id: str, first: int, until: int) -> int:
        """Remove what happened from a time on and before another (ms); return the number."""
        ...


class Copies(Protocol):
    """What the server keeps of rows for a while, such as files; no receipt counts it."""

    def forget(self, site_id: int, visitor_id: str) -> None:
        """Forget every copy that has rows of the visitor."""
        ...


class PersonalData:
    """Exports and erases visitors from all holders; a test holds that the list is complete.

    One person may have had several visitor ids in one browser, which `links` has: `rows` covers all
    of them, `count` the one that is named, `erase` those that are named. `copies` are forgotten
    before rows are erased, and again afterwards, because one may have been made meanwhile.
    """

    def __init__(
        self, holders: Sequence[DataHolder], links: VisitorLinks, copies: Sequence[Copies] = ()
    ) -> None:
        self.holders = tuple(holders)
        self.copies = tuple(copies)
        self._links = links

    async def ids(self, site_id: int, visitor_id: str) -> list[str]:
        """Return every id of the visitor's browser, the first one first."""
        return await self._links.of(site_id, visitor_id)

    async def rows(self, site_id: int, visitor_id: str) -> dict[str, list[Row]]:
        """Return every row of the person, under all ids, by holder."""
        return await self.rows_of(site_id, await self.ids(site_id, visitor_id))

    async def rows_of(
        self,
        site_id: int,
        visitor_ids: Sequence[str],
        told: Callable[[int, int], None] | None = None,
    ) -> dict[str, list[Row]]:
        """Return every row under these ids and no other, by holder.

        `told` is called with how many of them were asked, and of how many.
        """
        place = {one: number for number, one in enumerate(visitor_ids)}
        found: dict[str, list[Row]] = {}
        for asked, holder in enumerate(self.holders, start=1):
            rows = await holder.rows(site_id, *visitor_ids) if visitor_ids else []
            if len(visitor_ids) > 1:
                rows.sort(key=lambda row: place.get(row.get("visitor_id") or "", 0))
            found[holder.name] = rows
            if told:
                told(asked, len(self.holders))
        return found

    async def rows_of_each(
        self, site_id: int, visitor_ids: Sequence[str]
    ) -> dict[str, dict[str, list[Row]]]:
        """Return the rows that a receipt counts and events, by id and by holder.

        Of what names no visitor id in its rows, each id is asked for alone.
        """
        found: dict[str, dict[str, list[Row]]] = {one: {} for one in visitor_ids}
        for holder in self.holders:
            counts = holder.name not in KEPT_BY_ERASE
            rows = await holder.rows(site_id, *visitor_ids) if counts else []
            is_told_apart = len(visitor_ids) == 1 or all("visitor_id" in row for row in rows)
            for one, places in found.items():
                places[holder.name] = [] if is_told_apart else await holder.rows(site_id, one)
            if is_told_apart:
                for row in rows:
                    whose = found.get(row.get("visitor_id", ""), found[visitor_ids[0]])
                    whose[holder.name].append(row)
        return found

    @property
    def events_holders(self) -> list[EventsHolder]:
        """The holders of events."""
        return [holder for holder in self.holders if isinstance(holder, EventsHolder)]

    async def events_of(self, site_id: int, *visitor_ids: str) -> dict[str, list[Row]]:
        """Return every event under these ids and no other, by holder."""
        holders = self.events_holders
        return {holder.name: await holder.rows(site_id, *visitor_ids) for holder in holders}

    async def count(self, site_id: int, visitor_id: str) -> dict[str, int]:
        """Return how many rows erasing this one id would remove, by holder."""
        return {
            holder.name: 0
            if holder.name in KEPT_BY_ERASE
            else len(await holder.rows(site_id, visitor_id))
            for holder in self.holders
        }

    async def holds(self, site_id: int, *visitor_ids: str) -> bool:
        """Return whether any holder has a row of one of these ids, or may have one.

        While the warehouse is converted or away, its rows are there and cannot be read.
        """
        for holder in self.holders:
            try:
                if await holder.rows(site_id, *visitor_ids):
                    return True
            except Unavailable:
                return True
        return False

    async def erase(self, site_id: int, *visitor_ids: str) -> dict[str, int]:
        """Remove these ids from all holders and return the number of rows, by holder.

        To erase a person, use `consent.rights.erasure`, which covers the other ids.
        """
        with self.without_copies(site_id, *visitor_ids):
            return {one.name: await one.erase(site_id, *visitor_ids) for one in self.holders}

    async def forget_gone_visits(self, site_id: int, visitor_id: str) -> None:
        """Delete what was corrected in visits of this one id of which no event is left."""

        async def left() -> set[str]:
            found = await self.events_of(site_id, visitor_id)
            return {row["visit_id"] for rows in found.values() for row in rows if "visit_id" in row}

        for holder in self.holders:
            if isinstance(holder, CorrectionsHolder):
                await holder.forget_visits(site_id, visitor_id, left)

    @contextmanager
    def without_copies(self, site_id: int, *visitor_ids: str) -> Iterator[None]:
        """Forget what is copied of these ids, before rows of them are erased and afterwards."""
        self._forget_copies(site_id, visitor_ids)
        try:
            yield
        finally:
            self._forget_copies(site_id, visitor_ids)

    def _forget_copies(self, site_id: int, visitor_ids: Sequence[str]) -> None:
        for copies in self.copies:
            for one in visitor_ids:
                copies.forget(site_id, one)


Forget = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Do nothing: nothing is in memory."""


class LedgerHolder:
    """The rows of a ledger table with the visitor's id; erasing deletes them."""

    def __init__(self, ledger: Ledger, table: Table) -> None:
        self.name = f"ledger.{table.name}"
        self._ledger = ledger
        self._table = table

    def _of(self, site_id: int, *visitor_ids: str) -> Any:
        columns = self._table.c
        return and_(columns.site_id == site_id, columns.visitor_id.in_(visitor_ids))

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the visitor's rows of this table."""
        statement = select(self._table).where(self._of(site_id, *visitor_ids))
        async with self._ledger.read() as connection:
            return [dict(row) for row in (await connection.execute(statement)).mappings()]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the visitor's rows of this table."""
        return await self._write(delete(self._table).where(self._of(site_id, *visitor_ids)))

    async def _write(self, statement: Any) -> int:
        async with self._ledger.write() as connection:
            return int((await connection.execute(statement)).rowcount)


class ConsentRecordsHolder(LedgerHolder):
    """Consent records: erasing removes the visitor's id and nonce and keeps the chain intact.

    What remains is a hash of the id and a random nonce that no longer exists: it names nobody.
    """

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger, consent_records)

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Remove the visitor's id from the records, and add their number to the site's sum.

        The sum shows later whether a record lost its visitor in another way.
        """
        site = update(sites).where(sites.c.id == site_id)
        async with self._ledger.write() as connection:
            nameless = naming_nobody(self._of(site_id, *visitor_ids))
            taken = int((await connection.execute(nameless)).rowcount)
            added = site.values(erased_records=sites.c.erased_records + taken)
            await connection.execute(added)
        return taken


def naming_nobody(which: Any) -> Any:
    """Return the statement that removes the visitor from some consent records.

    This is the only change that is ever made to a record.
    """
    return update(consent_records).where(which).values(visitor_id=null(), nonce=null())


class WithdrawalsHolder(LedgerHolder):
    """Withdrawals of the visitor's consents, which stay: they name nobody, and refuse the token."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger, withdrawals)

    def _of(self, site_id: int, *visitor_ids: str) -> Any:
        mine = select(consent_records.c.consent_id).where(
            consent_records.c.site_id == site_id, consent_records.c.visitor_id.in_(visitor_ids)
        )
        return withdrawals.c.consent_id.in_(mine)

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Keep the withdrawals: they have no visitor's id, and the gate needs them."""
        return 0


class ErasuresHolder(LedgerHolder):
    """Erasure requests under way, also of parts; one that is carried out has no visitor's id."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger, erasures)

    def _of(self, site_id: int, *visitor_ids: str) -> Any:
        part = and_(erasures.c.site_id == site_id, erasures.c.part_of.in_(visitor_ids))
        return or_(super()._of(site_id, *visitor_ids), part)

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Keep the request: its id is removed when the receipt is written."""
        return 0


class VisitorLinksHolder(LedgerHolder):
    """The links from a visitor's id to an earlier one, removed with the erasure's receipt.

    Until then they lead a repeated request to the same ids.
    """

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger, visitor_links)

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Keep the links: they are removed when the receipt is written."""
        return 0


class RememberedHolder(LedgerHolder):
    """The notes that the reports leave a visitor out; `forget` reads what is in memory again."""

    def __init__(self, ledger: Ledger, table: Table, forget: Forget) -> None:
        super().__init__(ledger, table)
        self._forget = forget

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the visitor's notes, from the memory too."""
        if gone := await super().erase(site_id, *visitor_ids):
            await self._forget()
        return gone


class WarehouseHolder:
    """The visitor's events in the warehouse, and with them all that `WAREHOUSE_TABLES` names."""

    name = "warehouse.events"

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the visitor's events, oldest first."""
        return await asyncio.to_thread(self._rows, site_id, visitor_ids)

    def _rows(self, site_id: int, visitor_ids: Sequence[str]) -> list[Row]:
        return self._warehouse.rows_of(site_id, *visitor_ids).to_dict("records")  # type: ignore[return-value]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the visitor's events, take the visitor out of summaries; return the events."""
        return await asyncio.to_thread(self._warehouse.delete_visitor, site_id, *visitor_ids)

    async def erase_visit(self, site_id: int, visitor_id: str, visit_id: str) -> int:
        """Delete the events of one visit, if it is this visitor's, as `erase` does."""
        delete_visit = self._warehouse.delete_visit
        return await asyncio.to_thread(delete_visit, site_id, visitor_id, visit_id)

    async def erase_span(self, site_id: int, visitor_id: str, first: int, until: int) -> int:
        """Delete the visitor's events of a span, as `erase` does."""
        delete_span = self._warehouse.delete_span
        return await asyncio.to_thread(delete_span, site_id, visitor_id, first, until)

    async def correct(
        self, site_id: int, visitor_id: str, corrections: Sequence[Correction], rules: ReportRules
    ) -> int:
        """Store the visitor's events as they are corrected; return how many that changed."""
        given = (site_id, visitor_id, corrections, rules)
        return await asyncio.to_thread(self._warehouse.correct, *given)


def ledger_holders(
    ledger: Ledger, forget: Forget = _nothing, clock: Clock = system_clock
) -> tuple[DataHolder, ...]:
    """Return the ledger's holders, in order: withdrawals are found through the consent records.

    `forget` is called when a visitor is gone whom the book of sites has in memory; `clock` says
    what of the register is still hidden from the visitor.
    """
    return (
        WithdrawalsHolder(ledger),
        ConsentRecordsHolder(ledger),
        LedgerHolder(ledger, disclosures),
        RememberedHolder(ledger, left_out_visitors, forget),
        RememberedHolder(ledger, restrictions, forget),
        CorrectionsHolder(ledger, forget),
        LedgerHolder(ledger, receipt_codes),
        RequestActsHolder(ledger),
        RequestsHolder(ledger),
        DisclosureRegisterHolder(ledger, clock),
        *account_holders(ledger),
        VisitorLinksHolder(ledger),
        ErasuresHolder(ledger),
    )
