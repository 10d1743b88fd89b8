"""Hashes of passwords: argon2id, few at a time, and as slow where there is no account."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from askfirst.sign_in.client import OURSELVES, ClientKey
from askfirst.sign_in.password_queue import PasswordQueue
from askfirst.sign_in.passwords import plain_password


class PasswordHashes:
    """Hashes and checks passwords in threads, behind one short queue."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._queue = PasswordQueue()
        self._nobody: str | None = None
        self._making = asyncio.Lock()

    async def hash(self, password: str, client_key: ClientKey = OURSELVES) -> str:
        """Hash a password in a thread; raises `Unavailable` where too many ask."""
        async with self._queue.passing(client_key):
            return await asyncio.to_thread(self._hasher.hash, plain_password(password))

    async def fits(
        self, known: str | None, password: str, client_key: ClientKey = OURSELVES
    ) -> bool:
        """Return whether a password is that of a hash; raises `Unavailable` where too many ask.

        The work is the same where there is none, so that the time tells nobody who has one.
        """
        stand_in = await self._stand_in()
        # Passwords of older accounts may have been hashed as typed.
        ways = dict.fromkeys((plain_password(password), password))
        async with self._queue.passing(client_key):
            fits = await asyncio.to_thread(self._fits_one_of, known or stand_in, ways)
        return fits and bool(known)

    async def _stand_in(self) -> str:
        async with self._making:
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            return self._nobody

    def _fits_one_of(self, known: str, ways: Iterable[str]) -> bool:
        for way in ways:
            with suppress(VerificationError, InvalidHashError):
                return self._hasher.verify(known, way)
        return False
