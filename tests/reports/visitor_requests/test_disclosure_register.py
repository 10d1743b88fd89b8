"""What was revealed outside is entered for good, and its visitor reads it when they may."""

import json

import pytest

from askfirst.store.ledger.disclosure_register import told_to
from tests.reports.garden import ANNA, EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import CONSENT, RECORD, anna, told

PATH = "/disclosures"
ENTRY = {
    "number": RECORD,
    "to_whom": "District Court",
    "ground": "court",
    "reference": "12 C 34/26",
    "kind_events": "yes",
    "kind_consents": "yes",
    "first_day": "2025-12-01",
    "last_day": "2025-12-31",
    "revealed_on": "2026-01-01",
}
HIDDEN = {"forbids": "yes", "hidden_until": "2026-03-01"}


async def _entered(garden: Garden, client, **fields: str) -> None:
    answer = await garden.post(client, PATH, **ENTRY | fields)
    assert answer.status_code == 303, answer.text


async def _page(garden: Garden, client) -> Reading:
    return Reading((await client.get(f"/sites/{garden.site.key}{PATH}")).text)


async def _read(garden: Garden) -> list[int]:
    """Return the numbers of the entries that Anna may read."""
    now = garden.clock()
    return [one.id for one in await told_to(garden.deps.ledger, garden.site.id, [ANNA], now)]


async def test_an_entry_says_to_whom_on_what_ground_what_and_by_whom(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client)
    page = await _page(garden, client)

    said = (
        "District Court Court order, 12 C 34/26. Page views and clicks, Consent records,"
        " 1 Dec \u2013 31 Dec 2025. Revealed 1 Jan."
    )
    assert said in told(page)
    assert f"Entry 1. By {EMAIL}, today, 13:00. The visitor can read it." in told(page)
    assert page.links["Visitor"].endswith(f"/visitors/{ANNA}")
    assert await garden.acts() == [("disclosure_entered", EMAIL, garden.site.key)]
    assert await _read(garden) == [1]


async def test_an_entry_that_may_not_be_told_is_in_no_file_until_its_day_in_the_sites_zone(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client, to_whom="Secret Police", **HIDDEN)

    async def files() -> list[str]:
        made = [
            await garden.post(client, f"/visitors/{ANNA}/export.{ending}")
            for ending in ("json", "html")
        ]
        return [one.text for one in made]

    hidden = await files()
    garden.clock.now = 1_772_319_600_000 - 1  # 2026-03-01T00:00 in Berlin
    client = await garden.signed_in()
    assert "Hidden from the visitor until 1 Mar" in told(await _page(garden, client))
    assert await _read(garden) == []
    garden.clock.now += 1
    assert await _read(garden) == [1]

    assert [text.count("Secret Police") for text in hidden] == [0, 0]
    [entry] = json.loads((await files())[0])["places"]["ledger.disclosure_register"]
    assert entry["to_whom"] == "Secret Police"
    assert entry["hidden_until"] == "2026-02-28T23:00:00.000Z"


async def test_a_correction_is_a_new_entry_that_names_the_older_one(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client, **HIDDEN)
    form = Reading((await garden.post(client, f"{PATH}/start", corrects="1")).text)
    fixed = ENTRY | {"number": "", "corrects": "1", "to_whom": "High Court"}
    assert (await garden.post(client, PATH, **fixed)).status_code == 303
    again = await garden.post(client, PATH, **fixed)
    page = told(await _page(garden, client))

    assert (form.fields["to_whom"], form.fields["hidden_until"]) == ("District Court", "2026-03-01")
    assert again.status_code == 422
    assert "This entry was corrected already." in again.text
    assert "Entry 2, which corrects entry 1." in page
    assert "Entry 1, corrected by entry 2." in page
    assert await _read(garden) == [1, 2]


async def test_law_6_an_entry_outlives_its_visitor_without_naming_them_and_no_receipt_counts_it(
    garden: Garden,
) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client, **HIDDEN)
    erased = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")
    page = await _page(garden, client)

    assert "revealed" not in told(Reading(erased.text)).lower()
    assert "District Court" in page.text
    assert "The visitor was erased." in told(page)
    assert ANNA not in page.html
    assert "Visitor" not in page.links


WRONG = (
    ({"number": "d" * 32}, "number"),
    ({"number": ""}, "number"),
    ({"to_whom": " "}, "to_whom"),
    ({"to_whom": "x" * 201}, "to_whom"),
    ({"to_whom": ANNA}, "to_whom"),
    ({"reference": "x" * 101}, "reference"),
    ({"ground": "x"}, "ground"),
    ({"kind_events": "", "kind_consents": ""}, "kinds"),
    ({"first_day": "2026-01-02"}, "first_day"),
    ({"last_day": "2025-11-30"}, "last_day"),
    ({"last_day": ""}, "last_day"),
    ({"revealed_on": "2026-01-02"}, "revealed_on"),
    ({"forbids": "yes"}, "hidden_until"),
    ({"hidden_until": "2026-03-01"}, "hidden_until"),
    (HIDDEN | {"hidden_until": "2026-01-01"}, "hidden_until"),
    (HIDDEN | {"hidden_until": "2031-01-02"}, "hidden_until"),
    (HIDDEN | {"ground": "consent"}, "hidden_until"),
)


async def test_what_is_wrong_is_said_and_nothing_is_entered(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    for wrong, field in WRONG:
        answer = await garden.post(client, PATH, **ENTRY | wrong)
        assert answer.status_code == 422, wrong
        assert f'id="{field}-error"' in answer.text, wrong
    forged = await client.post(f"/sites/{garden.site.key}{PATH}", data=ENTRY | {"csrf": "x"})

    assert forged.status_code == 403
    assert await _read(garden) == []
    assert await garden.acts() == []


async def test_html_is_shown_as_it_was_typed(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client, to_whom="<b>=1+1</b>", reference="<i>")
    page = await _page(garden, client)

    assert "<b>=1+1</b>" in page.text
    assert "<b>=1" not in page.html


@pytest.mark.parametrize("corrects", ["1", "7", "x"])
async def test_another_sites_visitor_and_entry_are_not_found(garden: Garden, corrects: str) -> None:
    await anna(garden)
    client = await garden.signed_in()
    await _entered(garden, client)
    csrf = Reading((await client.get("/sites/new")).text).fields["csrf"]
    path = f"/sites/{garden.other.key}{PATH}"
    fields = ENTRY | {"csrf": csrf}
    by_number = await client.post(path, data=fields | {"number": CONSENT})
    start = await client.post(f"{path}/start", data={"csrf": csrf, "corrects": corrects})
    corrected = await client.post(path, data=fields | {"corrects": corrects})

    assert (by_number.status_code, start.status_code, corrected.status_code) == (422, 404, 404)
    assert "District Court" not in (await client.get(path)).text
