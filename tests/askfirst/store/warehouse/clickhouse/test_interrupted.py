"""What a write whose end was not heard of leaves is known to those that come after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from askfirst.clock import DAY_MS
from askfirst.errors import Unavailable
from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.committing.operations import Carrier
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.clickhouse.faults import FaultyClient
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, ms, naive

View = tuple[int, str, str]
"""A page view: its number, visitor and path."""


class Server:
    """A warehouse whose writes can fail."""

    def __init__(self, chdb: Any, database: str) -> None:
        self.client = FaultyClient(lambda: chdb.connect(database), "chdb", in_detail=True)
        address = Address("chdb", database)
        self.engine = ClickHouseEngine(address, server="one", client=self.client)
        self.warehouse = Warehouse(self.engine)

    def append(self, seq: int, *views: View) -> None:
        """Store a page view for each number, visitor and path."""
        self.warehouse.append(_batch(*views), "journal", seq)

    def views(self) -> list[tuple[str, str]]:
        rows = self.warehouse.events().to_dict("records")
        return sorted((row["visitor_id"], row["path"]) for row in rows)


def _batch(*views: View) -> Any:
    rows = [_view(*view) for view in views]
    return batch_of({name: [row[name] for row in rows] for name in EVENT_COLUMNS})


def _view(number: int, visitor: str, path: str) -> dict[str, Any]:
    known = {
        "site_id": 1, "event_id": id_of(number), "kind": "page_view",
        "time": naive(ms(f"2026-06-01T12:{number:02}")), "visitor_id": hex_of(visitor),
        "visit_id": id_of(number), "consent_id": hex_of(f"consent of {visitor}"),
        "policy_version": 1, "path": path,
    }  # fmt: skip
    return NOTHING | known


@pytest.fixture
def server(chdb: Any, database: str) -> Iterator[Server]:
    started = Server(chdb, database)
    yield started
    started.warehouse.close()


def test_law_6_an_erasure_reaches_events_of_a_batch_that_was_not_finished(server: Server) -> None:
    server.append(1, (1, "other", "/"))
    server.client.arm(2, "lost")
    with pytest.raises(Unavailable):
        server.append(2, (2, "erased", "/secret"))
    assert server.warehouse.delete_visitor(1, hex_of("erased")) == 1
    server.warehouse.watermark("journal")
    assert server.views() == [(hex_of("other"), "/")]


def test_keys_that_an_erasure_took_are_not_used_after_its_end_was_not_heard(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.append(1, (1, "other", "/"), (2, "erased", "/secret"))
    with monkeypatch.context() as patched:
        patched.setattr(Carrier, "carry_out", _fail)
        with pytest.raises(Unavailable):
            server.warehouse.delete_visitor(1, hex_of("erased"))
    server.append(2, (3, "other", "/secret"), (4, "erased", "/"))
    expected = [("other", "/"), ("other", "/secret"), ("erased", "/")]
    assert server.views() == sorted((hex_of(name), path) for name, path in expected)


def _fail(*_operation: Any) -> None:
    raise Unavailable("The connection was lost (by the test).")


def test_keys_of_a_write_that_landed_late_are_not_given_again(
    chdb: Any, database: str, server: Server
) -> None:
    server.append(1, (1, "first", "/1"))
    earlier = Server(chdb, database)  # the process before this one, whose request is under way
    earlier.append(2, (2, "second", "/2"), (3, "third", "/3"))
    with pytest.raises(Unavailable):
        server.warehouse.append(_batch((4, "fourth", "/4")), "another", 1)
    server.warehouse.append(_batch((4, "fourth", "/4"), (5, "fifth", "/5")), "another", 1)
    expected = {"first": "/1", "second": "/2", "third": "/3", "fourth": "/4", "fifth": "/5"}
    assert server.views() == sorted((hex_of(name), path) for name, path in expected.items())
    earlier.engine._owner.stop()


def test_a_day_is_open_before_its_summary_goes(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads between two statements would find neither the summary nor the events."""
    noon = 1_780_315_200_000  # 2026-06-01, the day of all views
    server.append(1, (1, "first", "/1"))
    while server.warehouse.fold(1, "UTC", noon + 3 * DAY_MS):
        pass
    day = noon // DAY_MS
    assert server.warehouse.summarised(1).until > day
    carry_out, seen = Carrier.carry_out, []

    def watched(*operation: Any) -> None:
        carry_out(*operation)
        views = server.warehouse.answer("SELECT sum(views) AS views FROM counts WHERE site = 1")
        seen.append((server.warehouse.summarised(1).until > day, bool(views["views"].sum())))

    monkeypatch.setattr(Carrier, "carry_out", watched)
    server.append(2, (2, "late", "/2"))
    assert (False, False) in seen
    assert (True, False) not in seen
