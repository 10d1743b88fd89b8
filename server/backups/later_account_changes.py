"""What became of visitors' accounts after a backup: closed, moved, and what was taken out."""

import re
import secrets
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.accounts.removals import (
    ADDRESS,
    browser_part,
    field_part,
    keep_removed,
    removal_number,
)
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.rights.account_deletion import delete_accounts
from askfirst.store.ledger.tables import (
    account_browsers,
    account_fields,
    account_removals,
    visitor_accounts,
)
from server.backups.decision_words import NUMBER, TIME

_HASH = re.compile(r"[0-9a-f]{64}")
_SEALED = re.compile(r"(?:[0-9a-f]{2}){29,1100}")
_ACCOUNTS = visitor_accounts.c


class TakenOut(NamedTuple):
    """A value or a browser that is out of an account since a time (ms), by a number."""

    number: str
    at: int

    def line(self) -> str:
        """Return it as a line of a list of decisions."""
        return f"taken-out {self.number} {self.at}"


class Moved(NamedTuple):
    """The address of an account since a time (ms): its keyed hash, and it sealed, in hexadecimal.

    Without the key of the server neither says anything.
    """

    number: str
    at: int
    email_hash: str
    email: str

    def line(self) -> str:
        """Return it as a line of a list of decisions."""
        return f"moved {self.number} {self.at} {self.email_hash} {self.email}"


AccountChange = TakenOut | Moved


def account_change_of(words: list[str]) -> AccountChange | None:
    """Return the change that a line says, or None where it is none."""
    match words:
        case ["taken-out", number, at] if _is_of(number, at):
            return TakenOut(number, int(at))
        case ["moved", number, at, hashed, sealed] if (
            _is_of(number, at) and _HASH.fullmatch(hashed) and _SEALED.fullmatch(sealed)
        ):
            return Moved(number, int(at), hashed, sealed)
    return None


def _is_of(number: str, at: str) -> bool:
    return bool(NUMBER.fullmatch(number) and TIME.fullmatch(at))


async def account_changes_in(connection: AsyncConnection) -> frozenset[AccountChange]:
    """Return the changes of accounts in a ledger; an older one has none."""
    if not await connection.run_sync(lambda one: inspect(one).has_table("account_removals")):
        return frozenset()
    removed = account_removals.c
    rows = (await connection.execute(select(removed.number, removed.removed_at))).all()
    times: dict[str, int] = {row.number: row.removed_at for row in rows}
    found: set[AccountChange] = set()
    for row in (await connection.execute(select(visitor_accounts))).all():
        number = removal_number(row.site_id, row.id, ADDRESS)
        if at := times.pop(number, None):
            found.add(Moved(number, at, row.email_hash.hex(), row.email.hex()))
    return frozenset(found | {TakenOut(*one) for one in times.items()})


async def close_accounts(ledger: Ledger, erased: Collection[str]) -> int:
    """Delete the accounts whose number, hashed, is among those of erasures; return how many."""
    columns = (visitor_accounts.c.site_id, visitor_accounts.c.id)
    async with ledger.write() as connection:
        rows = (await connection.execute(select(*columns))).all()
        gone = [row.id for row in rows if receipt_id_of(row.site_id, row.id) in erased]
        await delete_accounts(connection, gone)
    return len(gone)


async def change_accounts(ledger: Ledger, decided: Iterable[AccountChange]) -> int:
    """Take out of accounts what was taken out of them, and move them; return how many changes."""
    newest = {one.number: one for one in sorted(decided, key=lambda each: each.at)}
    if not newest:
        return 0
    out = {number: one.at for number, one in newest.items() if isinstance(one, TakenOut)}
    async with ledger.write() as connection:
        done = await _take_out_fields(connection, out) + await _part(connection, out)
        moved = {number: one for number, one in newest.items() if isinstance(one, Moved)}
        return done + await _move(connection, moved)


async def _take_out_fields(connection: AsyncConnection, out: dict[str, int]) -> int:
    columns, done = account_fields.c, 0
    asked = select(_ACCOUNTS.site_id, columns.account_id, columns.field, columns.changed_at)
    joined = asked.join(account_fields, columns.account_id == _ACCOUNTS.id)
    for site_id, account_id, field, changed_at in (await connection.execute(joined)).all():
        number = removal_number(site_id, account_id, field_part(field))
        if changed_at < out.get(number, 0):
            mine = (columns.account_id == account_id) & (columns.field == field)
            await connection.execute(delete(account_fields).where(mine))
            await keep_removed(connection, site_id, {number: out[number]})
            done += 1
    return done


async def _part(connection: AsyncConnection, out: dict[str, int]) -> int:
    columns, done = account_browsers.c, 0
    rows = (await connection.execute(select(account_browsers))).all()
    for row in rows:
        number = removal_number(row.site_id, row.account_id, browser_part(row.visitor_id))
        if row.joined_at <= out.get(number, 0):
            mine = (columns.account_id == row.account_id) & (columns.visitor_id == row.visitor_id)
            await connection.execute(delete(account_browsers).where(mine))
            await keep_removed(connection, row.site_id, {number: out[number]})
            done += 1
    return done


async def _move(connection: AsyncConnection, moved: dict[str, Moved]) -> int:
    """Give accounts their later addresses; who has one of them in the backup has it no more."""
    rows = (await connection.execute(select(_ACCOUNTS.site_id, _ACCOUNTS.id))).all()
    known = {(site_id, one): removal_number(site_id, one, ADDRESS) for site_id, one in rows}
    later = {whose: moved[number] for whose, number in known.items() if number in moved}
    late = [(*whose, said) for whose, said in later.items() if await _is_later(connection, said)]
    for _, account_id, _said in late:  # addresses may have been swapped: first nobody has one
        await _set(connection, account_id, {"email_hash": secrets.token_bytes(32)})
    for site_id, account_id, said in late:
        hashed = bytes.fromhex(said.email_hash)
        others = (_ACCOUNTS.site_id == site_id) & (_ACCOUNTS.email_hash == hashed)
        taken = await connection.scalars(select(_ACCOUNTS.id).where(others))
        await delete_accounts(connection, list(taken))
        values = {"email_hash": hashed, "email": bytes.fromhex(said.email)}
        await _set(connection, account_id, values)
        await keep_removed(connection, site_id, {said.number: said.at})
    return len(late)


async def _is_later(connection: AsyncConnection, said: Moved) -> bool:
    removed = account_removals.c
    at = await connection.scalar(select(removed.removed_at).where(removed.number == said.number))
    return (at or 0) < said.at


async def _set(connection: AsyncConnection, account_id: str, values: dict[str, bytes]) -> None:
    await connection.execute(
        update(visitor_accounts).where(_ACCOUNTS.id == account_id).values(values)
    )
