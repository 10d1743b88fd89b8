"""Who gets which mail about a site: kept in the ledger, turned on and off."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import mail_subscriptions, sites, staff
from reports.formatting.readers import LONGEST_TAG, reader
from reports.mail.kinds import HOUR, SILENT_HOURS

_table = mail_subscriptions.c
STOPPED_BY_RESTORE = 0
"""The time of a mail that a restore stopped, for its recipient may have done so before."""


@dataclass(frozen=True)
class Subscription:
    """One kind of mail about a site to a member of staff, whose address is the account's.

    `hour` is that of the site's local day; `since` is when it was turned on (ms).
    """

    id: int
    site_id: int
    staff_id: int
    email: str
    what: str
    hour: int
    silent_hours: int
    since: int
    stopped_at: int | None
    language: str
    """The tag of the language that its dates are written in, '' for the usual form."""


class Subscriptions:
    """Reads and changes subscriptions; a stopped one keeps its number, for links in old mail."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def every(self) -> list[Subscription]:
        """Return those that are turned on, of every site."""
        return await self._found(_select().where(_table.stopped_at.is_(None)))

    async def of(self, site_id: int, email: str) -> list[Subscription]:
        """Return those of an account about a site, with stopped ones."""
        mine = (_table.site_id == site_id) & (staff.c.email == email)
        return await self._found(_select().where(mine))

    async def by_id(self, number: int) -> Subscription | None:
        """Return one by its number, also a stopped one; None where the site or account is gone."""
        found = await self._found(_select().where(_table.id == number))
        return found[0] if found else None

    async def _found(self, asked: Select[Any]) -> list[Subscription]:
        async with self._ledger.read() as connection:
            rows = await connection.execute(asked.order_by(_table.id))
            return [Subscription(*row) for row in rows]

    async def put(
        self,
        connection: AsyncConnection,
        site_id: int,
        email: str,
        wanted: Collection[str],
        times: tuple[int, int],
    ) -> None:
        """Turn on what is wanted of an account, and the others off, within a transaction.

        `times` are the hour of the day and the hours of silence. Dates of the mail are written as
        they are for whoever asks now.
        """
        hour, silent_hours = times
        staff_id, now = await _staff_id(connection, email), self._clock()
        mine = (_table.site_id == site_id) & (_table.staff_id == staff_id)
        change = update(mail_subscriptions).where(mine)
        for what in wanted:
            await _insert(connection, site_id, staff_id, what, now)
        is_wanted = _table.what.in_(wanted)
        on = change.where(is_wanted, _table.stopped_at.is_not(None))
        await connection.execute(on.values(since=now, stopped_at=None))
        is_on = _table.stopped_at.is_(None) | (_table.stopped_at == STOPPED_BY_RESTORE)
        await connection.execute(change.where(~is_wanted, is_on).values(stopped_at=now))
        every = {"hour": hour, "silent_hours": silent_hours, "language": _language()}
        await connection.execute(change.values(every))

    async def number(self, site_id: int, email: str, what: str) -> int:
        """Return the number of one kind of an account, which is added as stopped if need be."""
        async with self._ledger.write() as connection:
            staff_id = await _staff_id(connection, email)
            await _insert(connection, site_id, staff_id, what, self._clock())
        found = await self.of(site_id, email)
        return next(one.id for one in found if one.what == what)

    async def stop_all(self, connection: AsyncConnection) -> int:
        """Stop every mail after a restore, within a transaction; return how many there were."""
        on = update(mail_subscriptions).where(_table.stopped_at.is_(None))
        return (await connection.execute(on.values(stopped_at=STOPPED_BY_RESTORE))).rowcount

    async def stop(self, number: int) -> None:
        """Turn one off; it is durable when this returns."""
        is_on = _table.stopped_at.is_(None) | (_table.stopped_at == STOPPED_BY_RESTORE)
        on = (_table.id == number) & is_on
        async with self._ledger.write() as connection:
            stopped = update(mail_subscriptions).where(on).values(stopped_at=self._clock())
            await connection.execute(stopped)


def _language() -> str:
    return reader().tag[:LONGEST_TAG]


async def _staff_id(connection: AsyncConnection, email: str) -> int:
    asked = select(staff.c.id).where(staff.c.email == email)
    return int((await connection.execute(asked)).scalar_one())


async def _insert(
    connection: AsyncConnection, site_id: int, staff_id: int, what: str, now: int
) -> None:
    """Add a stopped subscription, unless there is one."""
    row = {
        "site_id": site_id,
        "staff_id": staff_id,
        "what": what,
        "hour": HOUR,
        "silent_hours": SILENT_HOURS,
        "since": now,
        "stopped_at": now,
        "language": _language(),
    }
    same = [_table[name] == row[name] for name in ("site_id", "staff_id", "what")]
    if (await connection.execute(select(_table.id).where(*same))).first() is None:
        await connection.execute(insert(mail_subscriptions).values(row))


def _select() -> Select[Any]:
    chosen = func.coalesce(func.nullif(staff.c.language, ""), _table.language)
    others: dict[str, ColumnElement[str]] = {"email": staff.c.email, "language": chosen}
    columns = [
        others[name] if name in others else _table[name]
        for name in Subscription.__dataclass_fields__
    ]
    joined = mail_subscriptions.join(staff, staff.c.id == _table.staff_id).join(
        sites, sites.c.id == _table.site_id
    )
    return select(*columns).select_from(joined).where(sites.c.deleted_at.is_(None))
