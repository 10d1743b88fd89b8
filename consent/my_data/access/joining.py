"""Another browser: the receipt code that it got brings it to this person's page."""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.visitor_links import MOST_LINKED, join_browsers, linked_ids
from askfirst.web.ip_addresses import address_of
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.sessions import AccountSessions
from consent.dependencies import Dependencies
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.person import Person, claims_of_code
from consent.rights.erasure_requests import is_erased
from consent.rights.restriction import Restrictions

Joined = Literal["done", "already", "unknown", "theirs", "many", "ended"]


class Joining:
    """Makes another browser the same person's: linked, or joined to the account signed in to."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._accounts = VisitorAccounts(deps)
        self._sessions = AccountSessions(deps)
        self._restrictions = Restrictions(deps.ledger, deps.book, deps.clock)

    async def add(self, request: Request, person: Person, typed: str) -> Joined:
        """Add the browser whose receipt code was typed; raises `TooFast` for too many tries.

        Access that was ended since the page was shown adds nothing, and a code of another site is
        as unknown as one that was never made. A restriction of one holds for all.
        """
        self._limiter.try_code(address_of(request))
        async with self._deps.ledger.write() as connection:
            said = await self._join(connection, person, typed)
        if said == "done":
            await self._deps.book.refresh()
        return said

    async def _join(self, connection: AsyncConnection, person: Person, typed: str) -> Joined:
        site_id = person.site.id
        claims = await claims_of_code(connection, site_id, typed)
        if claims is None:
            return "unknown"
        theirs = await linked_ids(connection, site_id, claims.visitor_id)
        if await ended_among(connection, site_id, theirs):
            return "unknown"
        if set(theirs) & set(person.ids):
            return "already"
        if person.account:
            return await self._join_account(connection, person, theirs)
        return await self._link(connection, person, theirs)

    async def _join_account(
        self, connection: AsyncConnection, person: Person, theirs: list[str]
    ) -> Joined:
        site_id = person.site.id
        account = await self._sessions.still(connection, person.session)
        if account is None:
            return "ended"
        if len(person.ids) + len(theirs) > MOST_LINKED:
            return "many"
        if not await self._accounts.join(connection, account, theirs[0], self._deps.clock()):
            return "theirs"
        await self._restrictions.hold_alike(connection, site_id, [*person.ids, *theirs])
        return "done"

    async def _link(self, connection: AsyncConnection, person: Person, theirs: list[str]) -> Joined:
        site_id, mine = person.site.id, person.claims.visitor_id
        ids = await linked_ids(connection, site_id, mine)
        if await ended_among(connection, site_id, ids) or await is_erased(
            connection, site_id, mine
        ):
            return "ended"
        if len(ids) + len(theirs) > MOST_LINKED:
            return "many"
        owners = [await self._accounts.of_visitor(site_id, one) for one in (ids, theirs)]
        if len({one.id for one in owners if one}) > 1:
            return "theirs"
        await join_browsers(connection, site_id, mine, theirs[0], self._deps.clock())
        await self._restrictions.hold_alike(connection, site_id, [*ids, *theirs])
        return "done"
