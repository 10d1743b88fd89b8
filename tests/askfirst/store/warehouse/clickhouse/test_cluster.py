"""A cluster: its statements, as the engine parses them, and what of them one process can run.

One process can be every shard of a cluster, but no replica: that takes ClickHouse Keeper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import ibis
import pyarrow as pa
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.appending.rows import insert_columns, insert_rows
from askfirst.store.warehouse.clickhouse import rewriting
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.committing.operations import Carrier
from askfirst.store.warehouse.clickhouse.committing.redo import RedoLog
from askfirst.store.warehouse.clickhouse.committing.snapshots import Snapshots
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.clickhouse.opening import add_columns
from askfirst.store.warehouse.clickhouse.parameters import with_types
from askfirst.store.warehouse.clickhouse.rewriting import Rewriter
from askfirst.store.warehouse.clickhouse.schema import Schema
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.tables import TABLES, stored

VISITORS = ("site", "visitor", "visitor_id")


class Recorder(Client):
    """Keeps the statements of writes, and answers what is read with what it was told."""

    def __init__(self, answers: dict[str, list[dict[str, Any]]]) -> None:
        super().__init__(lambda: None, "nowhere")
        self.statements: list[str] = []
        self.inserted: list[str] = []
        self._answers = answers

    def run(self, sql: str, values: Any = None, token: str | None = None) -> None:
        self.statements.append(sql)

    def insert(self, table: str, rows: Any, token: str | None = None) -> None:
        self.inserted.append(table)

    def rows(self, sql: str, values: Any = None) -> list[dict[str, Any]]:
        self.statements.append(sql)
        return next((found for word, found in self._answers.items() if word in sql), [])


def cluster_statements() -> list[str]:
    """Return every statement that changes or inspects a cluster, with its values named."""
    schema = Schema("two-shards")
    left = [
        {"table": name, "name": "title", "type": "Int32"} for name in ("visits", "visits_local")
    ]
    client = Recorder({"AS masked": [{"masked": 1}], "system.columns": left})
    carrier = Carrier(client, schema)
    for place, name in enumerate(TABLES):
        column = next(iter(TABLES[name].columns))
        kind = pa.string() if TABLES[name].columns[column] in ("string", "uuid") else pa.int32()
        value: Any = f"{1:032x}" if kind == pa.string() else 1
        carrier.carry_out(Delete(name, among={column: pa.array([value], kind)}), 1, place)
    RedoLog(client, carrier, Snapshots(client, schema, "a", "kept_", lambda: True)).forget()
    Rewriter(client, schema).rewrite()
    add_columns(client, schema, {"visits": ["source"]})
    return schema.create_statements() + client.statements


def test_every_statement_of_a_cluster_is_one_to_the_engines_parser(chdb: Any) -> None:
    client = chdb.client("default")
    statements = cluster_statements()
    assert sum("ON CLUSTER" in one for one in statements) > len(TABLES)
    for statement in statements:
        parsed = client.rows("SELECT formatQuery($sql) AS sql", {"sql": typed(statement)})
        assert parsed[0]["sql"]
    client.close()


def typed(statement: str) -> str:
    """Return a statement with the types of its values, as the client sends it."""
    return with_types(statement, dict.fromkeys(re.findall(r"\$(\w+)", statement), "text"))


def test_rows_of_visitors_are_sharded_and_all_others_are_on_every_node() -> None:
    schema = Schema("c")
    sharded = {name for name, table in TABLES.items() if schema.is_sharded(table)}
    assert sharded == {"events", "open_visits", "visits", "visitors", "consents", "profiles"}
    for statement in schema.create_statements():
        assert " ON CLUSTER `c`" in statement
        if "MergeTree" in statement:
            assert "Replicated" in statement
            assert ("_local`" in statement) == ("/{shard}/" in statement)


def test_deletions_and_rewrites_reach_every_shard() -> None:
    statements = cluster_statements()
    for name in ("events_local", "visitors_local"):
        assert any(s.startswith(f"DELETE FROM `{name}` ON CLUSTER") for s in statements)
        assert any(s.startswith(f"ALTER TABLE `{name}` ON CLUSTER") for s in statements)
    assert "TRUNCATE TABLE `visits_local` ON CLUSTER `two-shards`" in statements


class WithoutKeeper(Schema):
    """The cluster's tables without what needs Keeper: replicas, and statements for all nodes."""

    @property
    def on_cluster(self) -> str:
        return ""

    def _family(self, engine: str, name: str, shard: str, arguments: list[str]) -> str:
        return Schema("")._family(engine, name, shard, arguments)

    def _settings(self) -> str:
        return Schema("")._settings()


@pytest.fixture
def shard(chdb: Any) -> Iterator[ClickHouseEngine]:
    """Yield an engine on a cluster of one shard."""
    with chdb.database() as name:
        client = chdb.client(name, cluster="one")
        address = Address("chdb", name, cluster="one")
        engine = ClickHouseEngine(address, client=client, schema=WithoutKeeper("one"))
        yield engine
        engine.close()


def sql(expression: Any) -> str:
    return str(ibis.to_sql(expression, dialect="clickhouse", pretty=False))


def test_what_is_added_over_the_cluster_is_read_over_it_once(shard: ClickHouseEngine) -> None:
    rows = [(1, one, f"{one:032x}") for one in range(20)]
    events = {name: list(range(20)) for name in TABLES["events"].columns}
    events |= {"event_id": [f"{one:032x}" for one in range(20)], "opens": [True] * 20}
    for _ in range(2):
        shard.commit(
            [*insert_rows("visitors", VISITORS, rows), insert_columns("events", events)], "a"
        )
    visitors, seen = stored("visitors"), stored("events")
    asked = ibis.table({"visitor": "int32"}, name="asked")
    joined = seen.inner_join(visitors, "visitor").semi_join(asked, "visitor")
    named = joined.agg(n=joined.count(), most=joined.visitor.max())
    beside = {"asked": pa.table({"visitor": pa.array([3, 4, 5, 99], pa.int32())})}
    with shard.reading() as reader:
        assert reader.arrow(sql(visitors.count().name("n").as_table()))["n"].to_pylist() == [20]
        assert reader.arrow(sql(named), beside=beside).to_pylist() == [{"n": 3, "most": 5}]


def test_a_deletion_on_a_shard_spares_what_was_added_later(shard: ClickHouseEngine) -> None:
    one = insert_rows("visitors", VISITORS, [(1, 1, f"{1:032x}")])
    shard.commit(one, "a")
    shard.commit([Delete("visitors", equal={"visitor": 1}), *one], "b")
    shard.commit(insert_rows("shipped", ("journal", "seq"), [("j", 1)]), "c")
    with shard.reading() as reader:
        assert reader.arrow("SELECT visitor, site FROM visitors").to_pylist() == [
            {"visitor": 1, "site": 1}
        ]
        assert reader.arrow("SELECT seq FROM shipped")["seq"].to_pylist() == [1]
    shard.commit([Delete("visitors", equal={"visitor": 1})], "d")
    with shard.reading() as reader:
        assert reader.arrow("SELECT * FROM visitors").num_rows == 0


def test_a_replica_that_is_away_is_told_when_its_old_parts_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = {"AS masked": [{"masked": 0}], "NOT active": [{"table": "events_local"}]}
    monkeypatch.setattr(rewriting, "_SECONDS", -1)
    with pytest.raises(Unavailable, match="still keeps old parts with deleted rows; try again"):
        Rewriter(Recorder(answers), Schema("two-shards")).rewrite()
