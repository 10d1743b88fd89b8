"""What a reader sees between any two statements of a commit: the state before it, or after it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from askfirst.clock import DAY_MS
from askfirst.errors import Unavailable
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.committing import snapshots
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.logical.events import events_of, profiles_of_visits, with_profile
from askfirst.store.warehouse.logical.scope import Scope, scope_between
from askfirst.store.warehouse.logical.visits import visits_between
from askfirst.store.warehouse.tables import stored
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.amount import IS_LONG
from tests.askfirst.store.warehouse.clickhouse.faults import FaultyClient
from tests.askfirst.store.warehouse.clickhouse.test_interrupted import View, _batch
from tests.askfirst.store.warehouse.streams import hex_of

NOON = 1_780_315_200_000  # 2026-06-01, the day of all views
FOLDED_AT = NOON + 3 * DAY_MS
Answer = dict[str, list[Any]]


class WatchedClient(FaultyClient):
    """Lets another thread look before the writes, before one of so many by turns."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.look: Callable[[], Answer] | None = None
        self.seen: list[Answer] = []
        self.one_of = 1
        self.writes = 0
        """How many writes there were since somebody began to look, of all changes."""

    def _write(self, act: Callable[[], None], what: str) -> None:
        self._looked()
        super()._write(act, what)

    def _looked(self) -> None:
        look = self.look
        if look is None:
            return
        self.writes += 1
        if self.writes % self.one_of:
            return
        self.look = None  # a reader writes the tables that it keeps
        looker = threading.Thread(target=lambda: self.seen.append(look()))
        looker.start()
        looker.join(300)
        self.look = look


class Server:
    """A warehouse of which someone reads between any two statements of a commit."""

    def __init__(self, chdb: Any, database: str) -> None:
        self.client = WatchedClient(lambda: chdb.connect(database), "chdb", in_detail=True)
        address = Address("chdb", database)
        self.engine = ClickHouseEngine(address, server="one", client=self.client)
        self.warehouse = Warehouse(self.engine)

    def append(self, seq: int, *views: View) -> None:
        self.warehouse.append(_batch(*views), "journal", seq)

    def fold(self) -> None:
        while self.warehouse.fold(1, "UTC", FOLDED_AT):
            pass

    def answer(self) -> Answer:
        """Return the visits, and the events with what is known of them, read from events."""
        scope = scope_between(1, NOON - DAY_MS, NOON + DAY_MS)
        visits, events = (self.warehouse.page().rows(one, scope) for one in (_visits, _profiles))
        return {
            "visits": sorted(visits["visit"].to_pylist()),
            "events": sorted(zip(*events.to_pydict().values(), strict=True)),
        }

    def watch(self, act: Callable[[], Any]) -> tuple[Answer, list[Answer], Answer]:
        """Return the answers before, between the statements of, and after a change."""
        before, begun = self.answer(), self.client.writes
        self.client.seen, self.client.look = [], self.answer
        try:
            act()
        finally:
            self.client.look = None
        assert self.client.writes - begun > 8
        return before, self.client.seen, self.answer()


def _visits(scope: Scope) -> Any:
    return visits_between(scope, scope.start, scope.end).select("visit")


def _profiles(scope: Scope) -> Any:
    events = with_profile(events_of(scope), profiles_of_visits(scope.site_id))
    paths = stored("texts")
    paths = paths.filter(paths.column == "path").select(path="id", text="text")
    seen = events.inner_join(paths, "path")
    return seen.inner_join(stored("visitors").drop("site"), "visitor").select("text", "visitor")


@pytest.fixture
def server(chdb: Any) -> Iterator[Server]:
    with chdb.database() as database:
        started = Server(chdb, database)
        yield started
        started.warehouse.close()


def is_one_change(before: Answer, between: list[Answer], after: Answer) -> bool:
    """Return whether it was `before` at first, `after` at last, and nothing else in between."""
    turned = [one == after for one in between]
    return all(one in (before, after) for one in between) and turned == sorted(turned)


FIRST = ((1, "one", "/1"), (2, "two", "/2"), (3, "three", "/3"))


@pytest.mark.parametrize("inline", [pytest.param(50, marks=pytest.mark.faults), 0])
def test_a_reader_between_two_statements_sees_each_visit_once(
    server: Server, monkeypatch: pytest.MonkeyPatch, inline: int
) -> None:
    """Folding, reopening by a late event, appending and erasing, with few and with many rows.

    What it sees costs more than what it looks at: in every run it looks before a third of the
    statements, of each change before others.
    """
    monkeypatch.setattr(snapshots, "_INLINE", inline)
    server.client.one_of = 1 if inline or IS_LONG else 3
    server.append(1, *FIRST)
    before, between, after = server.watch(server.fold)
    assert before == after
    assert between
    assert all(one == before for one in between)
    assert server.warehouse.answer("SELECT visit FROM open_visits").empty

    changes: tuple[Callable[[], Any], ...] = (
        lambda: server.append(2, (4, "late", "/4"), (5, "one", "/1")),
        lambda: server.warehouse.delete_visitor(1, hex_of("two")),
        server.fold,
        lambda: server.warehouse.delete_visitor(1, hex_of("one")),
        lambda: server.warehouse.delete_site(1),
    )
    for number, change in enumerate(changes):
        before, between, after = server.watch(change)
        assert is_one_change(before, between, after), number
        assert between
    assert after == {"visits": [], "events": []}


@pytest.mark.faults
def test_a_commit_that_failed_anywhere_is_seen_whole_or_not_at_all(server: Server) -> None:
    server.append(1, *FIRST)
    server.fold()
    at = 0
    while True:
        name = f"visitor {at}"
        server.append(at + 2, (at + 10, name, f"/{name}"))
        before = server.answer()
        server.client.arm(at, "lost")
        with contextlib.suppress(Unavailable):
            server.warehouse.delete_visitor(1, hex_of(name))
        seen = server.answer()
        failed = server.client.has_failed
        server.engine.settle()
        after = server.answer()
        assert seen in (before, after), at
        if not failed:
            break
        server.warehouse.delete_visitor(1, hex_of(name))
        at += 1
    assert at > 5


def test_rows_are_deleted_when_the_statements_that_may_miss_them_have_ended(
    server: Server,
) -> None:
    names = ("site", "visitor", "visitor_id")
    rows = [(1, one, f"{one:032x}") for one in (1, 2)]
    server.engine.commit(insert_rows("visitors", names, rows), "two")
    delete = Delete("visitors", among={"visitor": pa.array([1], pa.int32())})
    committing = threading.Thread(target=server.engine.commit, args=([delete], "one"))
    with server.engine._snapshots.statement() as earlier:
        committing.start()
        wait_for(lambda: server.engine._snapshots._number == 2)
        sql = "SELECT visitor FROM visitors ORDER BY visitor"
        with server.engine.reading() as reader:
            assert reader.arrow(sql)["visitor"].to_pylist() == [2]
        assert server.client.arrow(sql, {}, earlier)["visitor"].to_pylist() == [1, 2]
        assert committing.is_alive()
    committing.join(20)
    assert server.client.arrow(sql)["visitor"].to_pylist() == [2]


def wait_for(is_so: Callable[[], bool]) -> None:
    for _ in range(2_000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("It did not happen in 20 seconds.")


def test_a_server_that_lost_the_lease_reads_what_another_has_written(
    chdb: Any, server: Server
) -> None:
    server.append(1, *FIRST)
    server.engine._owner.stop()
    server.engine._owner._sure_until = 0.0
    other = ClickHouseEngine(server.engine._address, server="one", client=server.client)
    Warehouse(other).append(_batch((4, "four", "/4")), "journal", 2)
    assert len(server.answer()["events"]) == 4
    other._owner.stop()
