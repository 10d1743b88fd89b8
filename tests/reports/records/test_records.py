"""An auditor's list of consent records: complete, chosen by state and day, and naming nobody."""

import csv
import io
import json

import pytest

from askfirst.text.spreadsheets import original
from reports.records import rows as record_rows
from reports.records.rows import COLUMNS
from tests.reports.garden import ANNA, BERT, EMAIL, Garden
from tests.reports.reading import Reading

TABLE = "Consent records, newest first"


async def _record(garden: Garden, number: int, given: str, **changes: object) -> None:
    await garden.consent(f"{number:032x}", given, **changes)


async def _read(garden: Garden, query: str = "") -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/records{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


async def _exported(garden: Garden, **fields: str) -> list[dict]:
    client = await garden.signed_in()
    answer = await garden.post(client, "/records/export", **{"format": "jsonl", **fields})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_the_list_shows_what_an_auditor_asks_for_newest_first(garden: Garden) -> None:
    await garden.consent(ANNA, "2025-12-01", record_id="1" * 32, consent_id="2" * 32)
    await garden.consent(
        BERT, "2025-12-02", state="withdrawn", method="preferences", signals={"gpc": True}
    )
    page = await _read(garden)

    newest, oldest = page.tables[TABLE]
    assert newest[1] == "Withdrawn"
    assert newest[-2] == "Yes"
    assert oldest == [
        "1 Dec 2025, 01:00:00",
        "Given",
        "1" * 32,
        "2" * 32,
        "1 Jan 2027, 01:00:00",
        "statistics",
        "version 1",
        "en",
        "The question",
        "The visitor",
        "No",
        "Find",
    ]
    assert page.links["version 1"] == f"/policy/{garden.site.key}/1"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"state": "renewed", "method": "preferences"}, ["Given anew", "The preferences"]),
        ({"method": "erasure", "given_by": "controller"}, ["Given", "An erasure", "Staff"]),
        ({"method": "manager", "given_by": "manager:klaro"}, ["klaro, a consent manager"]),
        ({"method": "<b>", "given_by": "<i>"}, ["<b>", "<i>"]),
    ],
)
async def test_states_ways_and_givers_are_written_in_plain_words(
    garden: Garden, facts: dict[str, str], said: list[str]
) -> None:
    await garden.consent(ANNA, **facts)
    [row] = (await _read(garden)).tables[TABLE]

    assert set(said) <= set(row)


async def test_a_first_day_after_the_last_is_said_and_exports_nothing(garden: Garden) -> None:
    await garden.consent(ANNA)
    query = "?from=2026-01-02&to=2026-01-01"
    page = await _read(garden, query)
    client = await garden.signed_in()
    days = {"from": "2026-01-02", "to": "2026-01-01"}
    refused = await garden.post(client, "/records/export", format="csv", **days)
    same = await _read(garden, "?from=2026-01-02&to=2026-01-02")

    assert "The first day is after the last" in page.text
    assert "0 records" not in page.text
    assert "in this selection" not in page.text
    assert page.fields["from"] == "2026-01-02"
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "from")
    assert "The first day is after the last" not in same.text
    assert "No record in this selection." in same.text


async def test_law_9_neither_list_nor_export_names_anybody(garden: Garden) -> None:
    await garden.consent(ANNA, record_id="1" * 32, consent_id="2" * 32, hash="3" * 64)
    client = await garden.signed_in()
    answers = [
        await client.get(f"/sites/{garden.site.key}/records"),
        await garden.post(client, "/records/export", format="csv"),
        await garden.post(client, "/records/export", format="jsonl"),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any(ANNA in answer.text or "0" * 32 in answer.text for answer in answers)
    assert not {"visitor_id", "nonce"} & set(COLUMNS)
    assert await garden.entries() == []
    assert await garden.acts() == [("records_exported", EMAIL, garden.site.key)] * 2


async def test_a_record_leads_to_its_visitor_by_a_button_whose_use_is_entered(
    garden: Garden,
) -> None:
    await garden.consent(ANNA, record_id="1" * 32)
    page = await _read(garden)
    client = await garden.signed_in()
    assert page.fields["number"] == "1" * 32
    found = await garden.post(client, "/visitors/find", number=page.fields["number"])

    assert Reading(found.text).links["Open the visitor"].endswith(f"/visitors/{ANNA}")
    assert [who for who, _, _ in await garden.entries()] == [ANNA]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/sites/KEY/choices", "page"),
        ("/sites/KEY/records", "true"),
        ("/sites/KEY/visitors", "page"),
        (f"/sites/KEY/visitors/{ANNA}", "true"),
        ("/sites/KEY/settings", "page"),
        ("/sites/KEY/delete", "true"),
        ("/sites/KEY/wording", "page"),
        ("/sites/KEY/wording/review", "true"),
        ("/account", "page"),
        ("/account/log", "true"),
    ],
)
async def test_a_tab_says_it_is_the_page_only_on_its_own_page(
    garden: Garden, path: str, current: str
) -> None:
    await garden.consent(ANNA)
    client = await garden.signed_in()
    page = Reading((await client.get(path.replace("KEY", garden.site.key))).text)
    said = [given["aria-current"] for tag, given in page.tags if "aria-current" in given]

    assert current in said
    assert ("page" in said) == (current == "page")


async def test_the_list_is_paged_to_its_end(garden: Garden) -> None:
    for number in range(120):
        await _record(garden, number, "2025-12-01", record_id=f"{number:032x}")
    await garden.consent(ANNA, site_id=garden.other.id)
    seen, query = [], ""
    for _ in range(9):
        page = await _read(garden, query)
        seen += [row[2] for row in page.tables[TABLE]]
        if "Older" not in page.links:
            break
        query = page.links["Older"].removeprefix(f"/sites/{garden.site.key}/records")

    assert seen == [f"{number:032x}" for number in reversed(range(120))]
    assert "120 records" in page.text
    assert page.links["Newest"] == f"/sites/{garden.site.key}/records"


CHOICES = {
    "": ["5", "4", "3", "2", "1"],
    "?state=withdrawn": ["4"],
    "?state=given": ["3", "2", "1"],
    "?from=2025-12-02": ["5", "4", "3", "2"],
    "?to=2025-12-02": ["3", "2", "1"],
    "?from=2025-12-02&to=2025-12-02": ["3", "2"],
    "?from=2025-12-02&to=2025-12-03&state=withdrawn": ["4"],
    "?from=2026-01-05": [],
}
"""Days of the site in Berlin, an hour before UTC: what each choice gives, newest first."""


async def _five(garden: Garden) -> None:
    facts = (
        ("1", "2025-12-01T22:59:59", "given"),
        ("2", "2025-12-01T23:00:00", "given"),
        ("3", "2025-12-02T22:59:59", "given"),
        ("4", "2025-12-02T23:00:00", "withdrawn"),
        ("5", "2025-12-31T10:00:00", "renewed"),
    )
    for number, given, state in facts:
        await _record(garden, int(number), given, state=state, record_id=number * 32)


@pytest.mark.parametrize("query", CHOICES)
async def test_the_list_and_the_export_are_chosen_by_state_and_by_days_of_the_site(
    garden: Garden, query: str
) -> None:
    await _five(garden)
    page = await _read(garden, query)
    fields = dict(pair.split("=") for pair in query[1:].split("&") if pair)
    exported = await _exported(garden, **fields)

    assert [row[2][0] for row in page.tables.get(TABLE, [])] == CHOICES[query]
    assert [row["record_id"][0] for row in exported] == CHOICES[query][::-1]
    assert {name: page.fields[name] for name in fields} | {"state": ""} == {**fields, "state": ""}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?state=x", "state"),
        ("?from=yesterday", "from"),
        ("?to=2025-02-30", "to"),
        ("?to=9999-12-31", "to"),
        ("?from=0001-01-01", "from"),
        ("?before=", "before"),
        ("?before=-1", "before"),
        ("?before=x", "before"),
        ("?before=9999999999999999999", "before"),
    ],
)
async def test_a_choice_that_makes_no_sense_is_said(garden: Garden, query: str, field: str) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/records{query}")

    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


async def test_an_export_of_no_known_format_is_refused_and_a_link_takes_none(
    garden: Garden,
) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/records/export"
    refused = await garden.post(client, "/records/export", format="xlsx")
    by_link = await client.get(f"{path}?format=csv")
    forged = await client.post(path, data={"format": "csv", "csrf": "guessed"})

    assert (refused.status_code, by_link.status_code, forged.status_code) == (400, 303, 403)
    assert await garden.acts() == []


async def test_the_csv_has_the_same_records_and_no_cell_that_is_a_formula(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_rows, "AT_ONCE", 2)  # more than one piece
    await _five(garden)
    await _record(garden, 6, "2025-12-31", given_by="=1;+2", record_id="6" * 32)
    client = await garden.signed_in()
    answer = await garden.post(client, "/records/export", format="csv")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    exported = await _exported(garden)

    assert tuple(table[0]) == tuple(exported[0]) == COLUMNS
    assert [row["record_id"] for row in table] == [row["record_id"] for row in exported]
    assert table[-1]["given_by"] == "'=1;'+2"
    assert original(table[-1]["given_by"]) == exported[-1]["given_by"] == "=1;+2"
    assert table[0]["site"] == garden.site.key
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="consent-records-{garden.site.key}-2026-01-01.csv"'
    )
    assert answer.headers["cache-control"] == "no-store"


async def test_a_record_that_comes_while_it_is_exported_is_left_for_the_next_time(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_rows, "AT_ONCE", 2)
    await _five(garden)
    chosen = record_rows.Chosen(garden.site.id)
    found = []
    async for rows in record_rows.batches(garden.deps.ledger, chosen):
        found += [row["record_id"] for row in rows]
        await _record(garden, 90 + len(found), "2026-01-01")

    assert len(found) == 5
