"""Law 6 in ClickHouse's files: of what is erased no byte is left, whole, a visit, or some days."""

from __future__ import annotations

import hashlib
import struct
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from askfirst.clock import DAY_MS
from askfirst.columns import EVENT_COLUMNS, EVENT_TEXTS, PROFILE_TEXTS
from askfirst.local_days import local_day
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.tables import TABLES
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.closing import close_days
from tests.askfirst.store.warehouse.streams import MINUTE, NOTHING, hex_of, ms, naive

NOON = ms("2026-05-01T12:00")
DAY = local_day(NOON, "UTC")
MINE, OTHER = hex_of("raw bytes: mine"), hex_of("raw bytes: other")
TEXTS = sorted({*EVENT_TEXTS, *PROFILE_TEXTS})
NOT_SUMMED = 9
"""The last day, which is not closed yet."""
Words = list[str]


def visit_of(whose: str, day: int) -> str:
    return hex_of(f"raw bytes: visit of {whose} on {day}")


def event_of(whose: str, day: int, number: int) -> str:
    return hex_of(f"raw bytes: event {number} of {whose} on {day}")


def text_of(whose: str, day: int, column: str) -> str:
    """Return a text that no compression takes apart."""
    return f"zq{hashlib.sha256(f'{whose} {day} {column}'.encode()).hexdigest()}"


def row(whose: str, day: int, number: int) -> dict[str, Any]:
    """Return an event with a text of its own in every column that has texts."""
    return {
        **NOTHING,
        **{column: text_of(whose, day, column) for column in TEXTS},
        "site_id": 1,
        "event_id": event_of(whose, day, number),
        "kind": "page_view",
        "time": naive(NOON + day * DAY_MS + number * MINUTE),
        "visitor_id": MINE if whose == "mine" else OTHER,
        "visit_id": visit_of(whose, day),
        "consent_id": hex_of(f"raw bytes: consent of {whose}"),
        "policy_version": 1,
    }


DAYS = (0, 1, 2, NOT_SUMMED)


@pytest.fixture
def filled(chdb: Any) -> Iterator[Warehouse]:
    """Open a warehouse with two visitors in every table: visits that are summed up, and open."""
    with chdb.database() as database:
        warehouse = Warehouse(chdb.engine(database))
        rows = [
            row(whose, day, number)
            for day in DAYS
            for whose in ("mine", "other")
            for number in (0, 1)
        ]
        for nth, half in enumerate((rows[:8], rows[8:]), start=1):
            columns = {name: [one[name] for one in half] for name in EVENT_COLUMNS}
            warehouse.append(batch_of(columns), "j", nth)
        close_days(warehouse, 1, "UTC", DAY + 4)
        yield warehouse
        warehouse.close()


def words_of(whose: str, *days: int) -> Words:
    """Return what only the visits of these days have: texts, and ids of visits and events."""
    return [
        word
        for day in days
        for word in (
            *(text_of(whose, day, column) for column in TEXTS),
            visit_of(whose, day),
            *(event_of(whose, day, number) for number in (0, 1)),
        )
    ]


def left_of(words: Words, folder: Path) -> Words:
    """Return the words that stand in a file below a folder, ids in any form."""
    files = {path.resolve() for path in folder.rglob("*") if path.is_file()}
    read = [path.read_bytes() for path in files]
    content = b"".join(part for file in read for part in (file, unpacked(file)))
    return [word for word in words if any(form in content for form in forms(word))]


NO_CODEC, LZ4, ZSTD, SEVERAL = 0x02, 0x82, 0x90, 0x91
CHECKSUM, HEAD = 16, struct.Struct("<BII")
"""A compressed block: a checksum, then the codec, its size from there on, and the size of its
content. https://clickhouse.com/docs/reference/settings/formats and `CompressionInfo.h`."""


def unpacked(file: bytes) -> bytes:
    """Return the content of compressed blocks, as far as a file consists of them."""
    found, at = b"", CHECKSUM
    while at + HEAD.size <= len(file):
        codec, size, _ = HEAD.unpack_from(file, at)
        if codec not in (NO_CODEC, LZ4, ZSTD, SEVERAL) or not HEAD.size <= size <= len(file) - at:
            break
        found += block(file[at : at + size])
        at += size + CHECKSUM
    return found


def block(data: bytes) -> bytes:
    codec, _, length = HEAD.unpack_from(data)
    body = data[HEAD.size :]
    if codec == SEVERAL:  # their number and names come first; the last one is opened first
        return block(body[1 + body[0] :])
    if codec in (LZ4, ZSTD):
        name = {LZ4: "lz4_raw", ZSTD: "zstd"}[codec]
        return bytes(pa.Codec(name).decompress(body, length))
    return body


def forms(word: str) -> tuple[bytes, ...]:
    if word.startswith("zq"):
        return (word.encode(),)
    raw = uuid.UUID(hex=word).bytes
    swapped = raw[:8][::-1] + raw[8:][::-1]  # as ClickHouse keeps it
    return (raw, swapped, word.encode(), str(uuid.UUID(hex=word)).encode())


def rows_in(warehouse: Warehouse, table: str) -> int:
    return int(warehouse.answer(f"SELECT count() AS n FROM {table}")["n"][0])


KNOWS_NOBODY = {"other_ids", "shipped", "form"}
"""Tables without a row of a visitor here: `other_ids` has ids of an older form."""


def whole(warehouse: Warehouse) -> int:
    return warehouse.delete_visitor(1, MINE)


def parts(warehouse: Warehouse) -> int:
    """Erase a visit that is summed up, one that is open, and what is between."""
    first = warehouse.delete_visit(1, MINE, visit_of("mine", 0))
    last = warehouse.delete_visit(1, MINE, visit_of("mine", NOT_SUMMED))
    start, end = NOON + 2 * DAY_MS - MINUTE, NOON + 3 * DAY_MS
    return first + last + warehouse.delete_span(1, MINE, start, end)


@pytest.mark.parametrize(
    ("erase", "days"),
    [(whole, DAYS), (parts, (0, 2, NOT_SUMMED))],
)
def test_law_6_of_what_is_erased_no_byte_is_left_and_all_else_stays(
    chdb: Any, filled: Warehouse, erase: Callable[[Warehouse], int], days: tuple[int, ...]
) -> None:
    kept = [day for day in DAYS if day not in days]
    gone = words_of("mine", *days) + ([MINE] if erase is whole else [])
    others = [words_of("other", *DAYS), words_of("mine", *kept)]
    empty = [name for name in TABLES if name not in KNOWS_NOBODY and not rows_in(filled, name)]
    before = left_of(gone, chdb.folder)
    stayed = [left_of(words, chdb.folder) for words in others]

    assert empty == []
    assert before == gone
    assert erase(filled) == 2 * len(days)
    filled.rewrite()
    assert left_of(gone, chdb.folder) == []
    assert [left_of(words, chdb.folder) for words in others] == stayed
    assert len(filled.rows_of(1, OTHER)) == 2 * len(DAYS)
    assert len(filled.rows_of(1, MINE)) == 2 * len(kept)
