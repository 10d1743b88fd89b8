"""What a visitor may volunteer to a site, what its owner asks for and why, sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.accounts.places import field_place
from askfirst.store.ledger.accounts.removals import field_part, note_removed
from askfirst.store.ledger.tables import account_fields, asked_fields
from askfirst.system.sealing import NotSealedHere, Sealing

FIELDS: Mapping[str, str] = {
    "name": "Name",
    "address": "Postal address",
    "telephone": "Telephone",
    "postal_code": "Postal code",
    "age_band": "Age band",
    "gender": "Gender",
    "preferences": "Preferences",
    "interests": "Interests",
}
"""Each field with what staff call it, in the order of the pages."""
LONGEST_REASON = 300


@dataclass(frozen=True)
class AskedField:
    """A field that an owner asks for, and why."""

    field: str
    reason: str


async def asked_of(connection: AsyncConnection, site_id: int) -> list[AskedField]:
    """Return what a site asks for, in its order."""
    columns = asked_fields.c
    asked = select(columns.field, columns.reason).where(columns.site_id == site_id)
    rows = await connection.execute(asked.order_by(columns.place))
    return [AskedField(*row) for row in rows if row.field in FIELDS]


async def ask(connection: AsyncConnection, site_id: int, asked: Sequence[AskedField]) -> None:
    """Let a site ask for these fields and no others; what was volunteered before stays."""
    await connection.execute(delete(asked_fields).where(asked_fields.c.site_id == site_id))
    rows = [
        {"site_id": site_id, "field": one.field, "place": place, "reason": one.reason}
        for place, one in enumerate(asked)
    ]
    if rows:
        await connection.execute(insert(asked_fields), rows)


async def volunteered(
    connection: AsyncConnection, sealing: Sealing, account_id: str
) -> dict[str, str | None]:
    """Return what an account has volunteered, by field; None for what this key does not open."""
    columns = account_fields.c
    mine = select(columns.field, columns.value).where(columns.account_id == account_id)
    found = {row.field: row.value for row in await connection.execute(mine)}
    return {
        name: _opened(sealing, found[name], field_place(account_id, name))
        for name in FIELDS
        if name in found
    }


def _opened(sealing: Sealing, sealed: bytes, place: str) -> str | None:
    try:
        return sealing.open(sealed, place)
    except NotSealedHere:  # the seed was replaced: the visitor may remove it, or type it again
        return None


async def keep_field(
    connection: AsyncConnection, sealing: Sealing, account_id: str, what: tuple[str, str], now: int
) -> None:
    """Store a field with its value in place of what it was; '' removes it.

    What was there is noted as gone; a value that is the same stays with the time of its change.
    """
    field, value = what
    columns, place = account_fields.c, field_place(account_id, field)
    mine = (columns.account_id == account_id) & (columns.field == field)
    sealed = await connection.scalar(select(columns.value).where(mine))
    if sealed is not None:
        if value and _opened(sealing, sealed, place) == value:
            return
        await connection.execute(delete(account_fields).where(mine))
        await note_removed(connection, account_id, [field_part(field)], now)
    if value:
        row = {"account_id": account_id, "field": field, "changed_at": now}
        row |= {"value": sealing.seal(value, place)}
        await connection.execute(insert(account_fields).values(row))
