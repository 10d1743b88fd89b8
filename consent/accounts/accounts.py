"""Accounts of a site's visitors: found by their number, address or browser, and changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.accounts.places import email_hash, email_place
from askfirst.store.ledger.accounts.removals import (
    ADDRESS,
    browser_part,
    note_removed,
)
from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.rights.account_deletion import delete_accounts
from askfirst.store.ledger.tables import account_browsers, visitor_accounts
from askfirst.store.ledger.visitor_links import linked_ids
from askfirst.system.sealing import NotSealedHere
from consent.dependencies import Dependencies
from consent.rights.erasure_requests import is_erased

_TABLE = visitor_accounts.c
_BROWSERS = account_browsers.c


@dataclass(frozen=True)
class VisitorAccount:
    """One account of a site; times are ms since the epoch, `email` is opened."""

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


class JoinedBrowser(NamedTuple):
    """A joined browser: one of its visitor ids, when it joined (ms), and what it is.

    `browser` is e.g. `Firefox on Linux`, '' where it is unknown.
    """

    visitor_id: str
    joined_at: int
    browser: str = ""


class Proven(NamedTuple):
    """An account with the hash of its password, '' where it has none."""

    account: VisitorAccount
    password_hash: str


class VisitorAccounts:
    """Finds accounts, and changes them in the caller's transaction."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def email_hash(self, site_id: int, email: str) -> bytes:
        """Return the keyed hash by which a site's address is found."""
        return email_hash(self._deps.sealing, site_id, email)

    async def by_id(self, account_id: str) -> VisitorAccount | None:
        """Return the account of a number, also one that is not confirmed, or None."""
        async with self._deps.ledger.read() as connection:
            return await self.within(connection, account_id)

    async def within(self, connection: AsyncConnection, account_id: str) -> VisitorAccount | None:
        """Return the account of a number as a transaction sees it, or None."""
        found = await self._found(connection, _TABLE.id == account_id)
        return found.account if found else None

    async def by_email(self, site_id: int, email: str) -> VisitorAccount | None:
        """Return the account of a tidy address, also one that is not confirmed, or None."""
        async with self._deps.ledger.read() as connection:
            found = await self.of_email(connection, site_id, email)
        return found.account if found else None

    async def of_email(
        self, connection: AsyncConnection, site_id: int, email: str
    ) -> Proven | None:
        """Return the account of a tidy address with its password's hash, or None."""
        mine = (_TABLE.site_id == site_id) & (_TABLE.email_hash == self.email_hash(site_id, email))
        return await self._found(connection, mine)

    async def proven(self, connection: AsyncConnection, account_id: str) -> Proven | None:
        """Return an account with its password's hash, or None."""
        return await self._found(connection, _TABLE.id == account_id)

    async def of_visitor(self, site_id: int, visitor_ids: Sequence[str]) -> VisitorAccount | None:
        """Return the confirmed account that joins one of these visitor ids, or None."""
        mine = (_BROWSERS.site_id == site_id) & _BROWSERS.visitor_id.in_(visitor_ids)
        joined = _TABLE.id.in_(select(_BROWSERS.account_id).where(mine))
        async with self._deps.ledger.read() as connection:
            found = await self._found(connection, joined & _TABLE.confirmed_at.is_not(None))
        return found.account if found else None

    async def _found(self, connection: AsyncConnection, which: Any) -> Proven | None:
        row = (await connection.execute(select(visitor_accounts).where(which))).mappings().first()
        if row is None:
            return None
        try:
            email = self._deps.sealing.open(row["email"], email_place(row["id"]))
        except NotSealedHere:  # the seed was replaced: `askfirst check` tells of it
            return None
        account = VisitorAccount(
            id=row["id"],
            site_id=row["site_id"],
            email=email,
            language=row["language"],
            created_at=row["created_at"],
            confirmed_at=row["confirmed_at"],
            has_password=bool(row["password_hash"]),
            needs_password=bool(row["needs_password"]),
            access_ended_at=row["access_ended_at"],
            access_ended_by=row["access_ended_by"],
        )
        return Proven(account, row["password_hash"])

    async def browsers(self, account_id: str) -> list[str]:
        """Return the joined visitor ids, one of each browser, the first joined first."""
        return [one.visitor_id for one in await self.joined(account_id)]

    async def joined(self, account_id: str) -> list[JoinedBrowser]:
        """Return the joined browsers, the first joined first."""
        columns = (_BROWSERS.visitor_id, _BROWSERS.joined_at, _BROWSERS.browser)
        mine = select(*columns).where(_BROWSERS.account_id == account_id)
        in_order = mine.order_by(_BROWSERS.joined_at, _BROWSERS.visitor_id)
        async with self._deps.ledger.read() as connection:
            return [JoinedBrowser(*row) for row in await connection.execute(in_order)]

    async def joins(
        self, connection: AsyncConnection, account: VisitorAccount, visitor_id: str
    ) -> bool:
        """Return whether an account has the browser of a visitor id, as a transaction sees it."""
        ids = await linked_ids(connection, account.site_id, visitor_id)
        mine = (_BROWSERS.account_id == account.id) & _BROWSERS.visitor_id.in_(ids)
        asked = select(_BROWSERS.visitor_id).where(mine).limit(1)
        return (await connection.execute(asked)).first() is not None

    async def join(
        self,
        connection: AsyncConnection,
        account: VisitorAccount,
        visitor_id: str,
        now: int,
        browser: str = "",
    ) -> bool:
        """Join a browser with an account; return whether it is the account's then.

        `browser` is what the account's page says, e.g. `Firefox on Linux`, where it is known.
        A browser stays with the account that has it. One whose visitor was erased is nobody's, and
        one whose access was ended is joined no more: a thief may have had its token.
        """
        site_id = account.site_id
        ids = await linked_ids(connection, site_id, visitor_id)
        held = (_BROWSERS.site_id == site_id) & _BROWSERS.visitor_id.in_([visitor_id, *ids])
        whose = set(await connection.scalars(select(_BROWSERS.account_id).where(held)))
        if whose:
            return whose == {account.id}
        ended = await ended_among(connection, site_id, ids)
        if ended or await is_erased(connection, site_id, visitor_id):
            return False
        joined = JoinedBrowser(visitor_id, now, browser[:64])
        row = {"account_id": account.id, "site_id": site_id, **joined._asdict()}
        await connection.execute(insert(account_browsers).values(row))
        return True

    async def part(
        self, connection: AsyncConnection, account: VisitorAccount, visitor_id: str
    ) -> None:
        """Take a browser out of an account; nothing where it is not in it."""
        mine = (_BROWSERS.account_id == account.id) & (_BROWSERS.visitor_id == visitor_id)
        if (await connection.execute(delete(account_browsers).where(mine))).rowcount:
            parts = [browser_part(visitor_id)]
            await note_removed(connection, account.id, parts, self._deps.clock())

    async def add(
        self, connection: AsyncConnection, site_id: int, account_id: str, email: str, language: str
    ) -> VisitorAccount:
        """Add an account that waits until its address is confirmed."""
        now = self._deps.clock()
        row = {
            "id": account_id,
            "site_id": site_id,
            "email_hash": self.email_hash(site_id, email),
            "email": self._deps.sealing.seal(email, email_place(account_id)),
            "language": language,
            "created_at": now,
        }
        await connection.execute(insert(visitor_accounts).values(row))
        return VisitorAccount(
            account_id, site_id, email, language, now, None, False, False, None, ""
        )

    async def confirm(
        self, connection: AsyncConnection, account: VisitorAccount, password_hash: str
    ) -> None:
        """Note that an address is confirmed, with the password that was chosen, '' for none."""
        now = self._deps.clock()
        values: dict[str, Any] = {"confirmed_at": now, "password_hash": password_hash}
        values["password_changed_at"] = now if password_hash else None
        await self._change(connection, account, values)

    async def set_password(
        self, connection: AsyncConnection, account: VisitorAccount, password_hash: str
    ) -> None:
        """Set a password, after which everything of the account may be shown again."""
        values = {"password_hash": password_hash, "needs_password": 0}
        now = self._deps.clock()
        await self._change(connection, account, {**values, "password_changed_at": now})

    async def set_email(
        self, connection: AsyncConnection, account: VisitorAccount, email: str
    ) -> None:
        """Move an account to another tidy address, which no account of the site has."""
        sealed = self._deps.sealing.seal(email, email_place(account.id))
        values = {"email": sealed, "email_hash": self.email_hash(account.site_id, email)}
        await self._change(connection, account, values)
        await note_removed(connection, account.id, [ADDRESS], self._deps.clock())

    async def forget(self, connection: AsyncConnection, account: VisitorAccount) -> None:
        """Delete an account with all that belongs to it."""
        await delete_accounts(connection, [account.id])

    async def _change(
        self, connection: AsyncConnection, account: VisitorAccount, values: dict[str, Any]
    ) -> None:
        mine = update(visitor_accounts).where(_TABLE.id == account.id)
        await connection.execute(mine.values(values))
