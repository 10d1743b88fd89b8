"""Who on the website's staff opened what an account holds, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from askfirst.sites import Site
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import disclosures
from consent.policy.languages.times import LocalTimes

FIELDS_OPENED, ADDRESSES_TAKEN = "opened account", "exported addresses"
"""What staff did, as `reports` writes it."""


@dataclass(frozen=True)
class AccountLook:
    """One entry: who did what on which day, and the reason, '' where none had to be given."""

    who: str
    what: str
    day: str
    reason: str


async def looks_at(
    ledger: Ledger, site: Site, account_id: str, words: Mapping[str, str], tag: str
) -> tuple[AccountLook, ...]:
    """Return the entries about an account itself, the newest first."""
    columns = disclosures.c
    mine = (columns.site_id == site.id) & (columns.visitor_id == account_id)
    said = {FIELDS_OPENED: words["seen_fields"], ADDRESSES_TAKEN: words["seen_addresses"]}
    async with ledger.read() as connection:
        asked = select(disclosures).where(mine).order_by(columns.id.desc())
        rows = (await connection.execute(asked)).mappings().all()
    times = LocalTimes(tag, site.time_zone)
    return tuple(
        AccountLook(
            row["to_whom"],
            said.get(row["what"], row["what"]),
            times.day(row["disclosed_at"]),
            row["reason"],
        )
        for row in rows
    )
