"""Sessions of signed-in visitors: stored on the server; the browser only holds a secret."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS
from askfirst.rate_limits import HOUR_MS
from askfirst.sign_in.cookies import PrivateCookie
from askfirst.sign_in.outcomes import Outcomes
from askfirst.sign_in.secret_hash import secret_hash
from askfirst.sites import Site
from askfirst.store.ledger.tables import account_sessions
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.dependencies import Dependencies

LIFE_MS = 30 * DAY_MS
"""How long a session lasts at most."""
UNUSED_MS = 12 * HOUR_MS
"""How long a session lasts without use."""
SEEN_EVERY_MS = 5 * 60_000
"""How often a session's last use is stored: seldom, because each write costs a sync."""
_TABLE = account_sessions.c


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, the secret that their forms carry, and the hash that names the session."""

    account: VisitorAccount
    csrf: str
    id_hash: bytes = b""


@dataclass(frozen=True)
class OpenSession:
    """A session in the list of its owner; `name` is the hash of its secret in hexadecimal."""

    name: str
    browser: str
    created_at: int
    seen_at: int


class SessionOver(Exception):
    """A session ended, or all access did, since the request was read: nothing was done."""


class AccountSessions:
    """Begins, finds, lists and ends sessions; a session of one site opens nothing of another."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)

    async def signed_in(
        self, request: Request, site: Site, *, before_password: bool = False
    ) -> SignedIn | None:
        """Return who is signed in to an account of a site, or None.

        None as well where a new password must be set first, unless `before_password` asks so.
        """
        if not (secret := self._cookie(site).read(request)):
            return None
        now = self._deps.clock()
        mine = (_TABLE.id_hash == secret_hash(secret)) & living_at(now)
        async with self._deps.ledger.read() as connection:
            row = (await connection.execute(select(account_sessions).where(mine))).first()
            account = await self._accounts.within(connection, row.account_id) if row else None
        if row is None or account is None or account.site_id != site.id:
            return None
        if account.needs_password and not before_password:
            return None
        if now - row.seen_at >= SEEN_EVERY_MS:
            await self._seen(row.id_hash, now)
        return SignedIn(account, row.csrf, row.id_hash)

    async def _seen(self, id_hash: bytes, now: int) -> None:
        # A full disk must not keep a visitor from reading pages.
        with suppress(SQLAlchemyError):
            async with self._deps.ledger.write() as connection:
                mine = update(account_sessions).where(_TABLE.id_hash == id_hash)
                await connection.execute(mine.values(seen_at=now))

    async def begin(self, connection: AsyncConnection, account_id: str, browser: str = "") -> str:
        """Begin a session within a transaction and return the secret for the cookie.

        `browser` is what the list of sessions says, e.g. `Firefox on Linux`.
        """
        secret, now = secrets.token_urlsafe(32), self._deps.clock()
        row = {
            "id_hash": secret_hash(secret),
            "account_id": account_id,
            "csrf": secrets.token_urlsafe(32),
            "created_at": now,
            "expires_at": now + LIFE_MS,
            "browser": browser[:64],
            "seen_at": now,
        }
        await connection.execute(insert(account_sessions).values(row))
        return secret

    async def living(self, account_id: str) -> list[OpenSession]:
        """Return the open sessions of an account, the last used first."""
        theirs = (_TABLE.account_id == account_id) & living_at(self._deps.clock())
        asked = select(account_sessions).where(theirs).order_by(_TABLE.seen_at.desc())
        async with self._deps.ledger.read() as connection:
            rows = (await connection.execute(asked)).all()
        return [OpenSession(row[0].hex(), row.browser, row.created_at, row.seen_at) for row in rows]

    @asynccontextmanager
    async def acting(
        self, signed: SignedIn, *, before_password: bool = False
    ) -> AsyncIterator[tuple[AsyncConnection, VisitorAccount]]:
        """Yield a transaction for an act of who is signed in, with the account as it is in it.

        Raises `SessionOver` where the session has ended since it was read, or where a new password
        must be set first, unless `before_password` says that this act may come before it.
        """
        async with self._deps.ledger.write() as connection:
            account = await self.still(connection, signed, before_password=before_password)
            if account is None:
                raise SessionOver
            yield connection, account

    async def still(
        self,
        connection: AsyncConnection,
        signed: SignedIn | None,
        *,
        before_password: bool = False,
    ) -> VisitorAccount | None:
        """Return the account of a session as a transaction sees it, None as `acting` refuses it."""
        id_hash = signed.id_hash if signed else b""
        mine = (_TABLE.id_hash == id_hash) & living_at(self._deps.clock())
        account_id = await connection.scalar(select(_TABLE.account_id).where(mine))
        account = await self._accounts.within(connection, account_id) if account_id else None
        return account if account and (before_password or not account.needs_password) else None

    async def end(self, connection: AsyncConnection, account_id: str, name: str) -> None:
        """End one session of an account by its name within a transaction; nothing for others."""
        with suppress(ValueError):
            mine = (_TABLE.account_id == account_id) & (_TABLE.id_hash == bytes.fromhex(name))
            await connection.execute(delete(account_sessions).where(mine))

    async def end_all(self, connection: AsyncConnection, account_id: str, but: bytes = b"") -> None:
        """End every session of an account within a transaction, except one."""
        theirs = (_TABLE.account_id == account_id) & (_TABLE.id_hash != but)
        await connection.execute(delete(account_sessions).where(theirs))

    def set_cookie(self, request: Request, response: Response, site: Site, secret: str) -> None:
        """Set the cookie with the secret, which no script can read."""
        self._cookie(site).set_cookie(request, response, secret)

    def take_back(self, request: Request, response: Response, site: Site) -> None:
        """Delete the cookie from the browser."""
        self._cookie(site).take_back(request, response)

    def outcomes(self, site: Site) -> Outcomes:
        """Return what proves to the pages of an account that an act of its session led there."""
        name = f"askfirst_done_{site.key}"
        return Outcomes(name, self._cookie(site), self._deps.settings)

    def _cookie(self, site: Site) -> PrivateCookie:
        name = f"askfirst_account_{site.key}"
        return PrivateCookie(name, LIFE_MS // 1000, self._deps.settings)


def living_at(now: int) -> Any:
    """Return the condition that a session holds: neither too old nor too long without use."""
    used = func.coalesce(_TABLE.seen_at, _TABLE.created_at)
    return (_TABLE.expires_at > now) & (used > now - UNUSED_MS)
