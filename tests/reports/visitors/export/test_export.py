"""A visitor's file holds every row and column of every table, and no formula."""

import csv
import hashlib
import io
import json
import re
import zipfile
from xml.etree import ElementTree

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
from reports.visitors.export.contents import TIME_COLUMNS, contents_of
from reports.visitors.export.texts import as_json, as_zip
from reports.visitors.export.visitor_file import as_html
from reports.visitors.export.workbook import as_xlsx
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
    contents = contents_of(a_site(), ANNA, rows, NOON)
    places = json.loads(as_json(contents))["places"]

    assert places["warehouse.events"] == [
        {"amount": 19.99, "cls": 0.05, "engaged_ms": 50_000, "currency": "EUR"},
        {"amount": 0, "cls": 0, "engaged_ms": 0, "currency": ""},
    ]
    assert _tables(as_zip(contents))["warehouse.events"][0]["amount"] == "19.99"


def _tables(body: bytes) -> dict[str, list[dict[str, str]]]:
    """Read the CSV tables of a ZIP by their names."""
    with zipfile.ZipFile(io.BytesIO(body)) as folder:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(folder.read(name).decode("utf-8-sig"), newline=""))
            )
            for name in folder.namelist()
            if name.endswith(".csv")
        }


def _sheets(body: bytes) -> dict[str, list[list[str]]]:
    """Read the sheets of a workbook by their names: the texts and numbers of each row."""
    with zipfile.ZipFile(io.BytesIO(body)) as folder:
        parts = {
            name: ElementTree.fromstring(folder.read(name))
            for name in folder.namelist()
            if name.endswith(".xml")
        }
    texts = ["".join(one.itertext()) for one in parts["xl/sharedStrings.xml"]]
    names = [one.get("name", "") for one in parts["xl/workbook.xml"].findall(".//{*}sheet")]
    found = {}
    for number, name in enumerate(names, start=1):
        rows = parts[f"xl/worksheets/sheet{number}.xml"].findall(".//{*}row")
        assert not [one for row in rows for one in row.findall(".//{*}f")]  # a formula
        found[name] = [[_cell(one, texts) for one in row] for row in rows]
    return found


def _cell(one: ElementTree.Element, texts: list[str]) -> str:
    value = "".join(one.itertext())
    return texts[int(value)] if one.get("t") == "s" else value


async def test_law_6_every_format_has_every_table_that_knows_visitors(garden: Garden) -> None:
    await two_people(garden)
    await garden.withdraw(ANNA, "2025-12-31T23:00")
    rows = await garden.deps.personal_data.rows(garden.site.id, ANNA)
    contents = contents_of(garden.site, ANNA, rows, NOON)
    html = as_html(garden.deps.pages, contents, rows, {}).decode()
    names = [holder.name for holder in garden.deps.personal_data.holders]
    tables, sheets = _tables(as_zip(contents)), _sheets(as_xlsx(contents))
    places = json.loads(as_json(contents))["places"]

    assert list(places) == list(tables) == list(sheets)[1:] == names
    assert re.findall(r'<h2 id="([^"]+[.][^"]+)"', html) == names
    for name, found in rows.items():
        assert len(places[name]) == len(tables[name]) == len(sheets[name]) - 1 == len(found)
        section = html.partition(f'<h2 id="{name}"')[2].partition("<h2")[0]
        assert max(section.count("<tr>") - 1, 0) == len(found)
        for column in {column for row in found for column in row}:
            assert all(column in row for row in (*places[name], *tables[name]))
            assert column in sheets[name][0]
            assert column in section
    [record] = rows["ledger.consent_records"]
    assert record["hash"] in html
    assert record["hash"] in sheets["ledger.consent_records"][1]
    assert set(places["warehouse.events"][0]) == set(EVENT_COLUMNS)


async def test_every_format_has_a_manifest_of_counts_and_the_same_sha_256(garden: Garden) -> None:
    await two_people(garden)
    rows = await garden.deps.personal_data.rows(garden.site.id, ANNA)
    contents = contents_of(garden.site, ANNA, rows, NOON)
    file = json.loads(as_json(contents))
    with zipfile.ZipFile(io.BytesIO(as_zip(contents))) as folder:
        manifest = json.loads(folder.read("manifest.json"))
        for one in manifest["tables"]:
            assert one["file_sha256"] == hashlib.sha256(folder.read(one["file"])).hexdigest()
    compact = {"separators": (",", ":"), "ensure_ascii": False}
    whole = json.dumps(file["places"], **compact).encode()
    html = as_html(garden.deps.pages, contents, rows, {}).decode()

    assert file["manifest"]["sha256"] == hashlib.sha256(whole).hexdigest()
    assert manifest["sha256"] == file["manifest"]["sha256"]
    assert file["manifest"]["rows"] == sum(len(found) for found in rows.values())
    for one in file["manifest"]["tables"]:
        those = file["places"][one["table"]]
        digest = hashlib.sha256(json.dumps(those, **compact).encode()).hexdigest()
        assert (one["rows"], one["sha256"]) == (len(those), digest)
        assert digest in html
    assert manifest["sha256"] in html
    assert ["SHA-256", manifest["sha256"]] in _sheets(as_xlsx(contents))["manifest"]


def test_the_sum_is_that_of_the_json_that_others_write() -> None:
    texts = {
        "path": '\x00\x7f\u2028\U0001f600"\\ \u00e4',
        "amount": 9_007_199_254_740_991,
        "cls": 7,
    }
    contents = contents_of(a_site(), ANNA, {"warehouse.events": [texts]}, NOON)
    places = json.loads(as_json(contents))["places"]
    compact = json.dumps(places, separators=(",", ":"), ensure_ascii=False).encode()

    assert contents.sha256 == hashlib.sha256(compact).hexdigest()


def test_a_workbook_goes_on_where_a_sheet_or_a_cell_ends() -> None:
    rows = {"warehouse.events": [{"path": f"/{number}", "title": "b"} for number in range(5)]}
    rows["warehouse.events"][4]["path"] = "x" * 70_000
    sheets = _sheets(as_xlsx(contents_of(a_site(), ANNA, rows, NOON), most_rows=2))

    assert [len(sheets[f"warehouse.events{n}"]) for n in ("", " 2", " 3")] == [3, 3, 2]
    last = sheets["warehouse.events 3"][1]
    assert last[1] == "b"
    assert "".join(one for one in last if one != "b") == "x" * 70_000


def test_every_time_of_the_ledgers_places_is_known_to_the_export() -> None:
    tables = [metadata.tables[name] for name in metadata.tables if name not in KEEPS_NO_VISITOR]
    columns = [column for table in [*tables, withdrawals] for column in table.c]

    assert {one.name for one in columns if isinstance(one.type, BigInteger)} == TIME_COLUMNS


async def test_the_csv_files_write_times_for_people(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/export.zip")
    tables = _tables(answer.content)
    [record] = tables["ledger.consent_records"]

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].endswith('-2026-01-01.zip"')
    assert record["valid_until"] == "2027-01-01T00:00:00.000Z"
    assert {row["time"][-1:] for row in tables["warehouse.events"]} == {"Z"}


@pytest.mark.parametrize(
    "evil",
    ["=cmd|' /C calc'!A0", "+1", "-1", "@A1", "\t=1", "\x00=1", "x;=1+1", "\uff1d1+1", "\n=1"],
)
def test_no_cell_of_a_table_or_a_workbook_is_a_formula(evil: str) -> None:
    row = {"path": evil, "browser": f'"{evil},"', "status": -1}
    contents = contents_of(a_site(), ANNA, {"warehouse.events": [row]}, NOON)
    [found] = _tables(as_zip(contents))["warehouse.events"]
    sheet = _sheets(as_xlsx(contents))["warehouse.events"][1]

    assert found["path"] == cell(evil) != evil
    assert original(found["path"]) == evil
    assert original(found["browser"]) == f'"{evil},"'
    assert sheet == [
        cell(evil).replace("\x00", "_x0000_"),
        cell(f'"{evil},"').replace("\x00", "_x0000_"),
        "-1",
    ]
