"""Whose time is over: visitors who withdrew, and whose rows end as the accepted policy promised."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS
from askfirst.store.ledger import Ledger
from askfirst.store.site_book import Policy
from askfirst.store.tables import consent_records, withdrawals
from askfirst.store.visitor_links import earlier_ids
from consent.proof import OPEN_STATES, WITHDRAWN
from consent.withdrawal import RENEWAL


async def ended(
    ledger: Ledger, site_id: int, versions: Iterable[Policy], now: int
) -> list[list[str]]:
    """Return the visitor ids of a site to be erased now, those of one browser together.

    An id's rows end `withdrawn_days` after its last consent was withdrawn, as the policy said that
    this consent was given to; with it end the ids that it follows, since all of that was recorded
    before. An id that follows it began with a yes of its own and is left alone. So is a visitor of
    a policy without that promise, a consent that only ran out, and one that was given anew.
    """
    days = {
        policy.version: int(policy.content["withdrawn_days"])
        for policy in versions
        if "withdrawn_days" in policy.content
    }
    if not days:
        return []
    async with ledger.read() as connection:
        over = await connection.scalars(_over(site_id, days, now))
        return [await _with_earlier(connection, site_id, one) for one in over.all()]


async def _with_earlier(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    return [*await earlier_ids(connection, site_id, visitor_id), visitor_id]


def _over(site_id: int, days: dict[int, int], now: int) -> Any:
    """Ask for the visitors whose last record is a withdrawal that is long enough ago."""
    last, other = consent_records.alias("last"), consent_records.alias("other")
    of_same = and_(other.c.site_id == site_id, other.c.visitor_id == last.c.visitor_id)
    later = exists().where(of_same, other.c.seq > last.c.seq)
    withdrawn = exists().where(withdrawals.c.consent_id == other.c.consent_id)
    still_open = exists().where(of_same, other.c.state.in_(OPEN_STATES), ~withdrawn)
    due = [
        and_(last.c.policy_version == version, last.c.event_time <= now - number * DAY_MS)
        for version, number in days.items()
    ]
    return (
        select(last.c.visitor_id)
        .where(last.c.site_id == site_id, last.c.visitor_id.is_not(None))
        .where(last.c.state == WITHDRAWN, last.c.method != RENEWAL, or_(*due))
        .where(~later, ~still_open)
        .order_by(last.c.seq)
    )
