"""A visitor's file holds every row and column of every table, and no formula."""

import csv
import io
import json

import pytest
from sqlalchemy import BigInteger

from askfirst.events import EVENT_COLUMNS
from askfirst.store.ledger.tables import (
    KEEPS_NO_VISITOR,
    consent_records,
    metadata,
    withdrawals,
)
from askfirst.text.spreadsheets import cell, original
from reports.visitors.export import TIMES, as_csv, as_json
from tests.factories import NOON, a_site
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.visitors.people import two_people


async def test_law_6_the_json_file_holds_every_row_and_column_of_every_place(
    garden: Garden,
) -> None:
    await two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.json")
    file = answer.json()

    assert set(file["places"]) == {place.name for place in garden.deps.personal_data.holders}
    events = file["places"]["warehouse.events"]
    assert [row["path"] for row in events] == ["/first", "/next", "/", "/later"]
    assert set(events[0]) == set(EVENT_COLUMNS)
    assert events[0]["time"] == "2025-12-30T10:00:00.000000Z"
    [record] = file["places"]["ledger.consent_records"]
    assert set(record) == set(consent_records.c.keys())
    assert record["purposes"] == ["statistics"]
    assert record["event_time"] == "2025-01-01T00:00:00.000Z"
    assert file["places"]["ledger.withdrawals"][0]["withdrawn_at"] == "2025-12-31T23:00:00.000Z"
    assert len(file["places"]["ledger.withdrawals"]) == 1
    assert BERT not in answer.text
    assert file["generated_at"] == "2026-01-01T12:00:00.000Z"
    assert file["site"]["key"] == garden.site.key
    assert answer.headers["content-disposition"] == (
        'attachment; filename="visitor-' + ANNA + '-2026-01-01.json"'
    )
    assert answer.headers["cache-control"] == "no-store"


def test_law_6_an_amount_of_money_is_one_in_the_file_and_nothing_is_nothing() -> None:
    paid = {"amount": 19_990, "cls": 50, "engaged_ms": 50_000, "currency": "EUR"}
    rows = {"warehouse.events": [paid, {"amount": 0, "cls": 0, "engaged_ms": 0, "currency": ""}]}
    places = json.loads(as_json(a_site(), ANNA, rows, NOON))["places"]

    assert places["warehouse.events"] == [
        {"amount": 19.99, "cls": 0.05, "engaged_ms": 50_000, "currency": "EUR"},
        {"amount": 0, "cls": 0, "engaged_ms": 0, "currency": ""},
    ]
    assert '"19.99"' in as_csv(rows).decode()


async def test_law_6_the_csv_file_holds_the_same_rows(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    base = f"/visitors/{ANNA}"
    answer = await garden.post(client, f"{base}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    file = json.loads((await garden.post(client, f"{base}/export.json")).text)

    counts = {place: len(rows) for place, rows in file["places"].items() if rows}
    counts["ledger.disclosures"] -= 1  # the second export's own
    for place, count in counts.items():
        assert sum(row["place"] == place for row in table) == count
    assert next(iter(table[0])) == "place"
    assert set(EVENT_COLUMNS) | set(consent_records.c.keys()) <= set(table[0])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('-2026-01-01.csv"')


def test_every_time_of_the_ledgers_places_is_known_to_the_export() -> None:
    tables = [metadata.tables[name] for name in metadata.tables if name not in KEEPS_NO_VISITOR]
    columns = [column for table in [*tables, withdrawals] for column in table.c]

    assert {one.name for one in columns if isinstance(one.type, BigInteger)} == TIMES


async def test_the_csv_file_writes_times_for_people(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    [record] = [row for row in table if row["place"] == "ledger.consent_records"]

    assert record["valid_until"] == "2027-01-01T00:00:00.000Z"
    assert {row["time"][-1:] for row in table if row["place"] == "warehouse.events"} == {"Z"}


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "\x00=1", "x;=1+1", "\uff1d1+1", "\n=1"])
async def test_no_cell_of_the_csv_is_a_formula(garden: Garden, evil: str) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", path=evil, referrer=evil, browser=f'"{evil},"')
    garden.store()
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    [row] = [row for row in table if row["place"] == "warehouse.events"]

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert row["path"] == cell(evil) != evil
    assert original(row["path"]) == evil
    assert original(row["browser"]) == f'"{evil},"'
