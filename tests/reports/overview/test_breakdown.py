"""The whole list of a dimension is paged, and has the rows of its card."""

import pytest

from tests.reports.garden import Garden
from tests.reports.overview.crowd import DAYS, a_crowd


async def test_a_list_in_full_is_paged_and_keeps_the_choice(garden: Garden) -> None:
    for number in range(230):
        garden.event("2026-01-01T11:00", path=f"/{number:03d}")
    first = await garden.overview("?period=7d&show=pages")
    second = await garden.overview("?period=7d&show=pages&page=2")
    third = await garden.overview("?period=7d&show=pages&page=3")

    shown = [row[0] for page in (first, second, third) for row in page.tables["Pages"]]
    assert shown == [f"/{number:03d}" for number in range(230)]
    assert "period=7d" in first.links["More rows"]
    assert "More rows" not in third.links
    assert "page=2" in third.links["Earlier rows"]


@pytest.mark.parametrize(
    "key",
    [
        "pages",
        "entry-pages",
        "exit-pages",
        "referrers",
        "sources",
        "channels",
        "clicks",
        "countries",
        "browsers",
        "operating-systems",
        "devices",
        "languages",
    ],
)
async def test_each_card_leads_to_its_whole_list_with_the_same_rows(
    garden: Garden, key: str
) -> None:
    a_crowd(garden)
    overview = await garden.overview(DAYS)
    full = await garden.overview(f"{DAYS}&show={key}")
    [caption] = full.tables

    assert any(f"show={key}" in href for href in overview.links.values())
    assert full.tables[caption] == overview.tables[caption]


async def test_an_unknown_list_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()

    assert (await client.get(f"/sites/{garden.site.key}?show=money")).status_code == 404
