"""Staff: who they are and how a password is kept and checked."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.store.ledger import Ledger
from askfirst.store.tables import staff
from reports.passwords import plain_password

EMAIL_LONGEST = 254

_AT_ONCE = 2  # one check takes 64 MiB, so a crowd at the door must queue


class Accounts:
    """Staff accounts in the ledger; passwords are kept as argon2id hashes only."""

    def __init__(self, ledger: Ledger, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._ledger = ledger
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def any(self) -> bool:
        """Tell whether there is any account."""
        async with self._ledger.read() as connection:
            return await count_staff(connection) > 0

    async def hash(self, password: str) -> str:
        """Hash a password in a thread."""
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, plain_password(password))

    async def add(self, connection: AsyncConnection, email: str, password_hash: str) -> int:
        """Add an account within a transaction and give its number."""
        values = {
            "email": email,
            "password_hash": password_hash,
            "created_at": self._clock(),
        }
        added = await connection.execute(insert(staff).values(values))
        return int(added.inserted_primary_key[0])  # type: ignore[index]

    async def check(self, email: str, password: str) -> int | None:
        """Give the number of the account with this email and password, or None.

        An unknown email costs the same work, so that the time tells nobody who has an account.
        """
        chosen = select(staff.c.id, staff.c.password_hash).where(staff.c.email == email)
        async with self._ledger.read() as connection:
            row = (await connection.execute(chosen)).first()
        known = row.password_hash if row else await self._stand_in()
        fits = await self._fits(known, password)
        return int(row.id) if row and fits else None

    async def _stand_in(self) -> str:
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        return self._nobody

    async def _fits(self, known: str, password: str) -> bool:
        # Older accounts may have been hashed as typed.
        ways = dict.fromkeys((plain_password(password), password))
        async with self._gate:
            return await asyncio.to_thread(self._fits_one_of, known, ways)

    def _fits_one_of(self, known: str, ways: Iterable[str]) -> bool:
        for way in ways:
            with suppress(VerificationError):
                return self._hasher.verify(known, way)
        return False


async def count_staff(connection: AsyncConnection) -> int:
    """Give the number of accounts."""
    return int((await connection.execute(select(func.count()).select_from(staff))).scalar_one())


def tidy_email(text: str) -> str:
    """Write an email address the way accounts keep it."""
    return text.strip().lower()


def email_error(email: str) -> str | None:
    """Say what is wrong with an email address, or None."""
    name, _, domain = email.rpartition("@")
    good = name and domain and email.isprintable() and " " not in email
    if not good or len(email) > EMAIL_LONGEST:
        return "Write an email address, such as owner@example.org."
    return None
