"""Who is to be told that the privacy policy has changed, and since which version they know it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.sites import Site
from askfirst.store.ledger.accounts.messages import POLICY
from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.mail.states import GIVEN_UP
from askfirst.store.ledger.sites.policies import Policy
from askfirst.store.ledger.tables import account_messages, visitor_accounts, visitor_mails
from askfirst.system.sealing import NotSealedHere
from consent.accounts.mails import VisitorMails
from consent.dependencies import Dependencies

_BATCH = 200


@dataclass(frozen=True)
class _Asked:
    """An account that asked for such mails `since` a time (ms), and which version it knows of."""

    account_id: str
    email: bytes
    language: str
    since: int
    told: int | None


class PolicyNews:
    """Adds a mail for each account that asked for it, once for each version that is published.

    Where several were published while no server ran, one mail tells of all of them.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._mails = VisitorMails(deps)
        self._done: dict[int, int] = {}  # of which version everybody has a mail, by site

    async def write_down(self) -> None:
        """Add the mails that are due."""
        for site in self._deps.book.all():
            newest = self._deps.book.policy(site)
            if self._done.get(site.id) != newest.version and newest.version > 1:
                await self._tell(site, newest, await self._deps.book.versions(site))
            self._done[site.id] = newest.version

    async def _tell(self, site: Site, newest: Policy, versions: Sequence[Policy]) -> None:
        after: str | None = ""
        while after is not None:
            async with self._deps.ledger.write() as connection:
                batch = await _asked(connection, site.id, newest.published_at, after)
                for one in batch:
                    await self._add(connection, site, one, _known(one, versions), newest.version)
            after = batch[-1].account_id if len(batch) == _BATCH else None

    async def _add(
        self, connection: AsyncConnection, site: Site, one: _Asked, older: int, newer: int
    ) -> None:
        if older >= newer:
            return
        try:
            email = self._deps.sealing.open(one.email, email_place(one.account_id))
        except NotSealedHere:  # `askfirst check` tells of it; others get their mail
            return
        facts: Mapping[str, str] = {
            "to": email,
            "language": one.language,
            "older": str(older),
            "newer": str(newer),
        }
        await self._mails.add(connection, one.account_id, site, POLICY, str(newer), facts)


def _known(one: _Asked, versions: Sequence[Policy]) -> int:
    """Return the version that an account knows of: told, or in force when it asked."""
    begun = (policy.version for policy in versions if policy.published_at <= one.since)
    return max(one.told or 1, *begun)


async def _asked(
    connection: AsyncConnection, site_id: int, before: int, after: str
) -> list[_Asked]:
    """Return some accounts that asked before a version was published, by id."""
    wish, account, mail = account_messages.c, visitor_accounts.c, visitor_mails.c
    versions = (
        select(mail.about)
        .where(mail.account_id == account.id, mail.what == POLICY, mail.state != GIVEN_UP)
        .order_by(mail.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    asked = (
        select(
            account.id.label("account_id"),
            account.email,
            account.language,
            wish.since,
            versions.label("told"),
        )
        .join(account_messages, wish.account_id == account.id)
        .where(account.site_id == site_id, account.confirmed_at.is_not(None))
        .where(wish.kind == POLICY, wish.since < before, account.id > after)
        .order_by(account.id)
        .limit(_BATCH)
    )
    rows = (await connection.execute(asked)).mappings()
    return [_Asked(**{**row, "told": _number(row["told"])}) for row in rows]


def _number(version: str | None) -> int | None:
    return int(version) if version else None
