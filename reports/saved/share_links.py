"""Share links in the ledger: made for a site, shown once, stored as a hash, revoked."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock, utc_day
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.goals import Deed, Goal
from askfirst.store.ledger.tables import share_links
from askfirst.store.warehouse.filters.conditions import Segment
from reports.saved.segments import SavedSegment, compile_patterns, read, written

MOST_LINKS = 50
"""Links of one site that still open."""
SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
"""The form of a link's secret: 128 random bits."""
_SHOWN = 4


@dataclass(frozen=True)
class Draft:
    """What a new link opens, for whom, and until when (ms, or None).

    `goals` are those that the segment asks for, of which the link keeps a copy as well.
    """

    name: str
    segment: SavedSegment | None
    goals: tuple[Goal, ...]
    password_hash: str
    embedded_in: tuple[str, ...]
    expires_at: int | None
    files: bool = False


@dataclass(frozen=True)
class ShareLink:
    """A share link as it is stored; `start` are the first letters of its secret.

    `segment` is a copy of the conditions of the time when it was made, and `goals` of the goals
    that they ask for. `password_hash` is '' where
    it takes no password. `used_day` is the UTC day on which it was opened last, or ''.
    """

    id: int
    site_id: int
    name: str
    start: str
    segment_id: int | None
    segment_name: str
    segment: Segment
    goals: tuple[Goal, ...]
    password_hash: str
    embedded_in: tuple[str, ...]
    made_by: str
    made_at: int
    expires_at: int | None
    revoked_at: int | None
    used_day: str
    files: bool = False
    """Whether its lists and its chart are offered as files."""

    def is_open(self, now: int) -> bool:
        """Return whether it is neither revoked nor expired at a time (ms)."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    @property
    def used_at(self) -> int | None:
        """The first millisecond of the day of its last use, or None."""
        if not self.used_day:
            return None
        return (date.fromisoformat(self.used_day) - date(1970, 1, 1)).days * DAY_MS


class ShareLinks:
    """Makes, lists, finds and revokes share links."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def make(
        self, connection: AsyncConnection, site_id: int, draft: Draft, who: str
    ) -> str | None:
        """Make a link within a transaction and return its secret; None where there are too many."""
        table, now = share_links.c, self._clock()
        is_open = table.revoked_at.is_(None) & (func.coalesce(table.expires_at, now + 1) > now)
        counted = select(func.count()).where(table.site_id == site_id, is_open)
        if (await connection.execute(counted)).scalar_one() >= MOST_LINKS:
            return None
        secret = secrets.token_urlsafe(16)
        of = draft.segment
        row = {
            "site_id": site_id,
            "secret_hash": _hash(secret),
            "name": draft.name,
            "start": secret[:_SHOWN],
            "segment_id": of.id if of else None,
            "segment_name": of.name if of else "",
            "conditions": {
                **written(of.segment if of else Segment()),
                "goals": [asdict(one) for one in draft.goals],
            },
            "password_hash": draft.password_hash,
            "embedded_in": list(draft.embedded_in),
            "made_by": who,
            "made_at": now,
            "expires_at": draft.expires_at,
            "files": draft.files,
        }
        await connection.execute(insert(share_links).values(row))
        return secret

    async def revoke(self, connection: AsyncConnection, site_id: int, number: int) -> bool:
        """Revoke a site's link within a transaction; return whether it was not revoked before.

        The row stays: its address then says that it opens nothing any more.
        """
        table = share_links.c
        mine = (table.site_id == site_id) & (table.id == number) & table.revoked_at.is_(None)
        done = update(share_links).where(mine).values(revoked_at=self._clock())
        return bool((await connection.execute(done)).rowcount)

    async def of(self, site_id: int) -> tuple[ShareLink, ...]:
        """Return the links of a site that still open, the newest first."""
        table, now = share_links.c, self._clock()
        mine = _asked().where(table.site_id == site_id).order_by(table.id.desc())
        async with self._ledger.read() as connection:
            found = _read((await connection.execute(mine)).all())
        await compile_patterns([one.segment for one in found])
        return tuple(one for one in found if one.is_open(now))

    async def find(self, secret: str) -> ShareLink | None:
        """Return the link of a secret, also one that opens nothing any more; else None."""
        if not SECRET.fullmatch(secret):
            return None
        mine = _asked().where(share_links.c.secret_hash == _hash(secret))
        async with self._ledger.read() as connection:
            found = _read((await connection.execute(mine)).all())
        return found[0] if found else None

    async def used(self, link: ShareLink) -> None:
        """Note the day on which a link is opened, once a day; nobody's name or address."""
        today = utc_day(self._clock())
        if link.used_day == today:
            return
        with suppress(SQLAlchemyError):  # a full disk keeps nobody from reading
            async with self._ledger.write() as connection:
                mine = update(share_links).where(share_links.c.id == link.id)
                await connection.execute(mine.values(used_day=today))


_FIELDS = tuple(ShareLink.__dataclass_fields__)


def _asked() -> Select[tuple[object, ...]]:
    stored = ("conditions" if name == "segment" else name for name in _FIELDS if name != "goals")
    return select(*(share_links.c[name] for name in stored))


def _read(rows: Sequence[Row[tuple[object, ...]]]) -> list[ShareLink]:
    found = []
    for row in rows:
        fields = dict(row._mapping)
        conditions = fields.pop("conditions")
        fields["segment"] = read(conditions)
        fields["goals"] = tuple(_goal(one) for one in conditions.get("goals", ()))
        fields["embedded_in"] = tuple(fields["embedded_in"])
        found.append(ShareLink(**fields))
    return found


def _goal(stored: Mapping[str, Any]) -> Goal:
    return Goal(**{**stored, "deed": Deed(**stored["deed"])})


def _hash(secret: str) -> bytes:
    """Return the SHA-256 of 128 random bits: nothing slower is needed for what nobody guesses."""
    return hashlib.sha256(secret.encode("ascii")).digest()
