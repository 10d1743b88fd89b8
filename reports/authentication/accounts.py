"""Accounts of staff, and how their passwords are stored and checked."""

from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.sign_in.client import OURSELVES, ClientKey
from askfirst.sign_in.password_hashes import PasswordHashes
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import staff
from reports.authentication.one_time_codes import end_codes
from reports.authentication.sessions import end_sessions


@dataclass(frozen=True)
class Account:
    """One account as the ledger has it."""

    id: int
    email: str
    password_hash: str


class Accounts:
    """Staff accounts in the ledger; passwords are stored as argon2id hashes only."""

    def __init__(self, ledger: Ledger, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._ledger = ledger
        self._clock = clock
        self._hashes = PasswordHashes(hasher)

    async def any(self) -> bool:
        """Return whether there is any account."""
        async with self._ledger.read() as connection:
            return await count_staff(connection) > 0

    async def find(self, email: str) -> Account | None:
        """Return the account of an email address, or None."""
        columns = (staff.c.id, staff.c.email, staff.c.password_hash)
        async with self._ledger.read() as connection:
            row = (await connection.execute(select(*columns).where(staff.c.email == email))).first()
        return Account(*row) if row else None

    async def all(self) -> list[Account]:
        """Return every account, sorted by email address."""
        columns = (staff.c.id, staff.c.email, staff.c.password_hash)
        async with self._ledger.read() as connection:
            rows = await connection.execute(select(*columns).order_by(staff.c.email))
            return [Account(*row) for row in rows]

    async def by_id(self, staff_id: int) -> Account | None:
        """Return the account of a number, or None."""
        return next((one for one in await self.all() if one.id == staff_id), None)

    async def change(
        self,
        connection: AsyncConnection,
        account: Account,
        email: str | None = None,
        password_hash: str | None = None,
    ) -> Account | None:
        """Change an account within a transaction; all its sessions and one-time codes end.

        None, and nothing is changed, where the password has changed since `account` was read:
        whoever proved the old one has proved nothing.
        """
        changed_at = None if password_hash is None else self._clock()
        values = {
            "email": email,
            "password_hash": password_hash,
            "password_changed_at": changed_at,
        }
        changes = {name: value for name, value in values.items() if value is not None}
        changed = await connection.execute(update(staff).where(_as_read(account)).values(changes))
        if not changed.rowcount:
            return None
        await end_sessions(connection, account.id)
        await end_codes(connection, account.id)
        return Account(account.id, email or account.email, password_hash or account.password_hash)

    async def hash(self, password: str) -> str:
        """Hash a password in a thread."""
        return await self._hashes.hash(password)

    async def add(self, connection: AsyncConnection, email: str, password_hash: str) -> int:
        """Add an account within a transaction and return its number."""
        values = {
            "email": email,
            "password_hash": password_hash,
            "created_at": self._clock(),
        }
        added = await connection.execute(insert(staff).values(values))
        return int(added.inserted_primary_key[0])  # type: ignore[index]

    async def fits(
        self, account: Account | None, password: str, client_key: ClientKey = OURSELVES
    ) -> bool:
        """Return whether a password is that of an account; raises `Unavailable` where too many ask.

        The work is the same where there is no account, so that the time tells nobody who has one.
        """
        known = account.password_hash if account else None
        return await self._hashes.fits(known, password, client_key)


async def has_not_changed(connection: AsyncConnection, account: Account) -> bool:
    """Return within a transaction whether the password is the one that `account` was read with."""
    return (
        await connection.execute(select(staff.c.id).where(_as_read(account)))
    ).first() is not None


def _as_read(account: Account) -> ColumnElement[bool]:
    return (staff.c.id == account.id) & (staff.c.password_hash == account.password_hash)


async def count_staff(connection: AsyncConnection) -> int:
    """Return the number of accounts."""
    return int((await connection.execute(select(func.count()).select_from(staff))).scalar_one())
