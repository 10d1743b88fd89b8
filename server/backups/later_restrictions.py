"""Restrictions that were decided after a backup: their lines, and holding or lifting them again."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import restrictions
from consent.rights.restriction import Restrictions
from server.backups.decision_words import NUMBER, TIME
from server.services import Services

_TIMES = {"restricted": 1, "lifted": 2}
"""How many times a line has, by its first word."""


class Restricted(NamedTuple):
    """When a visitor's last restriction began (ms), and when it was lifted, or None."""

    begun_at: int
    lifted_at: int | None


def hold(known: dict[str, Restricted], visitor: str, said: Restricted) -> None:
    """Keep the newest restriction of a visitor in `known`; lists may be joined."""
    known[visitor] = max(known.get(visitor, said), said, key=_newest)


def _newest(one: Restricted) -> tuple[int, int]:
    return one.begun_at, one.lifted_at or 0


def restriction_line(visitor: str, said: Restricted) -> str:
    """Return a restriction as a line of a list of decisions."""
    if said.lifted_at is None:
        return f"restricted {visitor} {said.begun_at}"
    return f"lifted {visitor} {said.begun_at} {said.lifted_at}"


def restriction_of(words: list[str]) -> tuple[str, Restricted] | None:
    """Return the visitor and the restriction of such a line, or None where it is none."""
    what, *rest = words
    visitor, *times = rest or [""]
    are_right = NUMBER.fullmatch(visitor) and all(map(TIME.fullmatch, times))
    if not are_right or len(times) != _TIMES[what]:
        return None
    begun, lifted = (int(one) for one in (*times, "0")[:2])
    return visitor, Restricted(begun, lifted or None)


async def restricted_in(connection: AsyncConnection) -> dict[str, Restricted]:
    """Return the last restriction of each visitor of a ledger; an older ledger has none."""
    if not await connection.run_sync(lambda one: inspect(one).has_table("restrictions")):
        return {}
    rows = await connection.execute(select(restrictions).order_by(restrictions.c.id))
    return {
        receipt_id_of(row.site_id, row.visitor_id): Restricted(row.begun_at, row.lifted_at)
        for row in rows
    }


async def hold_again(
    services: Services, visitors: Iterable[tuple[int, str]], decided: dict[str, Restricted]
) -> int:
    """Restrict, or lift, for the visitors of whom that was decided; return how many."""
    changed = 0
    for site_id, visitor_id in visitors:
        said = decided.get(receipt_id_of(site_id, visitor_id))
        if said is not None and services.book.by_id(site_id) is not None:
            changed += await _changed(services, site_id, visitor_id, said)
    return changed


async def _changed(services: Services, site_id: int, visitor_id: str, said: Restricted) -> bool:
    """Restrict or lift as it was decided; return whether that was not so already."""
    then = partial(int, said.lifted_at or said.begun_at)
    rights = Restrictions(services.ledger, services.book, then)
    since = await rights.since(site_id, visitor_id)
    if said.lifted_at is None and since is None:
        await rights.restrict(site_id, visitor_id)
        return True
    if said.lifted_at is not None and since is not None and since <= said.lifted_at:
        await rights.lift(site_id, visitor_id)
        return True
    return False
