"""Published policies: what a version holds, its hash, and how versions are stored and found."""

import hashlib
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import policies, wordings


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One published version: `content` holds its facts and `hash` is their SHA-256.

    `content["texts"]` has the SHA-256 of each language's texts, so the hash covers them.
    """

    site_id: int
    version: int
    content: dict[str, Any]
    hash: str
    published_at: int
    asks_again: int = 1


async def add_version(
    connection: AsyncConnection,
    site_id: int,
    content: dict[str, Any],
    version: int,
    asks_again: int,
    now: int,
) -> None:
    """Store a version of a site's policy, and those of its texts that are new, by their hash."""
    hashes = {tag: content_hash(texts) for tag, texts in content.get("texts", {}).items()}
    words = {digest: content["texts"][tag] for tag, digest in hashes.items()}
    known = select(wordings.c.hash).where(wordings.c.hash.in_(words))
    stored = set(await connection.scalars(known))
    fresh = [{"hash": one, "texts": words[one]} for one in words if one not in stored]
    if fresh:
        await connection.execute(insert(wordings), fresh)
    facts = {**content, "texts": hashes}
    await connection.execute(
        insert(policies).values(
            site_id=site_id,
            version=version,
            asks_again=asks_again,
            content=facts,
            hash=content_hash(facts),
            published_at=now,
        )
    )


def content_hash(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a policy's content, in hexadecimal, over its canonical JSON."""
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


@cache
def newest_policies() -> Any:
    """Return the question for the newest policy of each site."""
    newest = (
        select(policies.c.site_id, func.max(policies.c.version).label("version"))
        .group_by(policies.c.site_id)
        .subquery()
    )
    both = (policies.c.site_id == newest.c.site_id) & (policies.c.version == newest.c.version)
    return select(policies).join(newest, both)


@cache
def min_versions() -> Any:
    """Return the question for each site and the version since which it has not asked again."""
    return (
        select(policies.c.site_id, func.max(policies.c.version))
        .where(policies.c.asks_again == 1)
        .group_by(policies.c.site_id)
    )


def policy_of(row: Any) -> Policy:
    """Return the policy of a row."""
    return Policy(**{name: row[name] for name in Policy.__struct_fields__})
