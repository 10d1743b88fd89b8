"""Ends of access (lost or stolen) after a backup: their lines, and ending it again."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.rights.access_ends import (
    Ended,
    end_visitors,
    ended_among,
    lock_accounts,
)
from askfirst.store.ledger.tables import visitor_access_ends, visitor_accounts
from server.backups.decision_words import NUMBER, TIME
from server.services import Services


class AccessEnded(NamedTuple):
    """The end of a visitor's or an account's access, by a number that names nobody by itself."""

    number: str
    at: int
    by: str

    def line(self) -> str:
        """Return it as a line of a list of decisions."""
        return f"access-ended {self.number} {self.at} {self.by}"


def access_ended_of(words: list[str]) -> AccessEnded | None:
    """Return the end of access that a line says, or None where it is none."""
    match words:
        case [number, at, "visitor" | "staff" as by] if NUMBER.fullmatch(number) and TIME.fullmatch(
            at
        ):
            return AccessEnded(number, int(at), by)
    return None


async def ended_in(connection: AsyncConnection) -> frozenset[AccessEnded]:
    """Return the ends of access in a ledger; an older one has none."""
    if not await connection.run_sync(lambda one: inspect(one).has_table("visitor_access_ends")):
        return frozenset()
    ends, accounts = visitor_access_ends.c, visitor_accounts.c
    asked = select(ends.site_id, ends.visitor_id, ends.ended_at, ends.ended_by)
    rows = list((await connection.execute(asked)).all())
    times = (accounts.access_ended_at, accounts.access_ended_by)
    asked = select(accounts.site_id, accounts.id, *times)
    rows += (await connection.execute(asked.where(accounts.access_ended_at.is_not(None)))).all()
    return frozenset(AccessEnded(receipt_id_of(*row[:2]), *row[2:]) for row in rows)


async def end_again(
    services: Services, visitors: Iterable[tuple[int, str]], decided: Iterable[AccessEnded]
) -> int:
    """End the access of visitors and accounts of whom that was decided; return how many.

    Their consents are withdrawn by decisions of their own.
    """
    newest = {one.number: one for one in sorted(decided, key=lambda each: each.at)}
    done = 0
    async with services.ledger.write() as connection:
        for site_id, visitor_id in visitors if newest else ():
            if said := newest.get(receipt_id_of(site_id, visitor_id)):
                known = await ended_among(connection, site_id, [visitor_id])
                if known is None or known.at < said.at:
                    await end_visitors(connection, site_id, [visitor_id], _ended(said))
                    done += 1
        return done + await _accounts_too(connection, newest)


async def _accounts_too(connection: AsyncConnection, newest: dict[str, AccessEnded]) -> int:
    """Lock the accounts; a password from after the end is not in the backup, or its end is too."""
    done, table = 0, visitor_accounts.c
    rows = await connection.execute(select(table.site_id, table.id, table.access_ended_at))
    for site_id, account_id, at in rows.all() if newest else ():
        said = newest.get(receipt_id_of(site_id, account_id))
        if said and (at or 0) < said.at:
            await lock_accounts(connection, [account_id], _ended(said))
            done += 1
    return done


def _ended(said: AccessEnded) -> Ended:
    return Ended(said.at, "staff" if said.by == "staff" else "visitor")
