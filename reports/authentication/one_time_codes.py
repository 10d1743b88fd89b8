"""One-time codes: one creates the owner, another sets a new password of an account.

A code follows `#` in its link: browsers do not send that part, so no server logs it.
"""

import secrets
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS
from askfirst.sign_in.pasted_code import code_in
from askfirst.sign_in.secret_hash import secret_hash
from askfirst.store.ledger.tables import setup_links

SETUP_LIFE_MS = DAY_MS
RESET_LIFE_MS = 3_600_000


async def new_code(
    connection: AsyncConnection, now: int, life_ms: int, staff_id: int | None = None
) -> str:
    """Create a code within a transaction, for an account or for the first owner.

    It is valid for `life_ms` from `now` and ends every older code of the same account.
    """
    code = secrets.token_urlsafe(32)
    row = {
        "token_hash": secret_hash(code),
        "created_at": now,
        "expires_at": now + life_ms,
        "staff_id": staff_id,
    }
    await end_codes(connection, staff_id)
    await connection.execute(insert(setup_links).values(row))
    return code


async def is_setup_code(connection: AsyncConnection, code: str, now: int) -> bool:
    """Return whether a code may create the owner now."""
    found = _good(code, now).where(setup_links.c.staff_id.is_(None))
    return (await connection.execute(found)).first() is not None


async def account_of_code(connection: AsyncConnection, code: str, now: int) -> int | None:
    """Return the number of the account whose password a code may set now, or None."""
    row = (await connection.execute(_good(code, now))).first()
    return row.staff_id if row else None


async def end_codes(connection: AsyncConnection, staff_id: int | None) -> None:
    """End every code of an account, or those that create the owner, within a transaction."""
    theirs = setup_links.c.staff_id.is_not_distinct_from(staff_id)
    await connection.execute(delete(setup_links).where(theirs))


def _good(code: str, now: int) -> Select[Any]:
    return select(setup_links.c.staff_id).where(
        setup_links.c.token_hash == secret_hash(code_in(code)), setup_links.c.expires_at > now
    )
