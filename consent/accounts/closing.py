"""Closing an account: what was registered is gone, statistics stay or go as the visitor says."""

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import erasures
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.accounts.entrance import Entrance
from consent.accounts.sessions import AccountSessions, SignedIn
from consent.choice.decisions import finished
from consent.dependencies import Dependencies
from consent.proof.records import BY_VISITOR


class Closing:
    """Closes accounts."""

    def __init__(self, deps: Dependencies, entrance: Entrance) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._sessions = AccountSessions(deps)
        self._entrance = entrance

    async def close(self, site: Site, signed: SignedIn, *, erase: bool) -> None:
        """Delete an account with all that belongs to it, with `erase` after its browsers' data.

        Raises `SessionOver` where the session ends meanwhile, and `Unavailable` where a store does
        not do its part of the erasure, which is on record then and carried out by the job; the
        account stays until it is closed again.
        """
        browsers = await self._accounts.browsers(signed.account.id) if erase else []
        for visitor_id in browsers:
            async with self._sessions.acting(signed):
                pass  # each erasure writes by itself, so the session is looked at before each
            await finished(self._deps.eraser.erase(site.id, visitor_id))
        async with self._sessions.acting(signed) as (connection, account):
            await self._accounts.forget(connection, account)
            await _note(connection, account, self._deps.clock())
            await self._entrance.tell(connection, site, account, "closed")
        self._deps.own_files.forget_account(account.id)
        await self._deps.ledger.checkpoint()


async def _note(connection: AsyncConnection, account: VisitorAccount, now: int) -> None:
    """Put the account's number, hashed, on the list by which a restored backup is swept."""
    row = {
        "receipt_id": receipt_id_of(account.site_id, account.id),
        "site_id": account.site_id,
        "requested_at": now,
        "completed_at": now,
        "bytes_gone_at": now,
        "counts": {},
        "asked_by": BY_VISITOR,
    }
    await connection.execute(insert(erasures).values(row).on_conflict_do_nothing())
