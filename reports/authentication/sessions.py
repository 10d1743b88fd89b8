"""Sessions of signed-in staff: stored on the server; the browser only holds a secret."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import Clock
from askfirst.settings import Settings
from askfirst.sign_in.cookies import PrivateCookie
from askfirst.sign_in.outcomes import Outcomes
from askfirst.sign_in.secret_hash import secret_hash
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import sessions, staff

HOUR_MS = 3_600_000
SEEN_EVERY_MS = 5 * 60_000
"""How often a session's last use is stored: seldom, because each write costs a sync."""


@dataclass(frozen=True)
class Session:
    """Who is signed in, the secret that their forms carry, and the hash that names the session."""

    staff_id: int
    email: str
    csrf: str
    id_hash: bytes
    language: str = ""
    """The tag of the language that their dates are written in, '' for that of the browser."""


@dataclass(frozen=True)
class OpenSession:
    """A session in the list of its owner; `name` is the hash of its secret in hexadecimal."""

    name: str
    browser: str
    created_at: int
    seen_at: int


class Sessions:
    """Opens, finds, lists and ends sessions."""

    def __init__(self, ledger: Ledger, clock: Clock, settings: Settings) -> None:
        self._ledger = ledger
        self._clock = clock
        self._settings = settings
        self._life_ms = settings.session_hours * HOUR_MS
        self._cookie = PrivateCookie("askfirst_staff", self._life_ms // 1000, settings)

    async def open(self, connection: AsyncConnection, staff_id: int, browser: str = "") -> str:
        """Open a session within a transaction and return the secret for the cookie.

        Expired sessions are removed. The caller checks, in the same transaction, that the account
        still has the password that was proved.
        """
        secret, now = secrets.token_urlsafe(32), self._clock()
        row = {
            "id_hash": secret_hash(secret),
            "staff_id": staff_id,
            "csrf": secrets.token_urlsafe(32),
            "created_at": now,
            "expires_at": now + self._life_ms,
            "browser": browser[:64],
            "seen_at": now,
        }
        await connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        await connection.execute(insert(sessions).values(row))
        return secret

    async def find(self, request: Request) -> Session | None:
        """Return the open session of a request, or None."""
        if not (secret := self._cookie.read(request)):
            return None
        now = self._clock()
        mine = (sessions.c.id_hash == secret_hash(secret)) & (sessions.c.expires_at > now)
        columns = (staff.c.id, staff.c.email, sessions.c.csrf, sessions.c.id_hash, staff.c.language)
        joined = select(*columns, sessions.c.seen_at)
        async with self._ledger.read() as connection:
            found = joined.select_from(sessions.join(staff)).where(mine)
            row = (await connection.execute(found)).first()
        if row is None:
            return None
        if now - (row.seen_at or 0) >= SEEN_EVERY_MS:
            await self._seen(row.id_hash, now)
        return Session(*row[:5])

    async def _seen(self, id_hash: bytes, now: int) -> None:
        # A full disk must not keep staff from reading pages.
        with suppress(SQLAlchemyError):
            async with self._ledger.write() as connection:
                mine = update(sessions).where(sessions.c.id_hash == id_hash)
                await connection.execute(mine.values(seen_at=now))

    async def living(self, staff_id: int) -> list[OpenSession]:
        """Return the open sessions of an account, the last used first."""
        columns = (
            sessions.c.id_hash,
            sessions.c.browser,
            sessions.c.created_at,
            sessions.c.seen_at,
        )
        theirs = (sessions.c.staff_id == staff_id) & (sessions.c.expires_at > self._clock())
        async with self._ledger.read() as connection:
            rows = (await connection.execute(select(*columns).where(theirs))).all()
        found = [
            OpenSession(row[0].hex(), row[1], row[2], row[2] if row[3] is None else row[3])
            for row in rows
        ]
        return sorted(found, key=lambda one: one.seen_at, reverse=True)

    async def close(self, connection: AsyncConnection, request: Request) -> None:
        """End the session of a request within a transaction, if there is one."""
        if secret := self._cookie.read(request):
            gone = delete(sessions).where(sessions.c.id_hash == secret_hash(secret))
            await connection.execute(gone)

    def set_cookie(self, request: Request, response: Response, secret: str) -> None:
        """Set the cookie with the secret, which no script can read."""
        self._cookie.set_cookie(request, response, secret)

    def take_back(self, request: Request, response: Response) -> None:
        """Delete the cookie from the browser."""
        self._cookie.take_back(request, response)

    def outcomes(self) -> Outcomes:
        """Return what proves to a page that an act of its session led there."""
        return Outcomes("askfirst_done", self._cookie, self._settings)


async def end_session(connection: AsyncConnection, staff_id: int, name: str) -> int:
    """End one session of an account by its name within a transaction; return how many: 0 or 1."""
    try:
        id_hash = bytes.fromhex(name)
    except ValueError:
        return 0
    mine = (sessions.c.staff_id == staff_id) & (sessions.c.id_hash == id_hash)
    return (await connection.execute(delete(sessions).where(mine))).rowcount


async def end_sessions(connection: AsyncConnection, staff_id: int, but: bytes = b"") -> int:
    """End every session of an account within a transaction, except one; return how many."""
    theirs = (sessions.c.staff_id == staff_id) & (sessions.c.id_hash != but)
    return (await connection.execute(delete(sessions).where(theirs))).rowcount
