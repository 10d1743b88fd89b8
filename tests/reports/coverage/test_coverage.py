"""The page about what the reports see: estimate, days, pages, and what cannot be told."""

from askfirst.rules.report_rules import ReportRules
from askfirst.store.ledger.choice_counts import LOADED, SHOWN
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from tests.reports.garden import BERT, Garden
from tests.reports.reading import Reading
from tests.reports.tables.test_tables import answer

ESTIMATE, DAY, PAGE = (
    "Estimate for all page loads",
    "Share of page loads recorded, by UTC day",
    "Share of page loads recorded, by page",
)


async def _opened(garden: Garden, query: str = "") -> Reading:
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/coverage{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


def _loads(garden: Garden, times: int, page: str = "/a") -> None:
    for _ in range(times):
        garden.deps.counts.add(garden.site.id, LOADED, page)


async def test_recorded_numbers_are_divided_by_the_days_share(garden: Garden) -> None:
    _loads(garden, 8)
    garden.event("2026-01-01T10:00", path="/a")
    garden.event("2026-01-01T10:01", path="/a")
    garden.event("2026-01-01T11:00", path="/b", visitor_id=BERT, visit_id="b", country="DE")
    garden.event("2026-01-01T11:01", path="/b", visitor_id=BERT, visit_id="b")
    page = await _opened(garden, "?period=today")

    assert [[*row[:2], row[2].partition(" (")[0]] for row in page.tables[ESTIMATE]] == [
        ["Visitors", "2", "about 4"],
        ["Visits", "2", "about 4"],
    ]
    assert page.tables[DAY] == [["Thu 1 Jan", "8", "4", "50.0%"]]
    assert page.tables[PAGE] == [["/a", "8", "12% to 25%"]]  # up to 9 loads have no name
    assert "all 8 were counted" in page.text

    some = await _opened(garden, "?period=today&where=country,is,DE")
    assert [[*row[:2], row[2].partition(" (")[0]] for row in some.tables[ESTIMATE]] == [
        ["Visitors", "1", "about 2"],
        ["Visits", "1", "about 2"],
        ["Page views", "2", "about 4"],
    ]
    assert some.tables[DAY] == page.tables[DAY]

    [day] = await answer(garden, "coverage", "period=today")
    [of_page] = await answer(garden, "coverage-by-page", "period=today")
    estimates = await answer(garden, "estimate", "period=today&where=country,is,DE")
    assert list(day.values()) == ["2026-01-01", 8, 4, 0.5]
    assert list(of_page.values()) == ["/a", 8, 2 / 17, 0.25]
    assert [(one["figure"], one["recorded"], one["about"]) for one in estimates] == [
        ("Visitors", 1, 2), ("Visits", 1, 2), ("Page views", 2, 4),
    ]  # fmt: skip
    assert all(one["low"] <= one["about"] <= one["high"] for one in estimates)


async def test_more_views_than_loads_have_no_share_and_no_estimate(garden: Garden) -> None:
    _loads(garden, 1)
    garden.event("2026-01-01T10:00", path="/a")
    garden.event("2026-01-01T10:01", path="/a")
    page = await _opened(garden, "?period=today")

    assert "No estimate" in page.text
    assert page.tables[DAY] == [["Thu 1 Jan", "1", "2", "\N{EN DASH}"]]
    assert page.tables[PAGE] == [["/a", "1", "\N{EN DASH}"]]
    assert await answer(garden, "estimate", "period=today") == []
    [day] = await answer(garden, "coverage", "period=today")
    assert (day["loads"], day["recorded"], day["share"]) == (1, 2, None)


async def test_what_rules_leave_out_was_recorded_after_a_yes(garden: Garden) -> None:
    rules = ReportRules(exclude_paths=("/admin*",), group_paths=("/p/*",))
    deps = garden.deps
    await RulesOfSites(deps.ledger, deps.book).save(garden.site, rules, garden.clock())
    for path in ("/a", "/p/1", "/admin"):
        _loads(garden, 2, path)
    garden.event("2026-01-01T10:00", path="/a")
    garden.event("2026-01-01T10:01", path="/p/*")
    out = {"site_id": -garden.site.id, "visit_id": "out", "path": "/admin"}
    garden.event("2026-01-01T10:02", **out, excluded=1)
    garden.event("2026-01-01T10:03", **out, bot_rule="webdriver")
    page = await _opened(garden, "?period=today")
    overview = await garden.overview("?period=today")

    assert "50%" in overview.text
    assert "3 recorded after a yes" in " ".join(overview.text.split())
    assert page.tables[DAY] == [["Thu 1 Jan", "6", "3", "50.0%"]]
    assert [row[:2] for row in page.tables[ESTIMATE]] == [["Visitors", "1"], ["Visits", "1"]]
    assert page.tables[PAGE][1:] == [
        ["/admin", "2", "\N{EN DASH}"],
        ["/p/*", "2", "\N{EN DASH}"],
    ]


async def test_an_empty_site_says_how_to_begin(garden: Garden) -> None:
    page = await _opened(garden)

    assert page.links["Put the tag in"] == f"/sites/{garden.site.key}/install"
    assert ESTIMATE not in page.tables


async def test_what_cannot_be_told_is_said_and_the_overview_leads_here(garden: Garden) -> None:
    _loads(garden, 4)
    garden.deps.counts.add(garden.site.id, SHOWN, "/a", "en", 1)
    garden.event("2026-01-01T10:00")
    page = await _opened(garden, "?period=today")
    overview = await garden.overview("?period=today&where=path,is,/")

    assert "The share by language, country, browser or source" in page.text
    assert page.links["answers by page and language"].endswith("/choices?period=today")
    assert overview.links["Estimate for all page loads"].endswith(
        "/coverage?period=today&where=path%2Cis%2C%2F"
    )
