"""Sessions of signed-in staff: kept on the server, known to the browser by a secret alone."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import Clock
from askfirst.store.ledger import Ledger
from askfirst.store.tables import sessions, staff

COOKIE = "askfirst_staff"
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Session:
    """Who is signed in, and the secret that this person's forms carry."""

    staff_id: int
    email: str
    csrf: str


def secret_hash(secret: str) -> bytes:
    """Give the SHA-256 of a secret, which is all that the ledger keeps of it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, ledger: Ledger, clock: Clock, hours: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._life_ms = hours * HOUR_MS

    async def open(self, staff_id: int) -> str:
        """Open a session and give the secret for the cookie; expired sessions are removed."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        row = {
            "id_hash": secret_hash(secret),
            "staff_id": staff_id,
            "csrf": secrets.token_urlsafe(32),
            "created_at": now,
            "expires_at": now + self._life_ms,
        }
        async with self._ledger.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(insert(sessions).values(row))
        return secret

    async def find(self, request: Request) -> Session | None:
        """Give the living session of a request, or None."""
        if not (secret := request.cookies.get(COOKIE)):
            return None
        mine = (sessions.c.id_hash == secret_hash(secret)) & (sessions.c.expires_at > self._clock())
        columns = (staff.c.id, staff.c.email, sessions.c.csrf)
        joined = select(*columns).select_from(sessions.join(staff)).where(mine)
        async with self._ledger.read() as connection:
            row = (await connection.execute(joined)).first()
        return Session(*row) if row else None

    async def close(self, request: Request) -> None:
        """End the session of a request, if there is one."""
        if secret := request.cookies.get(COOKIE):
            gone = delete(sessions).where(sessions.c.id_hash == secret_hash(secret))
            async with self._ledger.write() as connection:
                await connection.execute(gone)

    def give(self, request: Request, response: Response, secret: str) -> None:
        """Put the secret into the answer's cookie, which no script can read."""
        response.set_cookie(
            COOKIE,
            secret,
            max_age=self._life_ms // 1000,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
