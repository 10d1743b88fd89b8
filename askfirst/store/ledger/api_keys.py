"""The keys of the API: of a site and a scope, shown once, stored as a hash, switched, revoked."""

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock, utc_day
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import api_keys

EVENTS, REPORTS = "events", "reports"
SCOPES = (EVENTS, REPORTS)
"""What a key may do: record events and read nothing, or read reports and record nothing."""
MOST_KEYS = 50
"""Keys of one site."""
_PREFIX = "askfirst_"
_SECRET = re.compile(rf"{_PREFIX}[A-Za-z0-9_-]{{43}}")
_SHOWN = len(_PREFIX) + 4


@dataclass(frozen=True)
class ApiKey:
    """A key as its owner sees it; `start` are the first letters of the secret.

    `used_day` is the UTC day on which it was used last, or ''.
    """

    id: int
    name: str
    start: str
    created_at: int
    used_day: str
    scope: str = EVENTS
    off_since: int | None = None
    """Since when it is switched off, in Unix milliseconds; None where it is on."""

    @property
    def used_at(self) -> int | None:
        """The first millisecond of the day of its last use, or None."""
        if not self.used_day:
            return None
        return (date.fromisoformat(self.used_day) - date(1970, 1, 1)).days * DAY_MS


@dataclass(frozen=True)
class KnownKey:
    """The key that a request carries: its number, that of its site, and whether it is off."""

    id: int
    site_id: int
    is_off: bool = False


class ApiKeys:
    """Makes, lists, finds, switches and revokes keys."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def make(
        self, connection: AsyncConnection, site_id: int, name: str, scope: str = EVENTS
    ) -> str | None:
        """Make a key within a transaction and return its secret; None where there are too many."""
        mine = select(func.count()).where(api_keys.c.site_id == site_id)
        if (await connection.execute(mine)).scalar_one() >= MOST_KEYS:
            return None
        secret = f"{_PREFIX}{secrets.token_urlsafe(32)}"
        row = {"site_id": site_id, "name": name, "scope": scope, "start": secret[:_SHOWN]}
        row |= {"key_hash": _hash(secret), "created_at": self._clock()}
        await connection.execute(insert(api_keys).values(row))
        return secret

    async def revoke(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Delete a site's key within a transaction; return whether there was one."""
        mine = (api_keys.c.site_id == site_id) & (api_keys.c.id == number)
        return bool((await connection.execute(delete(api_keys).where(mine))).rowcount)

    async def switch(
        self, connection: AsyncConnection, site_id: int, number: int, *, on: bool
    ) -> bool:
        """Switch a site's key on or off within a transaction; return whether that changed it."""
        table = api_keys.c
        mine = (table.site_id == site_id) & (table.id == number)
        other = table.off_since.is_not(None) if on else table.off_since.is_(None)
        since = None if on else self._clock()
        changed = update(api_keys).where(mine & other).values(off_since=since)
        return bool((await connection.execute(changed)).rowcount)

    async def of(self, site_id: int) -> tuple[ApiKey, ...]:
        """Return the keys of a site, the newest first."""
        table = api_keys.c
        known = (table.id, table.name, table.start, table.created_at, table.used_day)
        asked = select(*known, table.scope, table.off_since)
        mine = asked.where(table.site_id == site_id).order_by(table.id.desc())
        async with self._ledger.read() as connection:
            return tuple(ApiKey(*row) for row in await connection.execute(mine))

    async def find(self, secret: str, scope: str = EVENTS) -> KnownKey | None:
        """Return the key of a secret in a scope, or None; the day of its use is noted, once a day.

        A key of another scope is none. One that is off is returned as such, and was not used.
        """
        if not _SECRET.fullmatch(secret):
            return None
        table, today = api_keys.c, utc_day(self._clock())
        asked = select(table.id, table.site_id, table.used_day, table.off_since)
        async with self._ledger.read() as connection:
            mine = (table.key_hash == _hash(secret)) & (table.scope == scope)
            row = (await connection.execute(asked.where(mine))).first()
        if row is None:
            return None
        is_off = row.off_since is not None
        if row.used_day != today and not is_off:
            await self._used(row.id, today)
        return KnownKey(row.id, row.site_id, is_off)

    async def _used(self, number: int, day: str) -> None:
        with suppress(SQLAlchemyError):  # a full disk is told where the events are stored
            async with self._ledger.write() as connection:
                mine = update(api_keys).where(api_keys.c.id == number)
                await connection.execute(mine.values(used_day=day))


def _hash(secret: str) -> bytes:
    """Return the SHA-256 of 256 random bits: nothing slower is needed for what nobody guesses."""
    return hashlib.sha256(secret.encode("ascii")).digest()
