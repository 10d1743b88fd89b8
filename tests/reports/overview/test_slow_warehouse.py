"""A warehouse that answers too slowly: the page says so, and a card says it in its own place."""

from typing import Any

import pytest

from askfirst.errors import TookTooLong
from askfirst.store.warehouse.answering.page import Page
from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_a_card_that_takes_too_long_says_so_and_the_others_are_there(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    garden.event("2026-01-01T11:00", path="/slow", title="Knots")
    garden.store()
    rows, slow = Page.rows, {"vitals", "scroll", "hours", "breakdown", "figures_by"}

    def late(page: Page, question: Any, *values: Any) -> Any:
        if question.__name__ in slow:
            raise TookTooLong("Too long.")
        return rows(page, question, *values)

    monkeypatch.setattr(Page, "rows", late)
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?period=7d&pages=titles")
    page = Reading(answer.text)
    slow.clear()
    later = await client.get(f"/sites/{garden.site.key}{page.links['Try again']}")

    assert answer.status_code == 200
    assert answer.text.count("The warehouse took too long for this.") >= 5
    assert [row[0] for row in page.tables["Countries"]] == ["Unknown"]
    assert "The warehouse took too long" not in later.text


async def test_a_page_and_a_program_are_told_to_try_again_and_are_answered_later(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T11:00")
    garden.store()
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}"

    garden.deps.warehouse.page_seconds = 0
    for where in ("", "?show=pages", "/visitors", "/files/pages.csv"):
        refused = await client.get(path + where)
        assert refused.status_code == 503, where
        assert refused.json()["error"]["code"] == "took_too_long"
        assert refused.headers["retry-after"] == "10"
    garden.deps.warehouse.page_seconds = 600
    assert (await client.get(path)).status_code == 200
