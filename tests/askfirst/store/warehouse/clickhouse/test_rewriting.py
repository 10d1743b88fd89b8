"""What is erased is gone from the server's files, and a table is added up."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from askfirst.store.warehouse.appending.rows import insert_columns, insert_rows
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.engine import Delete, Insert
from askfirst.store.warehouse.tables import TABLES

ERASED = "deadbeefcafef00d1122334455667788"
PAGE = "/page-that-only-the-erased-visitor-saw"
MONTH = 31 * 86_400_000


@pytest.fixture
def engine(chdb: Any) -> Iterator[ClickHouseEngine]:
    with chdb.database() as database:
        opened: ClickHouseEngine = chdb.engine(database)
        yield opened
        opened.close()


def traces(folder: Path) -> list[str]:
    """Return the files in which the erased visitor's id or page stands, in any form."""
    raw = uuid.UUID(hex=ERASED).bytes
    forms = (
        raw,
        raw[:8][::-1] + raw[8:][::-1],  # as ClickHouse keeps it
        ERASED.encode(),
        str(uuid.UUID(hex=ERASED)).encode(),
        PAGE.encode(),
        base64.b64encode(raw)[:20],
    )
    return [
        str(file)
        for file in folder.rglob("*")
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def events(*visitors: int) -> Insert:
    kinds = TABLES["events"].columns
    ids = [ERASED if visitor == 7 else f"{visitor:032x}" for visitor in visitors]
    given: dict[str, Any] = {name: list(visitors) for name in kinds}
    given |= {
        "site": [1] * len(ids),
        "kind": [1] * len(ids),
        "time": [visitor % 3 * MONTH for visitor in visitors],
        "opens": [True] * len(ids),
        "event_id": ids,
    }
    return insert_columns("events", given)


def filled(engine: ClickHouseEngine) -> None:
    for batch in range(3):
        numbers = range(batch * 5, batch * 5 + 5)
        named = [(1, one, ERASED if one == 7 else f"{one:032x}") for one in numbers]
        pages = [("path", one, PAGE if one == 7 else f"/{one}") for one in numbers]
        engine.commit(
            [
                events(*numbers),
                *insert_rows("visitors", ("site", "visitor", "visitor_id"), named),
                *insert_rows("texts", ("column", "id", "text"), pages),
            ],
            f"batch {batch}",
        )


def test_law_6_no_byte_of_an_erased_visitor_is_left_in_a_file(
    chdb: Any, engine: ClickHouseEngine
) -> None:
    filled(engine)
    assert traces(chdb.folder)
    engine.commit(
        [
            Delete("events", equal={"event_id": ERASED}),
            Delete("visitors", among={"visitor_id": pa.array([ERASED])}),
            Delete("texts", equal={"text": PAGE}),
        ],
        "erase",
    )
    engine.rewrite()
    assert traces(chdb.folder) == []
    with engine.reading() as reader:
        for table in ("events", "visitors", "texts"):
            count = f"SELECT count() AS n FROM {table}"
            assert reader.arrow(count)["n"].to_pylist() == [14]


def test_law_6_a_table_of_which_every_row_is_erased_leaves_none(
    chdb: Any, engine: ClickHouseEngine
) -> None:
    filled(engine)
    engine.commit([Delete(name, since={"site": 0}) for name in ("events", "visitors")], "site")
    engine.commit([Delete("texts", equal={"column": "path"})], "texts")
    engine.rewrite()
    assert traces(chdb.folder) == []


def test_a_rewrite_of_nothing_is_quick_and_keeps_everything(engine: ClickHouseEngine) -> None:
    filled(engine)
    for _ in range(2):
        engine.rewrite()
    with engine.reading() as reader:
        assert reader.arrow("SELECT count() AS n FROM events")["n"].to_pylist() == [15]


def test_a_copy_is_a_warehouse_of_duckdb(engine: ClickHouseEngine, tmp_path: Path) -> None:
    from askfirst.store.warehouse.duckdb.engine import DuckDBEngine

    filled(engine)
    engine.copy_to(tmp_path / "copy.duckdb")
    copy = DuckDBEngine(tmp_path / "copy.duckdb", read_only=True)
    for table in TABLES.values():
        names = ", ".join(f'"{name}"' for name in table.columns)
        sql = f"SELECT {names} FROM {table.name} ORDER BY {names}"
        with copy.reading() as there, engine.reading() as here:
            found, expected = there.arrow(sql).to_pylist(), here.arrow(sql).to_pylist()
        assert sorted(map(plain, found)) == sorted(map(plain, expected)), table.name
    copy.close()


def plain(row: dict[str, Any]) -> str:
    return repr({name: str(value) for name, value in row.items()})
