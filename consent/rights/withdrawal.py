"""Withdrawing a yes: the gate refuses it first, then the ledger records it in one transaction."""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.consents import Claims
from askfirst.store.ledger.choice_counts import WITHDRAWN as COUNTED_AS
from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import consent_records, withdrawals
from askfirst.store.ledger.tallies import Tallies
from askfirst.store.ledger.visitor_links import browser_ids
from askfirst.store.ledger.withdrawn import Mark, Withdrawn
from consent.proof.records import (
    BY_VISITOR,
    EXPLICIT,
    FIRST_HASH,
    OPEN_STATES,
    SCHEMA,
    SEALED,
    WITHDRAWN,
    Record,
    append,
    event_type,
    subject_of,
)

LOST = "lost"
"""The method of a withdrawal by which access was ended, as something was lost or stolen."""
RENEWAL = "renewal"
"""The method of a withdrawal by which a renewed yes ends the older one."""
_KEPT = (*SEALED, "visitor_id", "nonce")


class Withdrawals:
    """Withdraws consents; the gate refuses them first, and no longer if the ledger fails."""

    def __init__(self, ledger: Ledger, withdrawn: Withdrawn, clock: Clock) -> None:
        self._ledger = ledger
        self._withdrawn = withdrawn
        self._clock = clock

    async def withdraw(self, claims: Claims, method: str) -> bool:
        """Withdraw a token's consent, also an expired one; return False if it was withdrawn before.

        The gate refuses the consent at once, also while others write to the ledger.
        """
        with self._withdrawn.marked_before_commit(self._clock) as mark:
            if claims.consent_id not in self._withdrawn:
                mark([claims.consent_id])
            async with self._ledger.write() as connection:
                given = await _given(connection, consent_records.c.consent_id == claims.consent_id)
                closed = await _withdraw(connection, given or [_record_from(claims)], method, mark)
        if not closed:
            await self._withdrawn.refresh()  # another process withdrew it first, at its own time
        return bool(closed)


def count_withdrawal(
    tallies: Tallies, counts: ChoiceCounts, site_id: int, policy_version: int, page: str = ""
) -> None:
    """Count the withdrawal of a yes to this version, on its page where that is known."""
    tallies.add(site_id, "withdrawal")
    counts.add(site_id, COUNTED_AS, page, "", policy_version)


class Ending(NamedTuple):
    """How consents end: the method, and who ends them, `BY_VISITOR` or `BY_CONTROLLER`."""

    method: str
    by: str = BY_VISITOR


async def withdraw_all(
    connection: AsyncConnection,
    site_id: int,
    visitor_ids: Sequence[str],
    mark: Mark,
    ending: Ending,
) -> list[int]:
    """Withdraw the open consents of some visitor ids, in the caller's transaction.

    Returns the policy version that each consent was given to; the caller counts them.
    """
    table = consent_records.c
    theirs = (table.site_id == site_id) & table.visitor_id.in_(visitor_ids)
    given = await _given(connection, theirs)
    closed = await _withdraw(connection, given, ending.method, mark, ending.by)
    return [int(record["policy_version"]) for record in closed]


async def replaced_record(connection: AsyncConnection, claims: Claims) -> Record | None:
    """Return the open record that a yes with this older token replaces, or None.

    It is the token's own. Where that is closed, it is the newest open one of the browser, which
    another tab got: one browser has one open consent, whatever visitor ids it has had.
    """
    table = consent_records.c
    of_site = table.site_id == claims.site_id
    own = (
        of_site & (table.visitor_id == claims.visitor_id) & (table.consent_id == claims.consent_id)
    )
    if found := await _open(connection, own):
        return found[0]
    ids = await browser_ids(connection, claims.site_id, claims.visitor_id)
    newest = await _open(connection, of_site & table.visitor_id.in_(ids))
    return newest[-1] if newest else None


async def _open(connection: AsyncConnection, whose: Any) -> list[Record]:
    return await _not_withdrawn(connection, await _given(connection, whose))


async def _not_withdrawn(connection: AsyncConnection, given: list[Record]) -> list[Record]:
    done = await _withdrawn_among(connection, [record["consent_id"] for record in given])
    return [record for record in given if record["consent_id"] not in done]


async def _given(connection: AsyncConnection, whose: Any) -> list[Record]:
    columns = [consent_records.c[name] for name in _KEPT]
    opened = whose & consent_records.c.state.in_(OPEN_STATES)
    statement = select(*columns).where(opened).order_by(consent_records.c.seq)
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def _withdraw(
    connection: AsyncConnection,
    given: list[Record],
    method: str,
    mark: Mark,
    by: str = BY_VISITOR,
) -> list[Record]:
    closing = await _not_withdrawn(connection, given)
    if closing:
        now = mark([record["consent_id"] for record in closing])
        await close(connection, closing, method, now, by)
    return closing


async def close(
    connection: AsyncConnection,
    given: list[Record],
    method: str,
    now: int,
    by: str = BY_VISITOR,
) -> None:
    """Record the end of open consents, in the chain and in the table that the gate reads."""
    await append(connection, [_closed(record, method, now, by) for record in given])
    await connection.execute(insert(withdrawals), [_withdrawal(record, now) for record in given])


async def _withdrawn_among(connection: AsyncConnection, consent_ids: list[str]) -> set[str]:
    among = select(withdrawals.c.consent_id).where(withdrawals.c.consent_id.in_(consent_ids))
    return set((await connection.execute(among)).scalars())


def _closed(record: Record, method: str, now: int, by: str) -> Record:
    by = record["given_by"] if method == "manager" else by
    how = {"method": method, "given_by": by, "event_type": event_type(by)}
    return {**record, "state": WITHDRAWN, "event_time": now, **how}


def _withdrawal(record: Record, now: int) -> dict[str, Any]:
    return {
        "consent_id": record["consent_id"],
        "site_id": record["site_id"],
        "withdrawn_at": now,
    }


def _record_from(claims: Claims) -> Record:
    """Build the record of a consent that the ledger has lost from its token, which proves it."""
    nonce = secrets.token_hex(16)
    return {
        "consent_id": claims.consent_id,
        "site_id": claims.site_id,
        "visitor_id": claims.visitor_id,
        "nonce": nonce,
        "subject": subject_of(claims.visitor_id, nonce),
        "schema": SCHEMA,
        "event_type": EXPLICIT,
        "given_by": BY_VISITOR,
        "valid_until": claims.valid_until,
        "policy_version": claims.policy_version,
        "notice_hash": FIRST_HASH,
        "ui_hash": FIRST_HASH,
        "purposes": list(claims.purposes),
        "language": "",
        "signals": {},
    }
