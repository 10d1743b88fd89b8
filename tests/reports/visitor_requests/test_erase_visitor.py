"""Erasing a visitor asks first, says what goes, and reaches nobody else."""

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import disclosures, erasures
from tests.reports.garden import ANNA, EMAIL, Garden
from tests.reports.reading import Reading
from tests.reports.visitor_requests.numbers import CONSENT, anna, told


async def test_law_6_erasing_asks_first_and_says_what_goes(garden: Garden) -> None:
    await anna(garden)
    client = await garden.signed_in()
    page = Reading((await garden.post(client, f"/visitors/{ANNA}/erase")).text)

    assert page.tables["What is held of this visitor"] == [
        ["Consent records; they stay as proof, without the pseudonym", "1"],
        ["Entries of who saw this visitor", "1"],
        ["Events: page views and clicks", "1"],
    ]
    assert "ending a consent that still holds adds a record, which is counted too" in told(page)
    assert await garden.entries() == [(ANNA, EMAIL, "asked to erase")]
    assert await garden.acts() == []
    assert any((await garden.deps.personal_data.rows(garden.site.id, ANNA)).values())


async def test_who_is_about_to_be_erased_is_called_by_name_and_number(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T10:00", browser="Mobile Safari", os="iOS", device="phone")
    garden.store()
    client = await garden.signed_in()
    page = Reading((await garden.post(client, f"/visitors/{ANNA}/erase")).text)

    assert f"Safari on iPhone{ANNA}" in page.text


@pytest.mark.parametrize("sure", ["", "yes"])
@pytest.mark.parametrize("visitor", ["d" * 32, "x", "A" * 32, CONSENT])
async def test_nobody_else_is_erased(garden: Garden, visitor: str, sure: str) -> None:
    await anna(garden)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{visitor}/erase", sure=sure)
    forged = await client.post(
        f"/sites/{garden.site.key}/visitors/{ANNA}/erase", data={"sure": "yes", "csrf": "x"}
    )

    assert answer.status_code == 404
    assert forged.status_code == 403
    async with garden.deps.ledger.read() as connection:
        assert (await connection.execute(select(erasures))).all() == []
        assert (await connection.execute(select(disclosures))).all() == []
    assert await garden.acts() == []


async def test_another_sites_visitor_is_not_erased_from_here(garden: Garden) -> None:
    await garden.consent(ANNA, site_id=garden.other.id)
    client = await garden.signed_in()
    answer = await garden.post(client, f"/visitors/{ANNA}/erase", sure="yes")

    assert answer.status_code == 404
    assert any((await garden.deps.personal_data.rows(garden.other.id, ANNA)).values())
