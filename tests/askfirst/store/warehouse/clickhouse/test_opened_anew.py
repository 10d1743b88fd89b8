"""Days that another release closed: a start opens them, also after one that was cut short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from askfirst.clock import DAY_MS
from askfirst.errors import Misconfigured, Unavailable
from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse import noted
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.logical.scope import NOT_SUMMARISED
from askfirst.store.warehouse.noted import MADE_OF, NOTE
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.clickhouse.faults import FaultyClient
from tests.askfirst.store.warehouse.closing import close_days_at
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, naive

NOON = 1_780_315_200_000  # 2026-06-01
LATER = NOON + 9 * DAY_MS
WRITES = 8
"""Statements by which a start opens all days: each may be the last one."""


@pytest.fixture
def opened(chdb: Any, database: str) -> Iterator[Warehouse]:
    """Yield a warehouse with a visit on each of three days, all of which are closed."""
    warehouse = Warehouse(chdb.engine(database, server="one"))
    rows = [
        {
            **NOTHING,
            "site_id": 1,
            "event_id": id_of(number),
            "kind": "page_view",
            "time": naive(NOON + number * DAY_MS),
            "visitor_id": hex_of("visitor"),
            "visit_id": id_of(number if number < 3 else 90),
            "consent_id": hex_of("consent"),
            "policy_version": 1,
            "path": "/",
        }
        for number in (1, 2, 3)
    ]
    batch = batch_of({name: [row[name] for row in rows] for name in EVENT_COLUMNS})
    warehouse.append(batch, "j", 1)
    close_days_at(warehouse, 1, "UTC", LATER)
    yield warehouse
    warehouse.close()


def note_of(client: Client) -> list[int]:
    found = client.rows("SELECT version FROM form WHERE one = $one", {"one": NOTE})
    return [row["version"] for row in found]


def note(client: Client, number: int | None) -> None:
    """Leave a note as another release does, or none."""
    client.run("DELETE FROM form_rows WHERE one = $one", {"one": NOTE})
    if number is not None:
        values = {"one": NOTE, "number": number}
        client.run("INSERT INTO form_rows (one, version) SELECT $one, $number", values)


def visits(client: Client, table: str) -> list[str]:
    rows = client.rows(f"SELECT visit FROM {table} ORDER BY visit")
    return [row["visit"] for row in rows]


def test_a_start_that_was_cut_short_anywhere_is_made_up_for_by_the_next(
    chdb: Any, database: str, client: Client, opened: Warehouse
) -> None:
    ids, until = sorted(opened.visits()), opened.summarised(1).until
    opened.close()
    for at in range(WRITES):
        note(client, MADE_OF + 1)
        fails = FaultyClient(lambda: chdb.connect(database), "chdb", in_detail=True)
        cut = ClickHouseEngine(Address("chdb", database), server="one", client=fails)
        fails.arm(at, "answer lost")
        with pytest.raises(Unavailable):
            cut.prepare()
        cut._owner.stop()

        warehouse = Warehouse(chdb.engine(database, server="one"))
        assert sorted(warehouse.visits()) == ids
        assert warehouse.summarised(1) == NOT_SUMMARISED
        assert visits(client, "open_visits") == [1, 2, 3]
        assert visits(client, "visits") == []
        close_days_at(warehouse, 1, "UTC", LATER)
        assert warehouse.summarised(1).until == until
        assert visits(client, "visits") == [1, 2, 3]
        assert note_of(client) == [MADE_OF]
        warehouse.close()


def test_a_command_that_reads_refuses_what_another_release_summed_up(
    chdb: Any, database: str, client: Client, opened: Warehouse
) -> None:
    opened.close()
    note(client, MADE_OF + 1)
    with pytest.raises(Misconfigured, match="A start of the server sums them up anew"):
        chdb.engine(database, read_only=True).prepare()
    assert note_of(client) == [MADE_OF + 1]


@pytest.mark.parametrize(
    ("left", "unnoted", "stays"),
    [(MADE_OF, MADE_OF + 1, True), (None, MADE_OF, True), (None, MADE_OF + 1, False)],
)
def test_days_stay_closed_that_were_closed_by_the_same_dimensions(
    chdb: Any,
    database: str,
    client: Client,
    opened: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    left: int | None,
    unnoted: int,
    stays: bool,
) -> None:
    until = opened.summarised(1).until
    opened.close()
    note(client, left)
    monkeypatch.setattr(noted, "UNNOTED", unnoted)
    again = Warehouse(chdb.engine(database, server="one"))
    assert again.summarised(1).until == (until if stays else NOT_SUMMARISED.until)
    assert note_of(client) == [MADE_OF]
    again.close()
