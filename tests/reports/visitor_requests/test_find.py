"""A visitor is found by any number that a receipt or a file has, and by nothing else."""

import json
import uuid

import pytest
from sqlalchemy import insert, select

from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import erasures
from askfirst.store.ledger.visitor_links import link
from tests.reports.garden import ANNA, EMAIL, Garden, ms, utc
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import CONSENT, RECORD, anna, found, told

DORA = "d" * 32


RECEIPT = "e" * 32


FORMS = {
    "as it is": lambda number: number,
    "in capitals": str.upper,
    "as a UUID": lambda number: str(uuid.UUID(number)),
    "as receipts write it": lambda number: f"urn:uuid:{uuid.UUID(number)}",
    "at the top of a receipt": lambda number: (
        f"urn:uuid:{uuid.UUID(number)}#2026-01-01T12:00:00.000Z"
    ),
    "with blanks": lambda number: " ".join(number[n : n + 4] for n in range(0, 32, 4)),
    "in a letter": lambda number: f"My receipt has the number {number}. Please erase me.",
    "in a receipt": lambda number: json.dumps({"@id": f"urn:uuid:{uuid.UUID(number)}"}),
}


async def _an_erasure(garden: Garden, **changes: object) -> None:
    row = {
        "receipt_id": RECEIPT,
        "site_id": garden.site.id,
        "requested_at": ms(utc("2025-12-31T10:00")),
        "completed_at": ms(utc("2025-12-31T10:01")),
        "counts": {"warehouse.events": 3, "ledger.consent_records": 1},
    }
    async with garden.deps.ledger.write() as connection:
        await connection.execute(insert(erasures).values(row | changes))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("number", "kind"), [(RECORD, "A consent record"), (CONSENT, "A consent"), (ANNA, "A visitor")]
)
async def test_law_6_a_visitor_is_found_by_each_number_in_each_form(
    garden: Garden, number: str, kind: str, form: str
) -> None:
    await anna(garden)
    page = await found(garden, FORMS[form](number))

    assert f"{kind} {number}" in told(page)
    assert page.links["Open the visitor"].endswith(f"/visitors/{ANNA}")
    actions = [given.get("formaction", "") for tag, given in page.tags if tag == "button"]
    base = f"/sites/{garden.site.key}/visitors/{ANNA}"
    assert actions[-6:] == [
        f"{base}/{one}"
        for one in (
            "export.json",
            "export.html",
            "export.xlsx",
            "export.zip",
            "end-access",
            "erase",
        )
    ]


async def test_law_9_who_is_found_learns_of_it_before_anything_is_shown(garden: Garden) -> None:
    await anna(garden)
    await found(garden, RECORD)

    assert await garden.entries() == [(ANNA, EMAIL, "found by a number")]


async def test_an_erasure_is_found_by_its_number_and_names_nobody(garden: Garden) -> None:
    await _an_erasure(garden)
    said = told(await found(garden, RECEIPT.upper()))

    assert "Asked for yesterday, 11:00. Carried out yesterday, 11:01: 4 rows went." in said
    assert "The erased bytes are still being removed from the files." in said
    assert await garden.entries() == []


async def test_an_erasure_under_way_and_one_whose_bytes_are_gone_are_told(garden: Garden) -> None:
    await _an_erasure(garden, completed_at=None)
    await _an_erasure(garden, receipt_id="d" * 32, bytes_gone_at=ms(utc("2025-12-31T10:02")))

    assert "It is under way." in told(await found(garden, RECEIPT))
    gone = told(await found(garden, "d" * 32))
    assert "4 rows went. Since yesterday, 11:02 no file" in gone


async def test_an_erasure_of_several_pseudonyms_is_found_with_all_its_rows(
    garden: Garden,
) -> None:
    await anna(garden)
    await garden.consent(DORA, given="2025-02-02")
    async with garden.deps.ledger.write() as connection:
        await link(connection, garden.site.id, DORA, ANNA, 1)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    page = Reading(answer.text)
    [number], [rows] = page.figures["Number of the erasure"], page.figures["Rows that went"]
    other = receipt_id_of(garden.site.id, DORA)
    later = await found(garden, number, client)

    assert rows == "5"
    assert page.figures["Pseudonyms"] == ["2"]
    assert page.figures["First yes given"] == ["1 Jan 2025, 01:00:00"]
    assert page.figures["Last yes given"] == ["2 Feb 2025, 01:00:00"]
    assert page.tables["What went"] == later.tables["What went"]
    assert sorted(page.tables["What went"]) == [
        ["Consent records; they stay as proof, without the pseudonym", "4"],
        ["Events: page views and clicks", "1"],
    ]
    assert "5 rows went." in told(later)
    said = told(await found(garden, other, client))
    assert "stands under the number of the receipt that this visitor was given" in said
    assert "0 rows" not in said


@pytest.mark.parametrize("form", FORMS)
async def test_the_pseudonym_of_an_erased_visitor_leads_to_the_receipt_and_is_not_shown(
    garden: Garden, form: str
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    [number] = Reading(answer.text).figures["Number of the erasure"]
    page = await found(garden, FORMS[form](ANNA), client)

    assert f"An erasure {number}" in told(page)
    assert "3 rows went." in told(page)
    assert "Open the visitor" not in page.links
    assert await garden.entries() == []


async def test_the_pseudonym_of_another_sites_erased_visitor_leads_nowhere(garden: Garden) -> None:
    await garden.consent(ANNA, site_id=garden.other.id)
    await garden.deps.erase(garden.other.id, ANNA)

    assert "This site knows nothing by this number." in (await found(garden, ANNA)).text


async def test_an_erasure_that_was_interrupted_is_found_as_under_way(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    with monkeypatch.context() as broken:
        broken.setattr(garden.deps.warehouse, "delete_visitor", _disk_is_away)
        answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    async with garden.deps.ledger.read() as connection:
        number = await connection.scalar(select(erasures.c.receipt_id))

    assert answer.status_code == 503
    assert "It is under way." in told(await found(garden, number, client))


def _disk_is_away(*_: object) -> int:
    raise OSError("The disk is away.")


async def test_the_record_of_an_erased_visitor_is_found_and_names_nobody(garden: Garden) -> None:
    await garden.consent(ANNA, record_id=RECORD, consent_id=CONSENT, **_NOBODY)
    page = await found(garden, RECORD)

    assert "It names nobody any more" in page.text
    assert "Open the visitor" not in page.links
    assert ANNA not in page.html
    assert await garden.entries() == []


_NOBODY = {"visitor_id": None, "nonce": None}


@pytest.mark.parametrize("number", [RECORD, CONSENT, ANNA, RECEIPT, "0" * 32])
async def test_what_is_unknown_and_what_is_another_sites_get_the_same_answer(
    garden: Garden, number: str
) -> None:
    await garden.consent(ANNA, record_id=RECORD, consent_id=CONSENT, site_id=garden.other.id)
    await _an_erasure(garden, site_id=garden.other.id)
    page = await found(garden, number)

    assert "This site knows nothing by this number." in page.text
    assert "Open the visitor" not in page.links
    assert await garden.entries() == []


async def test_a_whole_receipt_of_an_earlier_release_can_be_pasted_though_its_number_is_not_kept(
    garden: Garden,
) -> None:
    await anna(garden)
    receipt = {
        "@id": f"urn:uuid:{uuid.UUID('9' * 32)}",
        "dpv:hasNotice": "記録してもよいですか。" * 2000,
        "dpv:hasConsentRecord": {"@id": f"urn:uuid:{uuid.UUID(RECORD)}"},
    }
    page = await found(garden, json.dumps(receipt, ensure_ascii=False, indent=2))

    assert f"A consent record {RECORD}" in told(page)
    assert page.fields["number"] == ""


@pytest.mark.parametrize("typed", ["", "Anna", RECORD[:-1], "'; DROP TABLE sites; --", "<b>"])
async def test_what_is_no_number_is_said(garden: Garden, typed: str) -> None:
    page = await found(garden, typed)

    assert "Write the whole number" in page.text
    assert page.fields["number"] == typed
    assert "<title>Error: Find a visitor" in page.html
    assert "alert" in [given.get("role") for _, given in page.tags]


async def test_what_is_no_number_is_answered_as_other_forms_answer(garden: Garden) -> None:
    client = await garden.signed_in()
    bad = await garden.post(client, "/visitors/find", number="Anna")
    unknown = await garden.post(client, "/visitors/find", number="7" * 32)

    assert (bad.status_code, unknown.status_code) == (422, 200)
    assert "Error:" not in unknown.text


async def test_law_9_no_number_is_looked_up_by_a_link_or_without_the_sessions_secret(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/visitors"
    by_link = await client.get(f"{base}/find?number={RECORD}")
    forged = await client.post(f"{base}/find", data={"number": RECORD, "csrf": "x"})

    assert (by_link.status_code, by_link.headers["location"]) == (303, base)
    assert forged.status_code == 403
    assert await garden.entries() == []


async def test_each_number_is_written_in_the_same_form_on_every_page(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/visitors"
    visitor = (await client.get(f"{base}/{ANNA}")).text
    found = (await garden.post(client, "/visitors/find", number=RECORD)).text
    sure = (await garden.post(client, f"/visitors/{ANNA}/erase")).text

    for html, numbers in (
        (visitor, [ANNA, RECORD, CONSENT]),
        (found, [RECORD]),
        (sure, [ANNA]),
    ):
        for number in numbers:
            assert f'<code class="number">{number}</code>' in html
