"""The page that deletes a site says what goes, and deletes nothing until the name is typed."""

import pytest

from tests.reports.garden import ANNA, Garden
from tests.reports.reading import Reading


async def test_the_page_says_how_much_goes_and_how_much_stays(garden: Garden) -> None:
    garden.event("2025-12-30T10:00")
    garden.store()
    await garden.consent(ANNA)
    client = await garden.signed_in()
    page = Reading((await client.get(f"/sites/{garden.site.key}/delete")).text)

    assert ["Events: page views and clicks", "1"] in page.tables["What goes"]
    assert ["Consent records, naming nobody", "1"] in page.tables["What stays, as proof"]


@pytest.mark.parametrize("name", ["", "garden", "Other", "Garden "])
async def test_another_name_is_told_at_its_field_and_deletes_nothing(
    garden: Garden, name: str
) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, "/delete", name=name)

    assert answer.status_code == 422
    assert "not the site’s name" in answer.text
    assert await garden.acts() == []
    assert (await client.get(f"/sites/{garden.site.key}/settings")).status_code == 200
