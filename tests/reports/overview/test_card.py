"""A card alone is what its tab shows, and asks for nothing else."""

from typing import Any

import pytest

from askfirst.store.warehouse.page import Page
from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_a_card_alone_asks_for_its_list_only(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden.event("2026-01-01T11:00", title="Knots")
    garden.store()
    asked: list[str] = []
    rows = Page.rows

    def noting(page: Page, question: Any, *values: Any) -> Any:
        asked.append(question.__name__)
        return rows(page, question, *values)

    monkeypatch.setattr(Page, "rows", noting)
    client = await garden.signed_in()
    part = await client.get(f"/sites/{garden.site.key}?card=pages&pages=titles")
    card = Reading(part.text)

    assert [name for name in asked if name in ("lists", "figures_by", "over_time")] == [
        "figures_by"
    ]
    assert [row[0] for row in card.tables["Titles"]] == ["Knots"]
    assert "<html" not in part.text
    assert "pages=titles" in card.links["Titles"]


async def test_a_card_that_there_is_not_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()

    for card in ("money", "", "countries"):
        assert (await client.get(f"/sites/{garden.site.key}?card={card}")).status_code == 404
