"""Messages that accounts of visitors ask for: the kinds, which are offered, and who wants which."""

import hmac
from collections.abc import Collection, Mapping
from contextlib import suppress

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.tables import account_messages, offered_messages, visitor_accounts
from askfirst.system.sealing import NotSealedHere, Sealing

POLICY = "policy"
"""Askfirst itself sends these: the privacy policy has changed. Every site offers them."""
OWN: Mapping[str, str] = {
    "news": "News",
    "offers": "Offers",
    "events": "Events",
    "surveys": "Surveys",
}
"""The kinds that an owner may offer and sends without Askfirst, with what staff call them."""
LONGEST_WORDS = 300
_STOP = "stop"
_MAC = 32  # hexadecimal digits: 128 bits


async def offered_by(connection: AsyncConnection, site_id: int) -> dict[str, str]:
    """Return the kinds that a site offers beside `POLICY`, with the owner's words about each."""
    columns = offered_messages.c
    asked = select(columns.kind, columns.words).where(columns.site_id == site_id)
    found = {row.kind: row.words for row in await connection.execute(asked)}
    return {kind: found[kind] for kind in OWN if kind in found}


async def offer(connection: AsyncConnection, site_id: int, kinds: Mapping[str, str]) -> None:
    """Let a site offer these kinds and no others, with words about each."""
    await connection.execute(delete(offered_messages).where(offered_messages.c.site_id == site_id))
    rows = [{"site_id": site_id, "kind": kind, "words": words} for kind, words in kinds.items()]
    if rows:
        await connection.execute(insert(offered_messages), rows)


async def wanted_by(connection: AsyncConnection, account_id: str) -> set[str]:
    """Return the kinds that an account has turned on."""
    columns = account_messages.c
    mine = select(columns.kind).where(columns.account_id == account_id)
    return set((await connection.execute(mine)).scalars())


async def choose(
    connection: AsyncConnection, account_id: str, wanted: Collection[str], now: int
) -> None:
    """Turn on what is wanted and the others off; what was on already keeps its time."""
    on, columns = await wanted_by(connection, account_id), account_messages.c
    mine = columns.account_id == account_id
    await connection.execute(delete(account_messages).where(mine & columns.kind.not_in(wanted)))
    rows = [
        {"account_id": account_id, "kind": kind, "since": now} for kind in sorted(set(wanted) - on)
    ]
    if rows:
        await connection.execute(insert(account_messages), rows)


async def turn_off(connection: AsyncConnection, account_id: str, kind: str) -> None:
    """Turn off one kind of an account."""
    columns = account_messages.c
    mine = (columns.account_id == account_id) & (columns.kind == kind)
    await connection.execute(delete(account_messages).where(mine))


async def addresses_wanting(
    connection: AsyncConnection, sealing: Sealing, site_id: int, kind: str
) -> dict[str, str]:
    """Return the confirmed addresses of those who want a kind, by account, oldest wish first.

    An account that the key of this server does not open is left out: `askfirst check` tells of it.
    """
    wish, account = account_messages.c, visitor_accounts.c
    asked = (
        select(account.id, account.email)
        .join(account_messages, wish.account_id == account.id)
        .where(account.site_id == site_id, wish.kind == kind, account.confirmed_at.is_not(None))
        .order_by(wish.since, account.id)
    )
    found: dict[str, str] = {}
    for number, email in await connection.execute(asked):
        with suppress(NotSealedHere):
            found[number] = sealing.open(email, email_place(number))
    return found


def stop_token(sealing: Sealing, account_id: str, kind: str) -> str:
    """Return by what a link turns off one kind of an account, and nothing else."""
    return f"{account_id}-{kind}-{_mac(sealing, account_id, kind)}"


def read_stop_token(sealing: Sealing, token: str) -> tuple[str, str] | None:
    """Return account and kind of a link; None for what this server did not make."""
    account_id, _, rest = token.partition("-")
    kind, _, mac = rest.partition("-")
    expected = _mac(sealing, account_id, kind)
    fits = hmac.compare_digest(mac.encode("utf-8", "replace"), expected.encode())
    return (account_id, kind) if fits else None


def _mac(sealing: Sealing, account_id: str, kind: str) -> str:
    return sealing.hash(f"{account_id}:{kind}", _STOP).hex()[:_MAC]
