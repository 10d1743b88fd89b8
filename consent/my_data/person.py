"""Whose page it is: found by the token of a yes, by a receipt code, or by an account's session."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.consents import Claims
from askfirst.sites import Site
from askfirst.store.ledger.rights.access_ends import Ended, ended_among
from askfirst.store.ledger.rights.receipt_codes import consent_of_code
from askfirst.store.ledger.tables import consent_records
from askfirst.store.ledger.visitor_links import linked_ids
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.accounts.sessions import AccountSessions, SignedIn
from consent.dependencies import Dependencies
from consent.proof.records import OPEN_STATES, claims_of


@dataclass(frozen=True)
class Person:
    """A visitor of a site, as a proof shows: `token` is what the forms of the page carry on.

    `ids` are all visitor ids of the person, the first one first; where everything was erased they
    are those that the proof names, of which nothing is left. `visitors` has one id of each group of
    linked ids; an account joins several. `account` is whose session, `session`, opened the page;
    its forms carry the session's secret for `token`. `ended` says that the proof opens nothing any
    more.
    """

    site: Site
    token: str
    claims: Claims
    ids: tuple[str, ...]
    visitors: tuple[str, ...]
    account: VisitorAccount | None = None
    ended: Ended | None = None
    session: SignedIn | None = None


class People:
    """Finds whose page a proof opens."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._sessions = AccountSessions(deps)

    async def by_token(self, site: Site, token: str) -> Person | None:
        """Return whose yes a token is, also of a withdrawn or expired one; None if not ours."""
        claims = self._deps.tokens.read(token)
        if claims is None or claims.site_id != site.id:
            return None
        async with self._deps.ledger.read() as connection:
            ids = await linked_ids(connection, site.id, claims.visitor_id)
            ended = await ended_among(connection, site.id, ids)
        return Person(site, token, claims, tuple(ids), (claims.visitor_id,), ended=ended)

    async def may(self, connection: AsyncConnection, person: Person) -> bool:
        """Return whether the proof that opened the page still does, as a transaction sees it."""
        if person.session:
            return await self._sessions.still(connection, person.session) is not None
        return await ended_among(connection, person.site.id, person.ids) is None

    async def by_code(self, site: Site, typed: str) -> Person | None:
        """Return whose yes a receipt code belongs to, or None."""
        async with self._deps.ledger.read() as connection:
            claims = await claims_of_code(connection, site.id, typed)
        if claims is None:
            return None
        return await self.by_token(site, self._deps.tokens.sign(claims))

    async def by_session(self, site: Site, signed_in: SignedIn) -> Person:
        """Return the person of an account: all browsers that it joins."""
        account, groups = signed_in.account, dict[str, list[str]]()
        browsers = await self._accounts.browsers(account.id)
        async with self._deps.ledger.read() as connection:
            for one in browsers:
                if not any(one in group for group in groups.values()):
                    groups[one] = await linked_ids(connection, site.id, one)
            ids = tuple(one for group in groups.values() for one in group)
            claims = await _newest_claims(connection, site.id, ids)
        nobody = _of_nobody(site, account)
        groups_of = (ids, tuple(groups), account)
        return Person(site, signed_in.csrf, claims or nobody, *groups_of, session=signed_in)


async def claims_of_code(connection: AsyncConnection, site_id: int, typed: str) -> Claims | None:
    """Return the claims of the yes whose receipt code was typed, or None."""
    consent_id = await consent_of_code(connection, site_id, typed)
    known = consent_records.c
    given = select(consent_records).where(
        known.consent_id == consent_id,
        known.site_id == site_id,
        known.state.in_(OPEN_STATES),
        known.visitor_id.is_not(None),
    )
    row = (await connection.execute(given)).mappings().first() if consent_id else None
    return claims_of(dict(row)) if row else None


async def _newest_claims(
    connection: AsyncConnection, site_id: int, ids: tuple[str, ...]
) -> Claims | None:
    known = consent_records.c
    given = select(consent_records).where(
        known.site_id == site_id, known.visitor_id.in_(ids), known.state.in_(OPEN_STATES)
    )
    row = (await connection.execute(given.order_by(known.seq.desc()).limit(1))).mappings().first()
    return claims_of(dict(row)) if row else None


def _of_nobody(site: Site, account: VisitorAccount) -> Claims:
    """Return the claims of an account without a browser: acts are counted by its number."""
    return Claims(
        site_id=site.id,
        visitor_id="",
        consent_id=account.id,
        policy_version=0,
        purposes=(),
        given_at=account.created_at,
        valid_until=account.created_at,
    )
