"""Consent records as auditors get them: every sealed field and the hashes.

They hold neither the visitor's pseudonym nor the nonce, so they disclose nobody and need no entry.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import as_iso
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import consent_records, sites
from askfirst.text.spreadsheets import head, line

COLUMNS = (
    "seq",
    "record_id",
    "consent_id",
    "site",
    "state",
    "event_time",
    "valid_until",
    "policy_version",
    "purposes",
    "language",
    "method",
    "given_by",
    "event_type",
    "signals",
    "notice_hash",
    "ui_hash",
    "site_id",
    "subject",
    "schema",
    "previous_hash",
    "hash",
)
"""The columns of an export; `site` is the site's key, times are in ISO 8601 and UTC."""

STATES = ("given", "renewed", "withdrawn")
TIMES = ("event_time", "valid_until")
AT_ONCE = 1000
"""Records that are read at once; in between the ledger is free, however slow the reader is."""

RecordRow = dict[str, Any]


class Format(StrEnum):
    """How records are written to a file: a table for spreadsheets, or JSON, one record a line."""

    CSV = "csv"
    JSONL = "jsonl"


@dataclass(frozen=True)
class Chosen:
    """Which records: of one site or of all, in one state or in any, between two times (ms)."""

    site_id: int | None = None
    state: str = ""
    first: int | None = None
    end: int | None = None

    @property
    def reversed_days(self) -> bool:
        """Whether it begins after its end, so that no record can be chosen."""
        return self.first is not None and self.end is not None and self.first >= self.end

    def where(self) -> ColumnElement[bool]:
        """Return the condition for SQL; `end` itself is not included."""
        table = consent_records.c
        wanted = [
            table.site_id == self.site_id if self.site_id is not None else None,
            table.state == self.state if self.state else None,
            table.event_time >= self.first if self.first is not None else None,
            table.event_time < self.end if self.end is not None else None,
        ]
        return and_(True, *(one for one in wanted if one is not None))


async def count(ledger: Ledger, chosen: Chosen) -> int:
    """Return the number of chosen records."""
    asked = select(func.count()).select_from(consent_records).where(chosen.where())
    async with ledger.read() as connection:
        return int((await connection.execute(asked)).scalar_one())


async def newest(ledger: Ledger, chosen: Chosen, before: int | None, most: int) -> list[RecordRow]:
    """Return the newest chosen records, of those before a `seq` where one is given."""
    table = consent_records.c
    where = chosen.where() if before is None else chosen.where() & (table.seq < before)
    async with ledger.read() as connection:
        return await _rows(connection, where, table.seq.desc(), most)


async def batches(ledger: Ledger, chosen: Chosen) -> AsyncIterator[list[RecordRow]]:
    """Yield the chosen records, oldest first, up to the last one at the time of the call."""
    table = consent_records.c
    async with ledger.read() as connection:
        last = (await connection.execute(select(func.max(table.seq)))).scalar() or 0
    behind = 0
    while True:
        where = chosen.where() & (table.seq > behind) & (table.seq <= last)
        async with ledger.read() as connection:
            rows = await _rows(connection, where, table.seq, AT_ONCE)
        if not rows:
            return
        behind = rows[-1]["seq"]
        yield rows


def opening(written: Format) -> str:
    """Return the head of a file of records."""
    return head(COLUMNS) if written is Format.CSV else ""


def lines(rows: Iterable[RecordRow], written: Format) -> Iterator[str]:
    """Yield a line for each record."""
    for row in rows:
        plain = {name: as_iso(row[name]) if name in TIMES else row[name] for name in COLUMNS}
        yield line(COLUMNS, plain) if written is Format.CSV else _json_line(plain)


def _json_line(plain: RecordRow) -> str:
    return msgspec.json.encode(plain).decode() + "\n"


async def _rows(
    connection: AsyncConnection, where: ColumnElement[bool], order: Any, most: int
) -> list[RecordRow]:
    known = await connection.execute(select(sites.c.id, sites.c.key))
    keys = {row.id: row.key for row in known}
    own = [consent_records.c[name] for name in COLUMNS if name != "site"]
    found = await connection.execute(select(*own).where(where).order_by(order).limit(most))
    return [{**row, "site": keys[row["site_id"]]} for row in found.mappings()]
