"""What has nothing to show says what to do next: fewer filters, more days, or the tag."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.reports.garden import Garden


@pytest.mark.parametrize(
    ("query", "text", "kept"),
    [
        ("?period=yesterday", "Show all time", {"period": "all"}),
        ("?period=7d&where=country,is,AT", "Take the filters away", {"period": "7d"}),
    ],
)
async def test_an_empty_report_leads_to_more_days_or_to_fewer_filters(
    garden: Garden, query: str, text: str, kept: dict[str, str]
) -> None:
    garden.event("2026-01-01T10:00")
    whole = await garden.overview(query)
    card = await garden.overview(f"{query}&card=sources")
    pages = await garden.overview(f"{query}&show=pages")

    assert dict(parse_qsl(urlsplit(whole.links[text]).query)) == kept
    assert urlsplit(card.links[text]).path == f"/sites/{garden.site.key}"
    assert dict(parse_qsl(urlsplit(pages.links[text]).query)) == {**kept, "show": "pages"}
    assert "Put the tag in" not in whole.links
    assert "Three steps" not in whole.text


async def test_a_list_without_rows_in_all_time_leads_nowhere(garden: Garden) -> None:
    garden.event("2026-01-01T10:00")
    page = await garden.overview("?period=all&actions=not-found")

    assert "No page was missing in these days." in page.text
    assert not {"Show all time", "Put the tag in"} & set(page.links) - {"All time"}
