"""Whether the chain of consent records is whole, and what is wrong with its first bad record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import LargeBinary, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import consent_records
from consent.proof.raw_rows import NONSENSE, decoded, raw_columns, shown
from consent.proof.records import FIRST_HASH, seal, subject_of

Wrong = Literal["changed", "moved", "inserted", "missing"]

_SENTENCES: dict[Wrong, str] = {
    "changed": "it is not what was sealed",
    "moved": "it stands in another place than it was written to",
    "inserted": "it was put in between two records that follow each other",
    "missing": "the record before it is gone",
}
_STEP = 1000  # records between two reports of progress


@dataclass(frozen=True)
class Fault:
    """The first bad record of a chain: its place, its number and what is wrong."""

    seq: int
    record_id: str
    wrong: Wrong

    @property
    def sentence(self) -> str:
        """Say what is wrong."""
        return f"Record {self.seq} ({self.record_id}) is bad: {_SENTENCES[self.wrong]}."


@dataclass(frozen=True)
class Chain:
    """What a walk along the chain found.

    `records` counts those before the fault, or all; `head` is the hash of the last good one;
    `known` tells whether the hash that was looked for lies on the chain: one that was cut off at
    its end is whole, and only lacks its old head.
    """

    records: int
    head: str
    known: bool
    fault: Fault | None = None


async def length(connection: AsyncConnection, before: int | None = None) -> int:
    """Return the number of records, of all or of those before the one with this `seq`."""
    counted = select(func.count()).select_from(consent_records)
    if before is not None:
        counted = counted.where(consent_records.c.seq < before)
    return int((await connection.execute(counted)).scalar_one())


async def walk(
    connection: AsyncConnection,
    looked_for: str = FIRST_HASH,
    progress: Callable[[int], None] = lambda _done: None,
) -> Chain:
    """Check every record against the one before it, from the first on; `looked_for` is a hash."""
    head, number, known = FIRST_HASH, 0, looked_for == FIRST_HASH
    asked = select(*raw_columns(consent_records)).order_by(consent_records.c.seq)
    rows = await connection.stream(asked)
    async for raw in rows.mappings():
        row = decoded(consent_records, raw)
        if row is None or not _is_whole(row, head):
            fault = await _fault(connection, row, head) if row else _unreadable(raw)
            return Chain(await length(connection, fault.seq), head, known, fault)
        head, number = row["hash"], number + 1
        known = known or head == looked_for
        if number % _STEP == 0:
            progress(number)
    progress(number)
    return Chain(number, head, known)


def _is_whole(row: Any, before: str) -> bool:
    return row["previous_hash"] == before and _is_sealed(row)


def _is_sealed(row: Any) -> bool:
    """Return whether a record is what its own hash says, wherever it stands."""
    try:
        return bool(row["hash"] == seal(row["previous_hash"], row)) and _names_its_visitor(row)
    except NONSENSE:
        return False


def _names_its_visitor(row: Any) -> bool:
    if row["visitor_id"] is None and row["nonce"] is None:
        return True
    return bool(row["subject"] == subject_of(row["visitor_id"] or "", row["nonce"] or ""))


async def _fault(connection: AsyncConnection, row: Any, before: str) -> Fault:
    """Tell the four apart by who names whom: this record, and those that follow the same one."""
    elsewhere = await _first(connection, consent_records.c.previous_hash == before, after=row)
    if not _is_sealed(row):
        return _named(row, "inserted" if elsewhere else "changed")
    if elsewhere:
        its_place = consent_records.c.hash == row["previous_hash"]
        moved = await _first(connection, its_place, after=row)
        return _named(row, "moved" if moved else "inserted")
    twin = consent_records.c.previous_hash == row["previous_hash"]
    if (other := await _first(connection, twin)) and other["seq"] != row["seq"]:
        return _named(other, "inserted")
    return _named(row, "missing")


def _named(row: Any, wrong: Wrong) -> Fault:
    name = row["record_id"]
    return Fault(row["seq"], shown(name if isinstance(name, bytes) else name.encode()), wrong)


def _unreadable(raw: Any) -> Fault:
    return Fault(int(raw["seq"]), shown(raw["record_id"]), "changed")


async def _first(connection: AsyncConnection, chosen: Any, after: Any = None) -> Any:
    """Return the first record of those chosen, of all or of those after one; or None."""
    table = consent_records.c
    if after is not None:
        chosen &= table.seq > after["seq"]
    name = cast(table.record_id, LargeBinary).label("record_id")  # it may be no text any more
    question = select(table.seq, name).where(chosen).order_by(table.seq).limit(1)
    return (await connection.execute(question)).mappings().first()
