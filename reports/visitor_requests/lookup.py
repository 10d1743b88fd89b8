"""What a number stands for: a visitor, a consent, one of its records, or an erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import receipt_id_of, rows_by_holder
from askfirst.store.ledger.rights.receipt_codes import consent_of_code
from askfirst.store.ledger.tables import consent_records, erasures
from askfirst.text.reference_numbers import numbers_in
from reports.visitors.consent_rows import Consent, consent_of
from reports.visitors.data_holders import HeldRows, in_words

Kind = Literal["visitor", "record", "consent", "erasure"]
_RECORDS_MOST = 100


@dataclass(frozen=True)
class Erasure:
    """An erasure by its receipt; times are ms since the epoch, None while it is under way.

    `went` are the rows by place, in words, and `rows` is their sum.
    """

    receipt_id: str
    requested_at: int
    completed_at: int | None
    bytes_gone_at: int | None
    rows: int
    went: tuple[HeldRows, ...]


@dataclass(frozen=True)
class LookupResult:
    """What a number stands for; `visitor_id` is '' where what was found names nobody any more."""

    number: str
    kind: Kind
    visitor_id: str = ""
    consents: tuple[Consent, ...] = ()
    erasure: Erasure | None = None


async def look_up(ledger: Ledger, site_id: int, numbers: Sequence[str]) -> LookupResult | None:
    """Return what the first number that this site knows stands for, or None.

    The pseudonym of an erased visitor leads to the receipt, whose number is a hash of it.
    """
    async with ledger.read() as connection:
        for number in numbers:
            found = await _erasure(connection, site_id, number)
            found = found or await _records(connection, site_id, number)
            found = found or await _erasure(connection, site_id, receipt_id_of(site_id, number))
            if found:
                return found
    return None


async def numbers_of(ledger: Ledger, site_id: int, text: str) -> list[str]:
    """Return the numbers in a text, or the number of the consent whose receipt code it is."""
    if numbers := numbers_in(text):
        return numbers
    async with ledger.read() as connection:
        consent_id = await consent_of_code(connection, site_id, text)
    return [consent_id] if consent_id else []


async def visitor_of(ledger: Ledger, site_id: int, text: str) -> str | None:
    """Return the visitor to whom a number in a text, or a receipt code, leads, or None."""
    found = await look_up(ledger, site_id, await numbers_of(ledger, site_id, text))
    return (found.visitor_id or None) if found else None


async def is_named(connection: AsyncConnection, site_id: int, visitor_id: str) -> bool:
    """Return whether a consent record names a visitor still: nothing is to be kept of others.

    Asked in the transaction that keeps something, so that an erasure comes before it or after it.
    """
    theirs = (consent_records.c.site_id == site_id) & (consent_records.c.visitor_id == visitor_id)
    asked = select(consent_records.c.seq).where(theirs).limit(1)
    return (await connection.execute(asked)).first() is not None


async def _records(connection: AsyncConnection, site_id: int, number: str) -> LookupResult | None:
    table = consent_records.c
    named: dict[Kind, Any] = {
        "record": table.record_id,
        "consent": table.consent_id,
        "visitor": table.visitor_id,
    }
    called = or_(*(column == number for column in named.values()))
    asked = select(consent_records).where(called, table.site_id == site_id).order_by(table.seq)
    rows = (await connection.execute(asked.limit(_RECORDS_MOST))).mappings().all()
    if not rows:
        return None
    kind = next(kind for kind, column in named.items() if number == rows[0][column.name])
    known = (row["visitor_id"] for row in rows if row["visitor_id"])
    consents = tuple(consent_of(dict(row)) for row in rows)
    return LookupResult(number, kind, next(known, ""), consents)


async def _erasure(connection: AsyncConnection, site_id: int, number: str) -> LookupResult | None:
    table = erasures.c
    asked = select(erasures).where(table.receipt_id == number, table.site_id == site_id)
    row = (await connection.execute(asked)).mappings().first()
    if row is None:
        return None
    times = (row["requested_at"], row["completed_at"], row["bytes_gone_at"])
    places = rows_by_holder(row["counts"])
    rows, went = sum(places.values()), in_words(places)
    erasure = Erasure(row["receipt_id"], *times, rows=rows, went=went)
    return LookupResult(row["receipt_id"], "erasure", erasure=erasure)
