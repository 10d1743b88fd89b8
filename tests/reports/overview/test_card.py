"""A card alone is what its tab shows, and asks for nothing else."""

from typing import Any

import pytest

from askfirst.store.warehouse.answering.page import Page
from tests.reports.garden import ANNA, BERT, CLEO, Garden
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


async def test_cards_show_any_figure_and_keep_it_with_period_and_tabs(garden: Garden) -> None:
    """Anna bounces on /a and reads; Bert sees /a once and /b twice; Cleo bounces on /c."""
    garden.event("2026-01-01T10:00", visitor_id=ANNA, visit_id="v1", path="/a")
    reading = {"kind": "engagement", "path": "/a", "engaged_ms": 90_000}
    garden.event("2026-01-01T10:02", visitor_id=ANNA, visit_id="v1", **reading)
    for path in ("/a", "/b", "/b"):
        garden.event("2026-01-01T10:03", visitor_id=BERT, visit_id="v2", path=path)
    garden.event("2026-01-01T10:05", visitor_id=CLEO, visit_id="v3", path="/c")
    shown = {
        measure: await garden.overview(f"?period=7d&technology=devices&measure={measure}")
        for measure in ("visitors", "visits", "views", "bounce_rate", "engaged")
    }

    assert {measure: page.tables["Pages"] for measure, page in shown.items()} == {
        "visitors": [["/a", "2", "66.7%"], ["/b", "1", "33.3%"], ["/c", "1", "33.3%"]],
        "visits": [["/a", "2", "2"], ["/b", "1", "1"], ["/c", "1", "1"]],
        "views": [["/a", "2", "2"], ["/b", "2", "1"], ["/c", "1", "1"]],
        "bounce_rate": [["/a", "50.0%", "2"], ["/b", "0.0%", "1"], ["/c", "100.0%", "1"]],
        "engaged": [["/a", "45s", "2"], ["/b", "0s", "1"], ["/c", "0s", "1"]],
    }
    assert [row[1] for row in shown["engaged"].tables["Devices"]] == ["30s"]
    links = shown["engaged"].links
    assert all("measure=engaged" in links[text] for text in ("Titles", "Page views", "YesterdayY"))
    assert all("technology=devices" in links[text] for text in ("Views", "What suits each"))
    assert "sort=views" in shown["views"].links["All 3 pages"]
    assert "sort=visitors" in links["All 3 pages"]


async def test_a_figure_that_lists_do_not_have_is_a_400_that_names_it(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?measure=money")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "measure")
