"""What the link of a mail does when its button is pressed, once and in one transaction."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.accounts.entrance import Entrance
from consent.accounts.links import AccountLinks, Link
from consent.accounts.sessions import AccountSessions
from consent.dependencies import Dependencies


@dataclass(frozen=True)
class Opener:
    """The browser that presses a link's button.

    `browser` is what lists say of it, e.g. `Firefox on Linux`; `visitor_id` is that of the token
    which it shows, and `session` the hash of the session that it has; each is empty without one.
    """

    browser: str
    visitor_id: str = ""
    session: bytes = b""


class LinkIsOver(Exception):
    """A link was used, is too old, or its account is gone: nothing was done."""


class OpenedLinks:
    """Carries out links; each raises `LinkIsOver` where somebody was quicker."""

    def __init__(self, deps: Dependencies, entrance: Entrance) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._links = AccountLinks(deps)
        self._sessions = AccountSessions(deps)
        self._entrance = entrance

    async def confirm(self, link: Link, opener: Opener) -> str:
        """Confirm an account and sign in; returns the secret of the session."""
        async with self._deps.ledger.write() as connection:
            account = await self._begun(connection, link)
            await self._links.end_all(connection, account.id, "confirm")
            await self._accounts.confirm(connection, account, link.detail.password_hash)
            return await self._signed_in(connection, account, link, opener)

    async def sign_in(self, link: Link, opener: Opener) -> str:
        """Sign in; returns the secret of the session."""
        async with self._deps.ledger.write() as connection:
            account = await self._begun(connection, link)
            return await self._signed_in(connection, account, link, opener)

    async def set_password(self, site: Site, link: Link, password_hash: str, opener: Opener) -> str:
        """Set a password, end all other sessions and links, and sign in; returns the secret."""
        async with self._deps.ledger.write() as connection:
            account = await self._begun(connection, link)
            await self.change_password(connection, site, account, password_hash)
            return await self._signed_in(connection, account, link, opener)

    async def change_password(
        self,
        connection: AsyncConnection,
        site: Site,
        account: VisitorAccount,
        password_hash: str,
        but: bytes = b"",
    ) -> None:
        """Set a password within a transaction; every link and session ends, except one session."""
        await self._accounts.set_password(connection, account, password_hash)
        await self._sessions.end_all(connection, account.id, but)
        await self._links.end_all(connection, account.id)
        await self._entrance.tell(connection, site, account, "changed")

    async def move(self, site: Site, link: Link, opener: Opener) -> bool:
        """Agree at one end to another address; True where both ends have, and it is changed.

        Every session ends then but that of the browser which pressed, and both ends are told.
        """
        async with self._deps.ledger.write() as connection:
            account = await self._begun(connection, link)
            if not link.detail.other:
                if not await self._links.other_end(connection, link):
                    raise LinkIsOver
                return False
            await self._move(connection, site, account, link.detail.email)
            await self._sessions.end_all(connection, account.id, opener.session)
            return True

    async def _move(
        self, connection: AsyncConnection, site: Site, account: VisitorAccount, email: str
    ) -> None:
        taken = await self._accounts.of_email(connection, site.id, email)
        if taken and taken.account.confirmed_at is not None:
            raise LinkIsOver
        if taken:  # it was never confirmed, and whoever pressed the link has this address
            await self._accounts.forget(connection, taken.account)
        await self._accounts.set_email(connection, account, email)
        await self._links.end_all(connection, account.id)
        for end in (email, account.email):
            facts = {"to": end, "language": account.language}
            await self._entrance.tell(connection, site, account, "changed", facts)

    async def _begun(self, connection: AsyncConnection, link: Link) -> VisitorAccount:
        account = await self._accounts.within(connection, link.account_id)
        if account is None or not await self._links.use(connection, link):
            raise LinkIsOver
        return account

    async def _signed_in(
        self, connection: AsyncConnection, account: VisitorAccount, link: Link, opener: Opener
    ) -> str:
        now, browser = self._deps.clock(), opener.browser
        if opener.visitor_id and opener.visitor_id == link.detail.visitor_id:
            await self._accounts.join(connection, account, opener.visitor_id, now, browser)
        return await self._sessions.begin(connection, account.id, browser)
