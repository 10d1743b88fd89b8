"""The contract of an engine, on both: what is read is what was committed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.engine import Delete, Engine, Insert
from askfirst.store.warehouse.tables import TABLES, stored
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.streams import from_log

VISITORS = ("site", "visitor", "visitor_id")
HOSTILE = [
    "'; DROP TABLE texts; --", 'a"b`c', "$p0 {p0:String}", "back\\slash \\N \\0", "tab\tline\r\n",
    "nul\0end", "\u00e9\U0001f600\u202e", "%_*", "", " ",
]  # fmt: skip


def digits(number: int) -> str:
    return f"{number:032x}"


def visitors(*numbers: int, site: int = 1) -> list[Insert]:
    return insert_rows("visitors", VISITORS, [(site, one, digits(one)) for one in numbers])


def sql(engine: Engine, expression: Any) -> str:
    return str(ibis.to_sql(expression, dialect=engine.dialect, pretty=False))


def rows_of(engine: Engine, name: str) -> list[dict[str, Any]]:
    with engine.reading() as reader:
        found = reader.arrow(sql(engine, stored(name))).to_pylist()
    return sorted(found, key=repr)


def visitor_numbers(engine: Engine) -> list[int]:
    return sorted(row["visitor"] for row in rows_of(engine, "visitors"))


def test_a_fresh_warehouse_has_every_table_with_its_columns(engine: Engine) -> None:
    with engine.reading() as reader:
        for table in TABLES.values():
            found = reader.arrow(sql(engine, stored(table.name)))
            assert found.column_names == list(table.columns)


def test_committed_rows_are_read_by_a_plain_name(engine: Engine) -> None:
    engine.commit(visitors(1, 2), "a")
    assert visitor_numbers(engine) == [1, 2]
    identifiers = {row["visitor_id"].replace("-", "") for row in rows_of(engine, "visitors")}
    assert identifiers == {digits(1), digits(2)}


def test_a_row_with_the_key_of_another_replaces_it(engine: Engine) -> None:
    for seq in (5, 3, 9):
        engine.commit(insert_rows("shipped", ("journal", "seq"), [("j", seq)]), f"j:{seq}")
    assert [row["seq"] for row in rows_of(engine, "shipped")] == [9]


def test_operations_of_a_commit_follow_each_other(engine: Engine) -> None:
    engine.commit(visitors(1), "a")
    gone = Delete("visitors", equal={"visitor": 1})
    engine.commit([*visitors(2), gone, *visitors(1, 3), Delete("visitors", {"visitor": 2})], "b")
    assert visitor_numbers(engine) == [1, 3]


@pytest.mark.parametrize(
    ("delete", "left"),
    [
        (Delete("visitors", equal={"site": 1, "visitor": 3}), [1, 2, 4, 5]),
        (Delete("visitors", equal={"visitor_id": digits(3)}), [1, 2, 4, 5]),
        (Delete("visitors", among={"visitor": pa.array([1, 5, 99], pa.int32())}), [2, 3, 4]),
        (Delete("visitors", among={"visitor_id": pa.array([digits(1)])}), [2, 3, 4, 5]),
        (Delete("visitors", among={"visitor": pa.array([], pa.int32())}), [1, 2, 3, 4, 5]),
        (Delete("visitors", below={"visitor": 3}), [3, 4, 5]),
        (Delete("visitors", since={"visitor": 3}, below={"visitor": 5}), [1, 2, 5]),
        (Delete("visitors", equal={"site": 2}), [1, 2, 3, 4, 5]),
    ],
)
def test_a_deletion_removes_what_fulfils_every_condition(
    engine: Engine, delete: Delete, left: list[int]
) -> None:
    engine.commit(visitors(1, 2, 3, 4, 5), "a")
    engine.commit([delete], "b")
    assert visitor_numbers(engine) == left


def test_hostile_texts_are_values(engine: Engine) -> None:
    rows = [("path", place, text) for place, text in enumerate(HOSTILE)]
    engine.commit(insert_rows("texts", ("column", "id", "text"), rows), "a")
    texts = stored("texts")
    with engine.reading() as reader:
        for place, text in enumerate(HOSTILE):
            one = sql(engine, texts.filter(texts.text == "SENTINEL").select("id"))
            found = reader.arrow(one.replace("'SENTINEL'", "$p0"), {"p0": text})
            assert found["id"].to_pylist() == [place]
    engine.commit([Delete("texts", among={"text": pa.array(HOSTILE[:4])})], "b")
    engine.commit([Delete("texts", equal={"text": HOSTILE[5]})], "c")
    assert {row["text"] for row in rows_of(engine, "texts")} == {HOSTILE[4], *HOSTILE[6:]}


@pytest.mark.parametrize("many", [1, 5_000])
def test_a_statement_reads_tables_beside_the_warehouse(engine: Engine, many: int) -> None:
    engine.commit(visitors(1, 2, 3), "a")
    table = stored("visitors")
    asked = ibis.table({"visitor": "int32", "said": "string"}, name="asked")
    question = sql(engine, table.inner_join(asked, "visitor").select("visitor", "said"))
    with engine.reading() as reader:
        for number in (2, 3):
            numbers = pa.array([number, *range(100, 99 + many)], pa.int32())
            for text in HOSTILE:
                said = pa.table({"visitor": numbers, "said": [text] * many})
                found = reader.arrow(question, beside={"asked": said}).to_pylist()
                assert found == [{"visitor": number, "said": text}]
                if many > 1:
                    break
        none = pa.table({"visitor": numbers[:0], "said": pa.array([], pa.string())})
        assert reader.arrow(question, beside={"asked": none}).num_rows == 0


def test_a_reader_keeps_tables_for_its_later_statements(engine: Engine) -> None:
    kept = ibis.table({"number": "int64"}, name="matched")
    total = sql(engine, kept.agg(total=kept.number.sum()))
    with engine.reading() as reader:
        reader.keep("matched", pa.table({"number": pa.array([1, 2], pa.int64())}))
        assert reader.arrow(total)["total"].to_pylist() == [3]
        reader.keep("matched", pa.table({"number": pa.array([], pa.int64())}))
        assert reader.arrow(total)["total"].to_pylist() == [None]


def test_a_rewrite_adds_up_summaries_and_drops_zeros(engine: Engine) -> None:
    names = tuple(TABLES["gaps"].columns)
    for token, rows in {
        "a": [(1, 0, 0, 5, 0, 2), (1, 0, 0, 6, 5, 1)],
        "b": [(1, 0, 0, 5, 0, 3), (1, 0, 0, 6, 5, -1)],
    }.items():
        engine.commit(insert_rows("gaps", names, rows), token)
    engine.rewrite()
    found = [tuple(row.values()) for row in rows_of(engine, "gaps")]
    assert found == [(1, 0, 0, 5, 0, 5)]


def test_values_may_be_numbers_texts_and_lists(engine: Engine) -> None:
    engine.commit(visitors(1, 2), "a")
    with engine.reading() as reader:
        found = reader.arrow(
            "SELECT visitor FROM visitors WHERE visitor > $low AND visitor < $high",
            {"low": 1, "high": 2.5},
        )
    assert found["visitor"].to_pylist() == [2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40), number=st.integers(-(2**62), 2**62))
def test_any_text_and_number_comes_back(engine: Engine, text: str, number: int) -> None:
    with engine.reading() as reader:
        sent = {"text": text, "number": number}
        assert reader.arrow("SELECT $text AS text, $number AS number", sent).to_pylist() == [sent]


@pytest.mark.parametrize(
    "rows",
    [
        pa.table({"site": [1], "visitor": [1]}),
        pa.table({"site": [1], "visitor": pa.array([None], pa.int32()), "visitor_id": [digits(1)]}),
        pa.table({"site": [1], "visitor": [1 << 40], "visitor_id": [digits(1)]}),
        pa.table({"site": [1], "visitor": [1], "visitor_id": ["no digits"]}),
    ],
    ids=["a column is missing", "null", "too large", "no id"],
)
def test_rows_that_no_table_takes_fail_alone(engine: Engine, rows: pa.Table) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - each engine has its own
        engine.commit([*visitors(1), Insert("visitors", rows)], "bad")
    engine.settle()
    engine.commit(visitors(2), "good")
    assert visitor_numbers(engine) == [2]


def content(warehouse: Warehouse) -> dict[str, list[str]]:
    """Return every row of every table, with ids as digits."""
    found = {}
    for name in TABLES:
        rows = rows_of(warehouse.engine, name)
        found[name] = sorted(
            repr({key: str(value).replace("-", "") for key, value in row.items()}) for row in rows
        )
    return found


def test_both_engines_hold_the_same_after_the_same_writes(chdb: Any, tmp_path: Path) -> None:
    stream = list(from_log(lines=300, batch=100))
    last = max(row["time"] for batch in stream for row in batch)
    now = round(last.timestamp() * 1000) + 3 * 86_400_000
    with chdb.database() as database:
        both = [Warehouse(tmp_path / "warehouse.duckdb"), Warehouse(chdb.engine(database))]
        for warehouse in both:
            for seq, batch in enumerate(stream, 1):
                columns = {name: [row[name] for row in batch] for name in EVENT_COLUMNS}
                warehouse.append(batch_of(columns), "j", seq)
        assert content(both[0]) == content(both[1])
        for step in (
            lambda one: one.delete_visitor(stream[0][0]["site_id"], stream[0][0]["visitor_id"]),
            lambda one: one.fold(stream[0][0]["site_id"], "Europe/Berlin", now),
            lambda one: one.delete_visitor(stream[1][0]["site_id"], stream[1][0]["visitor_id"]),
            lambda one: one.rewrite(),
        ):
            done = [step(warehouse) for warehouse in both]
            assert done[0] == done[1]
        assert content(both[0]) == content(both[1])
        assert both[0].watermark("j") == both[1].watermark("j") == len(stream)
        for warehouse in both:
            warehouse.close()


def test_a_long_answer_is_streamed_in_batches_with_its_values_and_tables_beside(
    engine: Engine,
) -> None:
    engine.commit(visitors(*range(1, 25_001)), "a")
    beside = {"wanted": pa.table({"visitor": pa.array(range(1, 24_001), pa.int32())})}
    table = ibis.table({"visitor": "int32"}, name="wanted")
    asked = stored("visitors").semi_join(table, "visitor").order_by("visitor").select("visitor")

    def sink(batches: Any) -> tuple[list[int], int]:
        sizes, found = [], []
        for batch in batches:
            assert isinstance(batch, pa.RecordBatch)
            sizes.append(batch.num_rows)
            found += batch.column("visitor").to_pylist()
        return found, max(sizes)

    with engine.reading() as reader:
        found, largest = reader.stream(sql(engine, asked), None, beside, sink)
        none = asked.filter(ibis._.visitor < 0)
        assert reader.stream(sql(engine, none), None, beside, lambda rows: sum(map(len, rows))) == 0
    assert found == list(range(1, 24_001))
    assert largest < 100_000
