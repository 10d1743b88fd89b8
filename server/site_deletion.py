"""Deleting a site with everything in it: on record first, so that a crash only delays it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import delete, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.disclosure_register import without_visitor
from askfirst.store.ledger.erasure_receipts import carried_out
from askfirst.store.ledger.rights.account_deletion import (
    OF_ACCOUNTS,
    accounts_of_sites,
    delete_accounts,
)
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import (
    account_removals,
    api_keys,
    asked_fields,
    choice_counts,
    consent_records,
    corrections,
    disclosure_register,
    disclosures,
    drafts,
    erasures,
    funnels,
    goals,
    imported_logs,
    left_out_visitors,
    load_counts,
    mail_subscriptions,
    mails,
    notes,
    offered_messages,
    receipt_codes,
    request_acts,
    restrictions,
    segments,
    share_links,
    sites,
    tallies,
    visitor_access_ends,
    visitor_accounts,
    visitor_links,
    visitor_mails,
    visitor_requests,
)
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.personal_data import naming_nobody
from askfirst.store.warehouse.warehouse import Warehouse
from collector.journal.journal import Journal
from consent.rights.erasure import Quiet

log = structlog.get_logger()

GOES = (
    drafts,
    tallies,
    choice_counts,
    load_counts,
    disclosures,
    visitor_links,
    imported_logs,
    api_keys,
    goals,
    funnels,
    segments,
    notes,
    share_links,
    left_out_visitors,
    restrictions,
    corrections,
    mails,
    mail_subscriptions,
    receipt_codes,
    request_acts,
    visitor_requests,
    asked_fields,
    offered_messages,
    visitor_access_ends,
    visitor_mails,
    account_removals,
)
"""The ledger tables that lose every row of the site."""

WITH_ACCOUNTS = (visitor_accounts, *OF_ACCOUNTS)
"""The ledger tables that lose the rows of the site's accounts, and have no site of their own."""

CHANGED = {
    "sites": "the row stays without name, hosts, zone and rules: records and policies belong to it",
    "consent_records": "stay, for all sites share one chain; visitor_id and nonce are taken away",
    "disclosure_register": "entries stay, for the owner to account for; visitor_id is taken away",
    "erasures": "the receipts stay, numbers only; one that was under way is carried out by this",
}
STAYS = {
    "policies": "what was promised: the records prove a yes to it",
    "wordings": "the words themselves, by their hash; other sites may use the same",
    "withdrawals": "ids of consents: the chain and the table must agree, and tokens stay refused",
    "staff": "not the site's",
    "sessions": "not the site's",
    "setup_links": "not the site's",
    "staff_acts": "who did what, also that the site was deleted; nothing of a visitor",
}
"""What happens to the ledger's other tables, and why. A new table must be in one of these."""

_AT_ONCE = 5000  # records a transaction; other writers wait no longer than for these


@dataclass
class SiteDeletion:
    """Deletes sites; each step leaves a state from which `resume` goes on.

    The steps: (1) the mark, in one transaction, which makes the site unknown to everybody;
    (2) the journal and (3) the warehouse, while nothing is shipped; (4) files of visitors in
    memory, the ledger's rows and (5) its log. The job that rewrites the warehouse removes the
    bytes, and notes when.
    """

    ledger: Ledger
    journal: Journal
    warehouse: Warehouse
    book: SiteBook
    tallies: Tallies
    counts: ChoiceCounts
    clock: Clock
    quiet: Quiet
    forget_files: Callable[[int], None]
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def delete(self, site_id: int) -> None:
        """Delete a site; it is unknown when this returns, and its rows are deleted soon.

        Where a store fails meanwhile, the log says so, and `resume` continues.
        """
        tombstone = {"deleted_at": self.clock(), "name": "", "hosts": [], "time_zone": "UTC"}
        tombstone |= {"report_rules": null(), "rules_changed_at": None}
        alive = (sites.c.id == site_id) & sites.c.deleted_at.is_(None)
        async with self.ledger.write() as connection:
            await connection.execute(update(sites).where(alive).values(tombstone))
        await self.book.refresh()
        try:
            await self.resume()
        except Exception as error:  # noqa: BLE001 - the mark is durable, and the job goes on
            log.warning("site_deletion_interrupted", why=type(error).__name__)

    async def resume(self) -> int:
        """Finish the deletions that were interrupted and return their number."""
        marked = sites.c.deleted_at.is_not(None)
        waiting = select(sites.c.id).where(marked, sites.c.rows_gone_at.is_(None))
        async with self._one_at_a_time:
            async with self.ledger.read() as connection:
                found = list(await connection.scalars(waiting))
                gone = list(await connection.scalars(select(sites.c.id).where(marked)))
            for site_id in found:
                await self._carry_out(site_id)
            await self._forget_late_rows(gone)
        return len(found)

    async def _carry_out(self, site_id: int) -> None:
        await self.tallies.flush()
        await self.counts.flush()
        async with self.quiet():
            await self.journal.erase_site(site_id)
            await asyncio.to_thread(self.warehouse.delete_site, site_id)
        self.forget_files(site_id)
        await self._forget_visitors(site_id)
        now = self.clock()
        async with self.ledger.write() as connection:
            await delete_accounts(connection, await accounts_of_sites(connection, [site_id]))
            for table in GOES:
                await connection.execute(delete(table).where(table.c.site_id == site_id))
            mine = disclosure_register.c.site_id == site_id
            await connection.execute(without_visitor(mine))
            await _complete_erasures(connection, site_id, now)
            done = update(sites).where(sites.c.id == site_id)
            await connection.execute(done.values(rows_gone_at=now, bytes_gone_at=null()))
        await self.ledger.checkpoint()

    async def _forget_visitors(self, site_id: int) -> None:
        """Remove the visitors from the records, thousands at a time; the chain stays intact."""
        table, behind = consent_records.c, 0
        while True:
            named = (table.site_id == site_id) & table.visitor_id.is_not(None)
            next_ones = select(table.seq).where(named, table.seq > behind).order_by(table.seq)
            async with self.ledger.write() as connection:
                last = select(func.max(next_ones.limit(_AT_ONCE).subquery().c.seq))
                until = (await connection.execute(last)).scalar_one()
                if until is None:
                    return
                these = named & (table.seq > behind) & (table.seq <= until)
                await connection.execute(naming_nobody(these))
            behind = until

    async def _forget_late_rows(self, site_ids: list[int]) -> None:
        """Delete what requests that were running at the time of the mark have counted or saved."""
        if not site_ids:
            return
        async with self.ledger.read() as connection:
            asked = {
                one: select(one.c.site_id).where(one.c.site_id.in_(site_ids))
                for one in (visitor_accounts, *GOES)
            }
            late = [
                table
                for table, rows in asked.items()
                if (await connection.execute(rows.limit(1))).first() is not None
            ]
        if not late:
            return
        async with self.ledger.write() as connection:
            await delete_accounts(connection, await accounts_of_sites(connection, site_ids))
            for table in late:
                await connection.execute(delete(table).where(table.c.site_id.in_(site_ids)))
        await self.ledger.checkpoint()


async def _complete_erasures(connection: AsyncConnection, site_id: int, now: int) -> None:
    """Complete the unfinished erasures of the site's visitors: their rows are deleted."""
    table = erasures.c
    named = table.visitor_id.is_not(None) | table.part_of.is_not(None)
    under_way = (table.site_id == site_id) & named
    asked = select(table.receipt_id, table.counts, table.completed_at).where(under_way)
    for receipt_id, counts, completed_at in (await connection.execute(asked)).all():
        nobody = {"visitor_id": null(), "part_of": null(), "visit_id": null()}
        done = nobody | {"completed_at": completed_at or now}
        receipt = update(erasures).where(table.receipt_id == receipt_id)
        await connection.execute(receipt.values(**done, counts=carried_out(counts)))
