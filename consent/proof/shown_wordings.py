"""The wordings that were shown to visitors who accepted: each is stored once, by its hash."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.sites.policies import content_hash
from askfirst.store.ledger.tables import wordings


async def store_wording(connection: AsyncConnection, shown: Mapping[str, Any]) -> None:
    """Store a wording as `consent.policy.wording.wording` returns it, unless it is stored.

    It could be rendered again from the policy, but a later release may write a date or a duration
    differently; this copy stays true.
    """
    known = select(wordings.c.hash).where(wordings.c.hash == shown["hash"])
    if (await connection.execute(known)).first() is None:
        words = {name: part for name, part in shown.items() if name != "hash"}
        await connection.execute(insert(wordings).values(hash=shown["hash"], texts=words))


async def stored_wording(connection: AsyncConnection, notice_hash: str) -> dict[str, Any] | None:
    """Return the wording whose hash a consent record names, or None where none was stored.

    Raises `ValueError` where the stored words do not have this hash.
    """
    chosen = select(wordings.c.texts).where(wordings.c.hash == notice_hash)
    words = (await connection.execute(chosen)).scalar_one_or_none()
    if words is None:
        return None
    if content_hash(words) != notice_hash:
        raise ValueError("The stored words are not those of this hash.")
    return {**words, "hash": notice_hash}
