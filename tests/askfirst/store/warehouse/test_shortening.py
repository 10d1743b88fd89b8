"""Addresses of older events are shortened, on both engines, and nothing else changes."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.warehouse import Warehouse
from askfirst.web.ip_addresses import shortened_address
from tests.askfirst.store.warehouse.amount import IS_LONG, examples
from tests.askfirst.store.warehouse.closing import close_days_at
from tests.askfirst.store.warehouse.conftest import OpenEngine
from tests.askfirst.store.warehouse.streams import DAY, MOMENTS, hex_of, id_of, naive, with_visits

SITE, BEGIN = 1, MOMENTS[0]
EVER = naive(BEGIN + 400 * DAY)
IPS = (
    "",
    "192.0.2.0",
    "192.0.2.7",
    "192.0.2.9",
    "2001:db8:1::",
    "2001:db8:1:2::7",
    "2001:db8:1:2::",
)
SOME = settings(
    max_examples=examples(5, 60), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
happenings = st.lists(
    st.fixed_dictionaries(
        {
            "site": st.sampled_from((1, 1, 1, 2)),
            "visitor": st.sampled_from("aab"),
            "minutes": st.sampled_from((0, 1, 20, 40, 700, 2000)),
            "ip": st.sampled_from((IPS[2], IPS[2], *IPS)),
        }
    ),
    min_size=2,
    max_size=12,
)


def events(happened: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of all columns, in the order of their times."""
    nothing = {name: 0 if kind.startswith("int") else "" for name, kind in EVENT_COLUMNS.items()}
    rows, time = [], BEGIN
    for number, one in enumerate(happened):
        time += one["minutes"] * 60_000
        ids = {
            "site_id": one["site"],
            "event_id": id_of(number),
            "visitor_id": hex_of(one["visitor"]),
            "consent_id": hex_of(f"{one['visitor']}c"),
            "policy_version": 1,
        }
        rows.append({**nothing, **ids, "kind": "page_view", "time": naive(time), "ip": one["ip"]})
    with_visits(rows)
    return rows


def stored(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.events().sort_values("event_id").reset_index(drop=True)


def expected(before: pd.DataFrame, end: datetime) -> pd.DataFrame:
    """Return the events as they are once those before the time are shortened."""
    last = before.groupby(["site_id", "visit_id"])["time"].transform("max")
    goes = (before["site_id"] == SITE) & (last < end)
    return before.assign(ip=before["ip"].mask(goes, before["ip"].map(shortened_address)))


def nothing_is_left(warehouse: Warehouse) -> bool:
    """Return whether each address is a profile's, and each profile an event's or a visit's."""
    texts = warehouse.answer("SELECT id AS key FROM texts WHERE \"column\" = 'ip'")
    profiles = warehouse.answer("SELECT profile AS key, ip FROM profiles")
    naming = [warehouse.answer(f"SELECT profile FROM {name}")["profile"] for name in NAMING]
    named = {key for column in naming for key in column if key}
    return set(profiles["key"]) == named and set(texts["key"]) == set(profiles["ip"]) - {0}


NAMING = ("events", "open_visits", "visits")


def check(warehouse: Warehouse, rows: list[dict[str, Any]], place: int, *, closed: bool) -> None:
    """Store events in two batches, shorten those before one of them, and then all of the site."""
    end = rows[place % len(rows)]["time"] + timedelta(milliseconds=place % 2)
    half = len(rows) // 2
    for number, batch in enumerate((rows[:half], rows[half:]), 1):
        columns = {name: [row[name] for row in batch] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", number)
    if closed:
        close_days_at(warehouse, SITE, "Europe/Berlin", BEGIN + 30 * DAY)
    before = stored(warehouse)

    changed = warehouse.shorten_addresses(SITE, end)
    after = stored(warehouse)

    may = (before["site_id"] == SITE) & (before["time"] < end)
    short = before["ip"].map(shortened_address)
    wanted = expected(before, end)["ip"]
    assert after.drop(columns="ip").equals(before.drop(columns="ip"))
    assert after["ip"][~may].equals(before["ip"][~may])
    assert ((after["ip"] == wanted) | (after["ip"] == short)).all()
    assert changed or wanted.equals(before["ip"])
    assert nothing_is_left(warehouse)
    assert not warehouse.shorten_addresses(SITE, end)

    warehouse.shorten_addresses(SITE, EVER)
    after = stored(warehouse)
    mine = after["site_id"] == SITE
    assert after["ip"][mine].equals(short[mine])
    assert after["ip"][~mine].equals(before["ip"][~mine])
    assert not warehouse.shorten_addresses(SITE, EVER)
    assert nothing_is_left(warehouse)


@SOME
@given(happenings, st.integers(0, 11), st.booleans())
def test_addresses_before_a_time_are_shortened_and_nothing_else_changes(
    tmp_path_factory, happened: list[dict[str, Any]], place: int, closed: bool
):
    engine = DuckDBEngine(tmp_path_factory.mktemp("duckdb") / "warehouse.duckdb")
    check(Warehouse(engine), events(happened), place, closed=closed)
    engine.close()


SAME = {"site": 1, "visitor": "a", "ip": "192.0.2.7"}
MIXED = [
    {**SAME, "minutes": 0},
    {**SAME, "minutes": 5, "ip": "2001:db8:1:2::7"},
    {**SAME, "minutes": 5},
    {**SAME, "minutes": 1, "visitor": "b"},
    {**SAME, "minutes": 1, "site": 2},
    {**SAME, "minutes": 2000},
    {**SAME, "minutes": 5, "ip": "2001:db8:1:2::7"},
    {**SAME, "minutes": 5},
]
"""A visitor with two addresses comes back with the same ones: profiles that are still used."""


@pytest.mark.parametrize("closed", [True, False] if IS_LONG else [True])
def test_both_engines_shorten_the_addresses_of_the_older_visit_alone(
    open_engine: OpenEngine, closed: bool
):
    with open_engine() as engine:
        check(Warehouse(engine), events(MIXED), 5, closed=closed)


def test_who_comes_back_with_the_same_address_has_it_whole_again(tmp_path: Path):
    first = {"site": 1, "visitor": "a", "minutes": 0, "ip": "192.0.2.7"}
    rows = events([first, {**first, "minutes": 2000}])
    warehouse = Warehouse(DuckDBEngine(tmp_path / "warehouse.duckdb"))
    for number, row in enumerate(rows, 1):
        columns = {name: [row[name]] for name in EVENT_COLUMNS}
        warehouse.append(batch_of(columns), "journal", number)
        if number == 1:
            assert warehouse.shorten_addresses(SITE, rows[1]["time"])
    found = warehouse.events().sort_values("time")
    warehouse.close()
    assert list(found["ip"]) == ["192.0.2.0", "192.0.2.7"]


def test_an_event_whose_id_comes_again_later_stays(tmp_path: Path):
    rows = events(MIXED)
    rows[6]["event_id"] = rows[1]["event_id"]
    warehouse = Warehouse(DuckDBEngine(tmp_path / "warehouse.duckdb"))
    columns = {name: [row[name] for row in rows] for name in EVENT_COLUMNS}
    warehouse.append(batch_of(columns), "journal", 1)
    assert warehouse.shorten_addresses(SITE, rows[5]["time"])
    found = warehouse.events(SITE).sort_values("time")
    warehouse.close()

    old, new = ["192.0.2.0", "2001:db8:1::", "192.0.2.0", "192.0.2.0"], [row["ip"] for row in rows]
    assert list(found["ip"]) == [*old, *new[5:]]
