"""Accounts of visitors: who has one, and which browsers it joins."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import account_browsers, visitor_accounts
from consent.dependencies import Dependencies


@dataclass(frozen=True)
class VisitorAccount:
    """An account of a visitor of a site; times are milliseconds since the epoch."""

    id: str
    site_id: int
    email: str
    language: str
    created_at: int
    confirmed_at: int | None
    has_password: bool
    needs_password: bool
    access_ended_at: int | None
    access_ended_by: str


class VisitorAccounts:
    """Finds accounts, and joins browsers to them."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def by_id(self, account_id: str) -> VisitorAccount | None:
        """Return the account of an id, or None."""
        return await self._one(visitor_accounts.c.id == account_id)

    async def by_email(self, site_id: int, email: str) -> VisitorAccount | None:
        """Return a site's account of an email address, or None."""
        mine = visitor_accounts.c.email_hash == self._deps.sealing.hash(email, "email")
        return await self._one(mine & (visitor_accounts.c.site_id == site_id))

    async def of_visitor(self, site_id: int, visitor_ids: list[str]) -> VisitorAccount | None:
        """Return the account that joins one of these visitor ids, or None."""
        browsers = account_browsers.c
        joined = select(browsers.account_id).where(
            browsers.site_id == site_id, browsers.visitor_id.in_(visitor_ids)
        )
        return await self._one(visitor_accounts.c.id.in_(joined))

    async def browsers(self, account_id: str) -> list[str]:
        """Return the visitor ids that an account joins, one of each browser."""
        browsers = account_browsers.c
        asked = select(browsers.visitor_id).where(browsers.account_id == account_id)
        async with self._deps.ledger.read() as connection:
            return list(await connection.scalars(asked.order_by(browsers.joined_at)))

    async def join(
        self, connection: AsyncConnection, account: VisitorAccount, visitor_id: str, now: int
    ) -> None:
        """Join a browser to an account, in the caller's transaction."""
        row = {"account_id": account.id, "site_id": account.site_id, "visitor_id": visitor_id}
        await connection.execute(insert(account_browsers).values(row | {"joined_at": now}))

    async def _one(self, which: Any) -> VisitorAccount | None:
        async with self._deps.ledger.read() as connection:
            row = (await connection.execute(select(visitor_accounts).where(which))).first()
        if row is None:
            return None
        return VisitorAccount(
            id=row.id,
            site_id=row.site_id,
            email=self._deps.sealing.open(row.email, f"email:{row.id}"),
            language=row.language,
            created_at=row.created_at,
            confirmed_at=row.confirmed_at,
            has_password=bool(row.password_hash),
            needs_password=bool(row.needs_password),
            access_ended_at=row.access_ended_at,
            access_ended_by=row.access_ended_by,
        )
