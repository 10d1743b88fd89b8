"""Copying: an engine's rows go into another engine, all of them, once, or the copy is not used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import ibis
import pyarrow as pa
import pytest

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.appending.appender import Appender
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.batches import ARROW_SCHEMA
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.migration import copying
from askfirst.store.warehouse.migration.copying import copy_engine
from askfirst.store.warehouse.migration.marks import is_unfinished
from askfirst.store.warehouse.tables import TABLES, stored
from tests.askfirst.store.warehouse.streams import NOTHING
from tests.old_warehouse import some_old_rows


@pytest.fixture
def opened(tmp_path, request) -> Iterator[Any]:
    """Return what opens a fresh engine by its name."""
    with ExitStack() as stack:

        def engine(name: str) -> Engine:
            if name == "duckdb":
                made: Engine = DuckDBEngine(tmp_path / f"{len(stack._exit_callbacks)}.duckdb")
            else:
                chdb = request.getfixturevalue("chdb")
                made = chdb.engine(stack.enter_context(chdb.database()))
            stack.callback(made.close)
            return made

        yield engine


def filled(engine: Engine) -> Engine:
    rows = [
        NOTHING | {"amount": n << 33, "scroll": n, **row} for n, row in enumerate(some_old_rows(30))
    ]
    rows[3] |= {"visitor_id": "not canonical", "path": "/'\0ä"}
    batch = pa.Table.from_pylist(rows, schema=ARROW_SCHEMA)
    with engine.reading() as reader:
        engine.commit(Appender(engine.dialect).prepare(reader, batch).operations, "rows")
    engine.commit(insert_rows("shipped", ("journal", "seq"), [("j", 30)]), "j:30")
    days = ("site", "dimension", "value", "day", "visits", "views", "bounces", "ms")
    engine.commit(insert_rows("counts", days, [(1, 0, 0, 5, 2, 3, 1, 9)]), "counts")
    gaps = ("site", "dimension", "value", "day", "prev", "visitors")
    for number, visitors in enumerate((5, -2, 4, -4)):
        rows = [(1, 1, 1 + number // 2, 5, 0, visitors)]
        engine.commit(insert_rows("gaps", gaps, rows), f"gaps{number}")
    zone = [(1, "Europe/Berlin", 6)]
    engine.commit(insert_rows("summarised", ("site", "zone", "closed_until"), zone), "zone")
    return engine


def held(engine: Engine) -> dict[str, list[Any]]:
    found = {}
    with engine.reading() as reader:
        for name in TABLES:
            rows = reader.arrow(str(ibis.to_sql(stored(name), dialect=engine.dialect)))
            listed = [{k: str(v) for k, v in row.items()} for row in rows.to_pylist()]
            found[name] = sorted(listed, key=repr)
    return found


WAYS = [("duckdb", "duckdb"), ("duckdb", "clickhouse"), ("clickhouse", "duckdb")]


@pytest.mark.parametrize(("first", "second"), WAYS)
def test_every_row_arrives_and_summaries_are_added_up(opened, monkeypatch, first, second):
    monkeypatch.setattr(copying, "SLICE", 7)
    source, target = filled(opened(first)), opened(second)
    seen = []
    copy_engine(source, target, lambda done, total: seen.append((done, total)))
    before, after = held(source), held(target)
    assert [row["visitors"] for row in after.pop("gaps")] == ["3"]
    before.pop("gaps")
    assert after == before
    assert not is_unfinished(target)
    assert seen == sorted(seen)


@pytest.mark.parametrize("name", ["duckdb", "clickhouse"])
def test_a_target_with_rows_is_refused_and_stays_as_it_is(opened, name):
    source, target = filled(opened("duckdb")), filled(opened(name))
    before = held(target)
    with pytest.raises(Misconfigured, match="holds rows already"):
        copy_engine(source, target)
    assert held(target) == before


class Killed(BaseException):
    """What ends a process anywhere."""


@pytest.mark.parametrize("name", ["duckdb", "clickhouse"])
def test_a_copy_that_was_cut_short_is_begun_again_by_the_next(opened, monkeypatch, name):
    monkeypatch.setattr(copying, "SLICE", 7)
    source, target = filled(opened("duckdb")), opened(name)

    def dying(done, _total):
        if done > 20:
            raise Killed

    with pytest.raises(Killed):
        copy_engine(source, target, dying)
    assert is_unfinished(target)
    copy_engine(source, target)
    whole = opened("duckdb")
    copy_engine(source, whole)
    assert held(target) == held(whole)
    assert not is_unfinished(target)


def test_a_copy_that_differs_is_said_and_stays_marked(opened, monkeypatch):
    source, target = filled(opened("duckdb")), opened("duckdb")
    whole = target.commit

    def losing(operations, token):
        whole([one for one in operations if getattr(one, "table", "") != "visitors"], token)

    monkeypatch.setattr(target, "commit", losing)
    with pytest.raises(Misconfigured, match=r"differs .* in the table visitors"):
        copy_engine(source, target)
    assert is_unfinished(target)
