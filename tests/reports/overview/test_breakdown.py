"""The whole list of anything has the rows of its card: searched, sorted, paged and compared."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.overview.crowd import DAYS, a_crowd
from tests.reports.reading import Reading

WEEK = "?period=7d"


async def test_a_list_in_full_is_paged_to_its_end_and_keeps_the_choice(garden: Garden) -> None:
    for number in range(230):
        garden.event("2026-01-01T11:00", path=f"/{number:03d}")
    first = await garden.overview(f"{WEEK}&show=pages")
    second = await garden.overview(f"{WEEK}&show=pages&page=2")
    third = await garden.overview(f"{WEEK}&show=pages&page=3")
    beyond = await garden.overview(f"{WEEK}&show=pages&page=4")
    card = await garden.overview(WEEK)

    shown = [row[0] for page in (first, second, third) for row in page.tables["Pages"]]
    assert shown == [f"/{number:03d}" for number in range(230)]
    assert "period=7d" in first.links["More rows"]
    assert "More rows" not in third.links
    assert "page=2" in third.links["Earlier rows"]
    assert "Rows 201 to 230 of 230" in third.text
    assert "There are no more rows." in beyond.text
    assert "show=pages" in card.links["All 230 pages"]


@pytest.mark.parametrize(
    ("card", "key", "figure"),
    [
        ("pages", "sections", 3),
        ("pages", "exit-pages", 2),
        ("sources", "referrers", 2),
        ("people", "countries", 1),
    ],
)
async def test_each_card_leads_to_its_whole_list_with_the_same_rows(
    garden: Garden, card: str, key: str, figure: int
) -> None:
    a_crowd(garden)
    overview = await garden.overview(f"{DAYS}&{card}={key}")
    full = await garden.overview(f"{DAYS}&show={key}")
    [caption] = full.tables

    assert any(f"show={key}" in href for href in overview.links.values())
    of_card = [row[:2] for row in overview.tables[caption]]
    assert [[row[0], row[figure]] for row in full.tables[caption][:8]] == of_card


async def test_links_are_listed_by_their_kind(garden: Garden) -> None:
    clicked = {"kind": "link_click", "link_url": "https://example.org/b"}
    garden.event("2026-01-01T11:00", **clicked, link_kind="internal")
    for kind in ("outbound", "download", "download"):
        url = f"https://news.example/{kind}"
        garden.event("2026-01-01T11:00", kind="link_click", link_url=url, link_kind=kind)
    rows = {
        key: (await garden.overview(f"{WEEK}&links={key}")).tables[title]
        for key, title in (
            ("outbound", "Outbound links"),
            ("internal", "Internal links"),
            ("downloads", "Downloads"),
        )
    }
    whole = await garden.overview(f"{WEEK}&show=clicks")

    assert rows == {
        "outbound": [["news.example/outbound", "1", "1"]],
        "internal": [["/b", "1", "1"]],
        "downloads": [["news.example/download", "2", "1"]],
    }
    assert [row[3] for row in whole.tables["Links"]] == ["2", "1", "1"]


def three_visits(garden: Garden) -> None:
    """Anna reads /a and bounces; Bert reads /a and /b; Cleo came a week before, on /b."""
    garden.event("2026-01-01T10:00", visitor_id=ANNA, visit_id="v1", path="/a", country="DE")
    reading = {"kind": "engagement", "path": "/a", "engaged_ms": 90_000}
    garden.event("2026-01-01T10:02", visitor_id=ANNA, visit_id="v1", country="DE", **reading)
    garden.event("2026-01-01T10:03", visitor_id=BERT, visit_id="v2", path="/a")
    garden.event("2026-01-01T10:04", visitor_id=BERT, visit_id="v2", path="/b")
    garden.event("2026-01-01T10:05", visitor_id=BERT, visit_id="v2", path="/b")
    garden.event("2025-12-22T10:05", visitor_id=CLEO, visit_id="v3", path="/b")


async def test_a_row_has_five_figures_its_share_and_its_change(garden: Garden) -> None:
    three_visits(garden)
    page = await garden.overview(f"{WEEK}&show=pages")

    assert page.tables["Pages"] == [
        ["/a", "2", "2", "2", "50.0%", "45s", "100.0%", "new"],
        ["/b", "1", "1", "2", "0.0%", "0s", "50.0%", "▲up 100%"],
    ]


async def test_any_column_sorts_in_both_directions_and_says_so(garden: Garden) -> None:
    three_visits(garden)
    for sort, first in (("name", "/a"), ("bounce_rate", "/b"), ("engaged", "/b")):
        page = await garden.overview(f"{WEEK}&show=pages&sort={sort}&order=up")
        heads = [given["aria-sort"] for tag, given in page.tags if "aria-sort" in given]

        assert page.tables["Pages"][0][0] == first
        assert heads.count("ascending") == 1
        assert heads.count("none") == 5
    turned = await garden.overview(f"?{urlsplit(page.links['Engaged▲']).query}")
    assert turned.tables["Pages"][0][0] == "/a"
    by_visits = await garden.overview(f"?{urlsplit(page.links['Visits']).query}")
    assert [row[2] for row in by_visits.tables["Pages"]] == ["2", "1"]


async def test_countries_are_sorted_by_their_names_not_by_their_codes(garden: Garden) -> None:
    for number, code in enumerate(("DE", "ES", "AT", "")):  # Germany, Spain, Austria, Unknown
        garden.event("2026-01-01T11:00", country=code, visit_id=f"v{number}")
    page = await garden.overview(f"{WEEK}&show=countries&sort=name")

    assert [row[0] for row in page.tables["Countries"]] == [
        "Austria",
        "Germany",
        "Spain",
        "Unknown",
    ]


async def test_a_search_finds_what_is_shown_and_says_where_it_finds_nothing(garden: Garden) -> None:
    for number, code in enumerate(("DE", "ES", "")):
        garden.event(
            "2026-01-01T11:00", country=code, visit_id=f"v{number}", path=f"/%C3%BC{number}"
        )
    found = await garden.overview(f"{WEEK}&show=countries&q=GERM")
    unknown = await garden.overview(f"{WEEK}&show=countries&q=unkn")
    pages = await garden.overview(f"{WEEK}&show=pages&q=%C3%BC2")
    nothing = await garden.overview(f"{WEEK}&show=pages&q=.*")

    assert [row[0] for row in found.tables["Countries"]] == ["Germany"]
    assert [row[0] for row in unknown.tables["Countries"]] == ["Unknown"]
    assert [row[0] for row in pages.tables["Pages"]] == ["/ü2"]
    assert "Nothing here has “.*” in its name." in nothing.text
    assert found.fields["q"] == "GERM"
    assert "q=GERM" in found.links["Visits"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("sort=money", "sort"), ("order=left", "order"), ("q=" + "x" * 201, "q"), ("page=0", "page")],
)
async def test_a_wrong_choice_is_a_400_that_names_the_field(
    garden: Garden, query: str, field: str
) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?show=pages&{query}")

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize(
    "search", ["\x00", "\\E", "(?i)", "a{1000}", "🙂", "'; DROP TABLE events; --"]
)
async def test_a_search_is_text_and_nothing_else(garden: Garden, search: str) -> None:
    garden.event("2026-01-01T11:00", title=f"one {search} two")
    garden.store()
    client = await garden.signed_in()
    path, query = f"/sites/{garden.site.key}", {"period": "7d", "show": "titles", "q": search}
    answer = await client.get(path, params=query)

    assert answer.status_code == 200
    assert len(Reading(answer.text).tables["Titles"]) == 1


EMPTY = {
    "referrers": ("referrer_host", "news.example"),
    "sources": ("source", "News"),
    "countries": ("country", "DE"),
    "regions": ("region", "Hesse"),
    "languages": ("language", "de"),
    "browsers": ("browser", "Firefox"),
    "screens": ("screen", "800x600"),
}


@pytest.mark.parametrize("key", EMPTY)
async def test_the_row_of_what_is_not_known_filters_as_any_other(garden: Garden, key: str) -> None:
    column, value = EMPTY[key]
    for number, text in enumerate(("", "", value)):
        person: dict[str, Any] = {"visitor_id": f"{number}" * 32, "visit_id": f"v{number}"}
        garden.event("2026-01-01T11:00", **person, **{column: text})
    page = await garden.overview(f"{WEEK}&show={key}")
    [title] = page.tables
    [unknown] = [row for row in page.tables[title] if row[1] == "2"]
    narrowed = await garden.overview(
        f"?{urlsplit(page.links[unknown[0]]).query}".replace("show", "x")
    )

    assert narrowed.figures["Visitors"][0] == "2"
    assert narrowed.figures["Visits"][0] == "2"


async def test_sections_campaigns_actions_and_lost_pages_lead_to_their_visits(
    garden: Garden,
) -> None:
    shop = {"path": "/shop/1", "utm_term": "shoes", "title": "Shop", "status": 404}
    garden.event("2026-01-01T11:00", visitor_id=ANNA, visit_id="v1", **shop)
    garden.event("2026-01-01T11:01", visitor_id=BERT, visit_id="v2", path="/shopping")
    played = {"kind": "custom_event", "event_name": "play"}
    garden.event("2026-01-01T11:02", visitor_id=BERT, visit_id="v2", **played)
    rows = {
        "sections": ("/shop/", "1"),
        "campaign-terms": ("shoes", "1"),
        "titles": ("Shop", "1"),
        "not-found": ("/shop/1", "1"),
        "events": ("play", "1"),
    }
    for key, (name, visitors) in rows.items():
        page = await garden.overview(f"{WEEK}&show={key}")
        assert name in page.links, key
        query = urlsplit(page.links[name]).query.replace(f"show={key}&", "")
        assert (await garden.overview(f"?{query}")).figures["Visitors"][0] == visitors, key
    titles = await garden.overview(f"{WEEK}&show=titles")
    assert "(no title)" in titles.text
    assert "show=pages" in titles.links["(no title)"]


async def test_a_browser_leads_to_its_versions(garden: Garden) -> None:
    for number, (name, version) in enumerate((("Firefox", "1"), ("Firefox", "2"), ("Edge", "2"))):
        known = {"browser": name, "browser_version": version, "visit_id": f"v{number}"}
        garden.event("2026-01-01T11:00", visitor_id=f"{number}" * 32, **known)
    browsers = await garden.overview(f"{WEEK}&show=browsers&sort=name&q=fire")
    versions = await garden.overview(f"?{urlsplit(browsers.links['Firefox']).query}")

    assert [row[:2] for row in versions.tables["Browser versions"]] == [["1", "1"], ["2", "1"]]
    assert "q=" not in versions.links["Browsers"]
    overview = await garden.overview(f"{WEEK}&where=browser,is,Firefox")
    assert "show=browser-versions" in overview.links["More about browsers"]
    assert "Versions of several" not in versions.text
    assert "Versions of several" in (await garden.overview(f"{WEEK}&show=browser-versions")).text


async def test_events_tell_amounts_by_currency_and_the_properties_of_the_one_that_is_chosen(
    garden: Garden,
) -> None:
    paid = {"kind": "custom_event", "event_name": "paid"}
    for number, (amount, currency) in enumerate(
        ((19_990, "EUR"), (10_010, "EUR"), (500_000, "JPY"))
    ):
        props = f'{{"items": {number % 2}, "gift": true}}'
        money = {"amount": amount, "currency": currency, "event_props": props}
        garden.event("2026-01-01T11:00", **paid, **money)
    garden.event("2026-01-01T11:00", kind="custom_event", event_name="play")
    page = await garden.overview(f"{WEEK}&show=events")
    one = await garden.overview(f"?{urlsplit(page.links['paid']).query}")

    assert page.tables["Amounts by event and currency"] == [
        ["paid", "1", "500 JPY", "500 JPY"],
        ["paid", "2", "30.00 EUR", "15.00 EUR"],
    ]
    assert one.tables["Properties of paid"] == [
        ["gift", "yes", "3"],
        ["items", "0", "2"],
        ["items", "1", "1"],
    ]


async def test_an_unknown_list_is_not_found(garden: Garden) -> None:
    client = await garden.signed_in()

    assert (await client.get(f"/sites/{garden.site.key}?show=money")).status_code == 404
