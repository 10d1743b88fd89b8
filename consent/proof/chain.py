"""Whether the chain of consent records is unbroken, and what is wrong with its first bad record."""

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
    """The first bad record of a chain: its place in the table, its number and what is wrong."""

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

    `records` counts those before the fault, or all; `head` is the hash of the last good one.
    `known` says whether the hash that was looked for lies on the chain: a chain that was cut off at
    its end is unbroken and only lacks its old head.
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
    """Check every record against the one before it, from the first on.

    `looked_for` is a hash that should lie on the chain; `progress` is told how many are checked.
    """
    head, number, known = FIRST_HASH, 0, looked_for == FIRST_HASH
    every_record = select(*raw_columns(consent_records)).order_by(consent_records.c.seq)
    rows = await connection.stream(every_record)
    async for raw in rows.mappings():
        row = decoded(consent_records, raw)
        if row is None or not _follows(row, head):
            fault = await _fault(connection, row, head) if row else _unreadable(raw)
            return Chain(await length(connection, fault.seq), head, known, fault)
        head, number = row["hash"], number + 1
        known = known or head == looked_for
        if number % _STEP == 0:
            progress(number)
    progress(number)
    return Chain(number, head, known)


def _follows(row: Any, last_hash: str) -> bool:
    return row["previous_hash"] == last_hash and _is_sealed(row)


def _is_sealed(row: Any) -> bool:
    """Return whether a record's fields are what its own hash says, wherever it stands."""
    try:
        return bool(row["hash"] == seal(row["previous_hash"], row)) and _names_its_visitor(row)
    except NONSENSE:
        return False


def _names_its_visitor(row: Any) -> bool:
    if row["visitor_id"] is None and row["nonce"] is None:
        return True
    return bool(row["subject"] == subject_of(row["visitor_id"] or "", row["nonce"] or ""))


async def _fault(connection: AsyncConnection, row: Any, last_hash: str) -> Fault:
    """Say what is wrong where `row` does not follow the last good record, whose hash is given."""
    successor = await _first(connection, consent_records.c.previous_hash == last_hash, after=row)
    if not _is_sealed(row):  # its fields are not what its own hash says
        return _fault_at(row, "inserted" if successor else "changed")
    if successor:  # the record that follows the last good one stands later, so this one is wrong
        predecessor = consent_records.c.hash == row["previous_hash"]
        stands_later = await _first(connection, predecessor, after=row)
        return _fault_at(row, "moved" if stands_later else "inserted")
    twin = await _first(connection, consent_records.c.previous_hash == row["previous_hash"])
    if twin and twin["seq"] != row["seq"]:  # two records follow the same one
        return _fault_at(twin, "inserted")
    return _fault_at(row, "missing")  # nothing follows the last good record any more


def _fault_at(row: Any, wrong: Wrong) -> Fault:
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
    statement = select(table.seq, name).where(chosen).order_by(table.seq).limit(1)
    return (await connection.execute(statement)).mappings().first()
