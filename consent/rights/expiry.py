"""Which visitors are to be erased: those who withdrew as long ago as the policy promises."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.sites.policies import Policy
from askfirst.store.ledger.tables import consent_records, withdrawals
from askfirst.store.ledger.visitor_links import earlier_ids
from consent.proof.records import OPEN_STATES, WITHDRAWN
from consent.rights.withdrawal import RENEWAL


async def visitor_ids_due(
    ledger: Ledger, site_id: int, versions: Iterable[Policy], now: int
) -> list[list[str]]:
    """Return the visitor ids of a site that are to be erased now, those of one browser together.

    An id is due `withdrawn_days` after its last consent was withdrawn. The promise is that of the
    policy that the consent was given to, or of the policy in force at the withdrawal; where both
    promise it, the fewer days hold. The ids before it are due with it, since all their data are
    older. Not due are an id after it, which began with a yes of its own, a visitor to whom neither
    policy promised it, a consent that only expired, and one that was given again.
    """
    promises = _promises(versions)
    if not promises:
        return []
    async with ledger.read() as connection:
        over = await connection.scalars(_over(site_id, promises, now))
        return [await _with_earlier(connection, site_id, one) for one in over.all()]


@dataclass(frozen=True)
class _Promise:
    """A policy version that promises an erasure, and when (ms) it was in force, None: it is."""

    version: int
    days: int
    since: int
    until: int | None

    def due_condition(self, withdrawal: Any, now: int) -> Any:
        """Return the SQL condition that this promise holds for a withdrawal and is due."""
        in_force = withdrawal.event_time >= self.since
        if self.until is not None:
            in_force &= withdrawal.event_time < self.until
        given_to = withdrawal.policy_version == self.version
        return (given_to | in_force) & (withdrawal.event_time <= now - self.days * DAY_MS)


def _promises(versions: Iterable[Policy]) -> list[_Promise]:
    found: list[_Promise] = []
    until: int | None = None
    for policy in sorted(versions, key=lambda one: one.version, reverse=True):
        since = policy.published_at
        if (days := policy.content.get("withdrawn_days")) is not None:
            found.append(_Promise(policy.version, int(days), since, until))
        until = since if until is None else min(since, until)
    return found


async def _with_earlier(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    return [*await earlier_ids(connection, site_id, visitor_id), visitor_id]


def _over(site_id: int, promises: list[_Promise], now: int) -> Any:
    """Select the visitors whose last record is a withdrawal that is long enough ago."""
    last, other = consent_records.alias("last"), consent_records.alias("other")
    of_same = and_(other.c.site_id == site_id, other.c.visitor_id == last.c.visitor_id)
    later = exists().where(of_same, other.c.seq > last.c.seq)
    withdrawn = exists().where(withdrawals.c.consent_id == other.c.consent_id)
    still_open = exists().where(of_same, other.c.state.in_(OPEN_STATES), ~withdrawn)
    due = [promise.due_condition(last.c, now) for promise in promises]
    return (
        select(last.c.visitor_id)
        .where(last.c.site_id == site_id, last.c.visitor_id.is_not(None))
        .where(last.c.state == WITHDRAWN, last.c.method != RENEWAL, or_(*due))
        .where(~later, ~still_open)
        .order_by(last.c.seq)
    )
