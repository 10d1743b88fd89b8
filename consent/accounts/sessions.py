"""Sessions of visitors who have signed in to their accounts."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from starlette.requests import Request

from askfirst.sites import Site
from askfirst.store.ledger.tables import account_sessions
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.dependencies import Dependencies


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and what their forms carry."""

    account: VisitorAccount
    csrf: str


class AccountSessions:
    """Finds who is signed in."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)

    async def signed_in(self, request: Request, site: Site) -> SignedIn | None:
        """Return who is signed in to a site, or None."""
        cookie = request.cookies.get(f"askfirst_account_{site.key}", "")
        table = account_sessions.c
        mine = table.id_hash == hashlib.sha256(cookie.encode()).digest()
        async with self._deps.ledger.read() as connection:
            asked = select(account_sessions).where(mine, table.expires_at > self._deps.clock())
            row = (await connection.execute(asked)).first()
        account = await self._accounts.by_id(row.account_id) if row else None
        if row is None or account is None or account.site_id != site.id:
            return None
        return SignedIn(account, row.csrf)
