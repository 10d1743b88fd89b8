"""Whose page it is: found by the token of a yes, by the choice cookie, or by a receipt code."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.consents import Claims
from askfirst.sites import Site
from askfirst.store.ledger.rights.receipt_codes import consent_of_code
from askfirst.store.ledger.tables import consent_records
from askfirst.store.ledger.visitor_links import linked_ids
from consent.accounts.accounts import VisitorAccount
from consent.dependencies import Dependencies
from consent.proof.records import OPEN_STATES, claims_of


@dataclass(frozen=True)
class Person:
    """A visitor of a site, as a proof shows: `token` is what the forms of the page carry on.

    `ids` are all visitor ids of the browser, the first one first; where everything was erased they
    are those that the proof names, of which nothing is left. `account` is whose session opened the
    page.
    """

    site: Site
    token: str
    claims: Claims
    ids: tuple[str, ...]
    account: VisitorAccount | None = None


class People:
    """Finds whose page a proof opens."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    async def by_token(self, site: Site, token: str) -> Person | None:
        """Return whose yes a token is, also of a withdrawn or expired one; None if not ours."""
        claims = self._deps.tokens.read(token)
        if claims is None or claims.site_id != site.id:
            return None
        async with self._deps.ledger.read() as connection:
            ids = await linked_ids(connection, site.id, claims.visitor_id)
        return Person(site, token, claims, tuple(ids))

    async def by_code(self, site: Site, typed: str) -> Person | None:
        """Return whose yes a receipt code belongs to, or None."""
        async with self._deps.ledger.read() as connection:
            claims = await _claims_of_code(connection, site.id, typed)
        if claims is None:
            return None
        return await self.by_token(site, self._deps.tokens.sign(claims))


async def _claims_of_code(connection: AsyncConnection, site_id: int, typed: str) -> Claims | None:
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
