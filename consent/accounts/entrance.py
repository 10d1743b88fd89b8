"""What somebody who is not signed in asks for by an address: an account, or a link by mail.

Nothing here tells its caller whether an address is known: pages answer before it is looked up.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.accounts.links import AccountLinks, Detail, What
from consent.accounts.mail_budgets import MailBudgets
from consent.accounts.mails import VisitorMails
from consent.dependencies import Dependencies


class Entrance:
    """Makes accounts that wait for their confirmation, and has links sent."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._links = AccountLinks(deps)
        self._mails = VisitorMails(deps)
        self._budgets = MailBudgets(deps.clock)

    async def register(
        self, site: Site, email: str, language: str, detail: Detail, network: str
    ) -> None:
        """Have a link sent that confirms a new account, or a word that the address has one.

        `network` is where it is asked from, for the limits. Where strangers have used up the links
        that ask for a password of theirs, one is sent that asks for none and sets none.
        """
        kinds = ("confirm_typed", "confirm") if detail.password_hash else ("confirm",)
        kind = self._budgets.of_stranger(self._mailbox(site, email), network, *kinds)
        if not kind:
            return
        if kind == "confirm":
            detail = replace(detail, password_hash="")
        async with self._deps.ledger.write() as connection:
            found = await self._accounts.of_email(connection, site.id, email)
            if found and found.account.confirmed_at is not None:
                await self.tell_known(connection, site, found.account, email)
                return
            account = found.account if found else None
            if account is None:
                new = secrets.token_hex(16)
                account = await self._accounts.add(connection, site.id, new, email, language)
            await self.send_link(connection, site, account, "confirm", detail)

    async def ask_for(
        self, site: Site, email: str, what: What, detail: Detail, network: str
    ) -> None:
        """Have a link sent to the confirmed account of an address; nothing where there is none.

        `network` is where it is asked from, for the limits.
        """
        async with self._deps.ledger.write() as connection:
            found = await self._accounts.of_email(connection, site.id, email)
            account = found.account if found and found.account.confirmed_at is not None else None
            if account and await self._is_own(connection, account, detail.visitor_id):
                may = self._budgets.of_owner(account.id, detail.visitor_id)
            else:
                may = bool(self._budgets.of_stranger(self._mailbox(site, email), network, what))
            if account and may:
                await self.send_link(connection, site, account, what, detail)

    async def _is_own(
        self, connection: AsyncConnection, account: VisitorAccount, visitor_id: str
    ) -> bool:
        return bool(visitor_id) and await self._accounts.joins(connection, account, visitor_id)

    async def move(
        self, connection: AsyncConnection, site: Site, account: VisitorAccount, email: str
    ) -> bool:
        """Have a link sent to both ends of a change of address, within a transaction.

        False, and nothing is sent, where too many were asked for: by this account, or by anybody
        for the new mailbox, whether it has an account or not.

        Older links of a change end.

        Where the new address has an account of the site already, its owner is told that alone. The
        link that nobody gets is made as well: the old end must not tell that there is an account.
        """
        if not self._budgets.of_owner(account.id):
            return False
        if not self._budgets.of_mailbox(self._mailbox(site, email), "new_email"):
            return False
        await self._links.end_all(connection, account.id, "old_email", "new_email")
        detail = Detail(email=email)
        await self.send_link(connection, site, account, "old_email", detail)
        taken = await self._accounts.of_email(connection, site.id, email)
        if taken and taken.account.confirmed_at is not None:
            await self._links.add(connection, account.id, "new_email", detail)
            await self.tell_known(connection, site, taken.account, email)
        else:
            await self.send_link(connection, site, account, "new_email", detail, to=email)
        return True

    async def send_link(
        self,
        connection: AsyncConnection,
        site: Site,
        account: VisitorAccount,
        what: What,
        detail: Detail,
        *,
        to: str = "",
    ) -> None:
        """Make a link within a transaction and write down the mail that carries it."""
        code = await self._links.add(connection, account.id, what, detail)
        address = self._links.address(site, code, account.language)
        facts = {"to": to or account.email, "language": account.language, "link": address}
        await self.tell(connection, site, account, what, facts)

    async def tell_known(
        self, connection: AsyncConnection, site: Site, account: VisitorAccount, email: str
    ) -> None:
        """Write down the mail that an address has an account already."""
        base = self._deps.settings.public_url.rstrip("/")
        link = f"{base}/account/{site.key}?lang={account.language}"
        facts = {"to": email, "language": account.language, "link": link}
        await self.tell(connection, site, account, "known", facts)

    async def tell(
        self,
        connection: AsyncConnection,
        site: Site,
        account: VisitorAccount,
        what: str,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Write down a mail within a transaction, of its own each time."""
        told = facts or {"to": account.email, "language": account.language}
        about = secrets.token_hex(8)
        await self._mails.add(connection, account.id, site, what, about, told)

    def _mailbox(self, site: Site, email: str) -> str:
        return self._accounts.email_hash(site.id, email).hex()
