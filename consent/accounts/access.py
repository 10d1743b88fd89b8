"""Lost or stolen: one press ends every proof, session and link of a person, and stops recording."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.accounts.removals import part_browsers
from askfirst.store.ledger.rights.access_ends import (
    Ended,
    EndedBy,
    end_visitors,
    ended_among,
    is_over,
    lock_accounts,
    whole_person,
)
from askfirst.store.ledger.withdrawn import Mark
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.mails import VisitorMails
from consent.dependencies import Dependencies
from consent.proof.records import BY_CONTROLLER, BY_VISITOR
from consent.rights.withdrawal import LOST, Ending, count_withdrawal, withdraw_all

_GIVER = {"visitor": BY_VISITOR, "staff": BY_CONTROLLER}


class Access:
    """Ends the access to what is stored of a person, and tells whether it was ended."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._mails = VisitorMails(deps)

    async def end(
        self, site: Site, visitor_ids: Sequence[str], account_id: str | None, by: EndedBy
    ) -> None:
        """End the access of every id that is linked or joined with these, and of their accounts.

        The gate refuses their consents first; the rest is one transaction. Every account loses
        these browsers, for a thief may have joined them with one: only that of the visitor whose
        session it was (`account_id`) keeps its own. Nothing else happens where access is ended
        already and nothing was opened since, so that a second press sends no second mail.
        """
        versions: list[int] = []
        keeper = account_id if by == "visitor" else None
        with self._deps.withdrawn.marked_before_commit(self._deps.clock) as mark:
            async with self._deps.ledger.write() as connection:
                given = [account_id] if account_id else []
                ids, accounts = await whole_person(connection, site.id, visitor_ids, given)
                if not await is_over(connection, site.id, ids, accounts):
                    versions = await self._end(connection, site, (ids, accounts), mark, by)
                await part_browsers(connection, site.id, ids, self._deps.clock(), keeper)
        for one in ids:  # a file that is made for the person is nobody's now
            self._deps.own_files.forget(site.id, one)
        for version in versions:
            count_withdrawal(self._deps.tallies, self._deps.counts, site.id, version)

    async def ended_at(
        self, connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str]
    ) -> int | None:
        """Return when (ms) the access of any of these visitors was ended the last time, or None."""
        ended = await ended_among(connection, site_id, visitor_ids)
        return ended.at if ended else None

    async def ended(self, site_id: int, visitor_ids: Sequence[str]) -> Ended | None:
        """Return the last end of access of any of these visitors, or None."""
        async with self._deps.ledger.read() as connection:
            return await ended_among(connection, site_id, visitor_ids)

    async def _end(
        self,
        connection: AsyncConnection,
        site: Site,
        person: tuple[list[str], list[str]],
        mark: Mark,
        by: EndedBy,
    ) -> list[int]:
        ids, accounts = person
        how = Ending(LOST, _GIVER[by])
        versions = await withdraw_all(connection, site.id, ids, mark, how)
        ended = Ended(self._deps.clock(), by)
        await end_visitors(connection, site.id, ids, ended)
        await lock_accounts(connection, accounts, ended)
        for one in accounts:
            await self._tell(connection, site, one, ended)
        return versions

    async def _tell(
        self, connection: AsyncConnection, site: Site, account_id: str, ended: Ended
    ) -> None:
        account = await self._accounts.within(connection, account_id)
        if account is None or not self._mails.are_sent:
            return
        public = self._deps.settings.public_url
        facts = {
            "to": account.email,
            "language": account.language,
            "link": f"{public}/account/{site.key}?lang={account.language}",
            "by": ended.by,
        }
        await self._mails.add(connection, account.id, site, "ended", str(ended.at), facts)
