"""A commit that fails anywhere is neither lost nor done twice, whatever the server did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.clickhouse.committing.operations import joined
from askfirst.store.warehouse.clickhouse.committing.packing import packed, unpacked
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.engine import Delete, Insert, Operation
from tests.askfirst.store.warehouse.clickhouse.faults import FaultyClient, Side

COUNTS = ("site", "dimension", "value", "day", "visits", "views", "bounces", "ms")


@pytest.fixture(scope="module")
def database(chdb: Any) -> Iterator[str]:
    with chdb.database() as name:
        chdb.engine(name, server="one").prepare()
        yield name


class Server:
    """An Askfirst server on a database, which can crash and start again."""

    def __init__(self, chdb: Any, database: str) -> None:
        self._chdb, self._database = chdb, database
        self.start()

    def start(self) -> None:
        self.client = FaultyClient(
            lambda: self._chdb.connect(self._database), "chdb", in_detail=True
        )
        self.engine: ClickHouseEngine = self._chdb.engine(self._database, server="one")
        self.engine = ClickHouseEngine(self.address, server="one", client=self.client)
        self.engine.prepare()

    @property
    def address(self) -> Any:
        from askfirst.store.warehouse.clickhouse.address import Address

        return Address("chdb", self._database)

    def crash(self) -> None:
        self.engine._owner.stop()

    def state(self) -> dict[str, Any]:
        self.engine.settle()
        with self.engine.reading() as reader:
            return {
                "visitors": reader.arrow("SELECT visitor FROM visitors ORDER BY visitor")[
                    "visitor"
                ].to_pylist(),
                "counts": reader.arrow(
                    "SELECT day, sum(views) AS views FROM counts GROUP BY day ORDER BY day"
                ).to_pylist(),
                "shipped": reader.arrow("SELECT seq FROM shipped")["seq"].to_pylist(),
            }


@pytest.fixture
def server(chdb: Any, database: str) -> Iterator[Server]:
    started = Server(chdb, database)
    yield started
    started.engine.close()


def shipped(seq: int) -> Insert:
    return insert_rows("shipped", ("journal", "seq"), [("j", seq)])[0]


def visitor(number: int) -> Insert:
    return insert_rows(
        "visitors", ("site", "visitor", "visitor_id"), [(1, number, f"{number:032x}")]
    )[0]


def counted(day: int, views: int) -> Insert:
    return insert_rows("counts", COUNTS, [(1, 0, 0, day, 0, views, 0, 0)])[0]


def folded(views: int) -> list[Operation]:
    """Return a day made anew, as a late event makes it: rows go, and others come."""
    return [
        Delete("counts", equal={"site": 1}, since={"day": 7}),
        counted(7, views),
        Delete("visitors", among={"visitor": pa.array([1], pa.int32())}),
        visitor(1),
        visitor(views),
        shipped(views),
    ]


BEFORE = {"visitors": [1], "counts": [{"day": 7, "views": 10}], "shipped": [10]}
AFTER = {"visitors": [1, 20], "counts": [{"day": 7, "views": 20}], "shipped": [20]}
LATER = {"visitors": [1, 20, 30], "counts": [{"day": 7, "views": 30}], "shipped": [30]}
WRITES = 8
"""The row of the log, six operations, and the mark."""


def begun(server: Server, name: str) -> None:
    everything = [Delete(table, since={"site": 0}) for table in ("visitors", "counts")]
    server.engine.commit([*everything, visitor(1), counted(7, 10), shipped(10)], f"{name} first")
    assert server.state() == BEFORE


OTHER_FAILURES = (("late", True), ("lost", False), ("late", False))


@pytest.mark.parametrize(
    ("side", "crash"),
    [
        pytest.param("lost", True, marks=pytest.mark.faults),
        ("answer lost", False),  # one before a crash is the next write lost
        *(pytest.param(*one, marks=pytest.mark.faults) for one in OTHER_FAILURES),
    ],
)
def test_law_7_a_commit_that_fails_at_any_write_is_done_once(
    server: Server, side: Side, crash: bool
) -> None:
    for at in range(WRITES):
        name = f"{side} {crash} {at} {id(server)}"
        begun(server, name)
        server.client.arm(at, side)
        with pytest.raises(Unavailable):
            server.engine.commit(folded(20), name)
        assert server.client.has_failed
        late = server.client.late
        if crash:
            server.crash()
            server.start()
        assert server.state() == (BEFORE if at == 0 and side != "answer lost" else AFTER)
        server.engine.commit(folded(20), name)
        assert server.state() == AFTER
        server.engine.commit(folded(30), f"{name} later")
        for land in late:
            land()
        assert server.state() == LATER
        late.clear()


def test_a_commit_has_as_many_writes_as_the_test_fails(server: Server) -> None:
    begun(server, f"count {id(server)}")
    server.client.arm(WRITES, "lost")
    server.engine.commit(folded(20), f"counted {id(server)}")
    assert not server.client.has_failed
    server.client.arm(WRITES - 1, "lost")
    with pytest.raises(Unavailable):
        server.engine.commit(folded(30), f"counted more {id(server)}")


def test_a_commit_computed_before_another_was_finished_is_refused(server: Server) -> None:
    name = f"stale {id(server)}"
    begun(server, name)
    server.client.arm(1, "lost")
    with pytest.raises(Unavailable):
        server.engine.commit(folded(20), name)
    with pytest.raises(Unavailable, match="first; try again"):
        server.engine.commit(folded(30), f"{name} computed without it")
    assert server.state() == AFTER


def test_a_note_that_lands_in_place_of_another_is_carried_out_and_the_other_refused(
    server: Server,
) -> None:
    name = f"place {id(server)}"
    begun(server, name)
    server.client.arm(0, "late")
    with pytest.raises(Unavailable):
        server.engine.commit(folded(20), name)
    server.state()  # nothing is open yet
    (land,) = server.client.late
    land()
    with pytest.raises(Unavailable, match="first; try again"):
        server.engine.commit(folded(30), f"{name} other")
    assert server.state() == AFTER


def test_a_token_is_done_once(server: Server) -> None:
    name = f"once {id(server)}"
    begun(server, name)
    for _ in range(2):
        server.engine.commit([visitor(20), counted(7, 10), shipped(20)], name)
    assert server.state() == AFTER
    server.crash()
    server.start()
    server.engine.commit([visitor(20), counted(7, 10), shipped(20)], name)
    assert server.state() == AFTER


def test_an_old_commit_leaves_the_log(chdb: Any) -> None:
    with chdb.database() as name:
        engine = chdb.engine(name)
        engine.prepare()
        client = chdb.client(name)
        for number in (50, 150, 250):
            row = {"number": pa.array([number], pa.uint64()), "token": ["t"], "attempt": ["a"]}
            client.insert("redo", pa.table(row | {"operations": ["x"]}))
            client.insert("redo_done", pa.table({"number": row["number"], "token": ["t"]}))
        client.insert(
            "redo_done", pa.table({"number": pa.array([299], pa.uint64()), "token": ["u"]})
        )
        engine._redo._last = None
        engine.commit([shipped(1)], "the 300th")
        left = client.rows("SELECT number FROM redo ORDER BY number")
        assert [row["number"] for row in left] == [50, 250, 300]
        client.close()
        engine.close()


def test_readers_wait_for_no_writer(server: Server) -> None:
    """A reader sees what is stored while a commit is under way."""
    begun(server, f"reads {id(server)}")
    seen: list[int] = []

    def look() -> None:
        with server.engine.reading() as reader:
            seen.append(reader.arrow("SELECT count() AS n FROM visitors")["n"][0].as_py())

    def insert(*arguments: Any, **options: Any) -> None:
        looker = threading.Thread(target=look)
        looker.start()
        looker.join(20)
        FaultyClient.insert(server.client, *arguments, **options)

    server.client.insert = insert  # type: ignore[method-assign]
    server.engine.commit([visitor(2)], f"reads more {id(server)}")
    assert seen == [1, 1, 2]  # before the row of the log, the visitor, and the mark


def test_insertions_into_one_table_become_one(server: Server) -> None:
    rows = [visitor(1), counted(7, 1), visitor(2), shipped(1), visitor(3), shipped(2)]
    tables = [one.table for one in joined(rows)]
    assert tables == ["visitors", "counts", "shipped", "shipped"]
    deleted = [visitor(1), Delete("visitors", equal={"visitor": 1}), visitor(2), counted(1, 1)]
    assert joined(deleted)[1:] == deleted[:3]


def test_operations_are_the_same_after_packing() -> None:
    given = folded(20)
    found = unpacked(packed(given))
    assert [type(one) for one in found] == [type(one) for one in given]
    assert all(a == b for a, b in zip(found, given, strict=True))
