"""An account of a visitor, put into the ledger as registering does."""

from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from askfirst.store.ledger.accounts.places import email_hash, email_place
from askfirst.store.ledger.tables import account_browsers, visitor_accounts, visitor_mails
from tests.consent.conftest import Room
from tests.reports.garden import Garden

ADA, BEN = "ada@example.com", "ben@example.com"


async def an_account(
    room: Room | Garden, email: str = ADA, language: str = "en", **facts: Any
) -> str:
    """Add a confirmed account and return its id; `browser` is a visitor id that it joins."""
    number, browser = sha256(email.encode()).hexdigest()[:32], facts.pop("browser", "")
    sealing, now = room.deps.sealing, room.clock()
    row = {
        "id": number,
        "site_id": room.site.id,
        "email_hash": email_hash(sealing, room.site.id, email),
        "email": sealing.seal(email, email_place(number)),
        "language": language,
        "created_at": now,
        "confirmed_at": now,
        **facts,
    }
    joined = {"site_id": room.site.id, "account_id": number, "joined_at": now}
    async with room.deps.ledger.write() as connection:
        await connection.execute(insert(visitor_accounts).values(row))
        if browser:
            row = joined | {"visitor_id": browser}
            await connection.execute(insert(account_browsers).values(row))
    return number


async def mails_of(room: Room) -> list[dict[str, Any]]:
    """Return every mail to visitors as stored, the oldest first."""
    asked = select(visitor_mails).order_by(visitor_mails.c.id)
    async with room.deps.ledger.read() as connection:
        return [dict(row) for row in (await connection.execute(asked)).mappings()]
