"""The page about what the reports see: estimate, days, pages, and what cannot be told."""

from askfirst.rules.report_rules import ReportRules
from askfirst.store.ledger.choice_counts import ACCEPTED, LOADED, SHOWN
from askfirst.store.ledger.load_counts import LOG, LOG_RECORDED, log_rows
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.ledger.tables import load_counts
from askfirst.store.ledger.upsert import adding_to
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
    assert list(day.values()) == ["2026-01-01", 8, 4, 0, 0.5, 0]
    assert list(of_page.values()) == ["/a", 8, 2 / 17, 0.25]
    assert [(one["figure"], one["recorded"], one["about"]) for one in estimates] == [
        ("Visitors", 1, 2), ("Visits", 1, 2), ("Page views", 2, 4),
    ]  # fmt: skip
    assert all(one["low"] <= one["about"] <= one["high"] for one in estimates)


async def test_the_share_is_told_by_language_without_its_region(garden: Garden) -> None:
    rules = ReportRules(exclude_paths=("/admin*",))
    await RulesOfSites(garden.deps.ledger, garden.deps.book).save(garden.site, rules, 0)
    for header, times in (("de-AT,en;q=0.5", 5), ("de", 4), ("fr", 2), ("", 4), ("x-mine", 1)):
        for _ in range(times):
            garden.deps.counts.loads.add(garden.site.id, header)
    garden.event("2026-01-01T10:00", language="de")
    garden.event("2026-01-01T10:01", language="de-AT", visitor_id=BERT, visit_id="b")
    out = {"site_id": -garden.site.id, "visit_id": "out", "path": "/admin"}
    garden.event("2026-01-01T10:02", **out, excluded=1, language="de")
    garden.event("2026-01-01T10:03", **out, bot_rule="webdriver", language="de")
    page = await _opened(garden, "?period=today&where=path,is,/nowhere")
    rows = await answer(garden, "coverage-by-language", "period=today")

    assert page.tables["Share of page loads recorded, by language"] == [
        ["German", "9", "22% to 44%"],
        ["French", "2", "0%"],
    ]
    assert [list(row.values()) for row in rows] == [["de", 9, 4 / 18, 4 / 9], ["fr", 2, 0, 0]]


async def test_no_share_of_a_language_is_told_where_no_view_has_one(garden: Garden) -> None:
    garden.deps.counts.loads.add(garden.site.id, "de")
    garden.event("2026-01-01T10:00")
    [row] = await answer(garden, "coverage-by-language", "period=today")
    assert list(row.values()) == ["de", 1, None, None]


async def test_each_source_of_a_count_says_how_much_of_it_is_seen(garden: Garden) -> None:
    _loads(garden, 8)
    for kind, times in ((SHOWN, 5), (ACCEPTED, 2)):
        for _ in range(times):
            garden.deps.counts.add(garden.site.id, kind, "/a", "en", 1)
    rows = log_rows(garden.site.id, {("2026-01-01", LOG): 10, ("2026-01-01", LOG_RECORDED): 1})
    async with garden.deps.ledger.write() as connection:
        await connection.execute(adding_to(load_counts, connection.dialect.name), rows)
    for minute in range(3):
        garden.event(f"2026-01-01T10:0{minute}", path="/a")
    page = await _opened(garden, "?period=today")
    found = await answer(garden, "coverage-by-source", "period=today")

    assert [row[1:] for row in page.tables["What is counted, and how much of it is seen"]] == [
        ["8", "2", "25.0%"],
        ["5", "2", "40.0%"],
        ["10", "1", "10.0%"],
    ]
    assert [list(row.values()) for row in found] == [
        ["tag", 8, 2, 0.25], ["banner", 5, 2, 0.4], ["log", 10, 1, 0.1],
    ]  # fmt: skip


async def _imported(garden: Garden, shown: int, recorded: int, day: str = "2026-01-01") -> None:
    """Count pages that an imported log of a day shows, as an import does."""
    counts = {(day, LOG): shown, (day, LOG_RECORDED): recorded}
    async with garden.deps.ledger.write() as connection:
        rows = log_rows(garden.site.id, counts)
        await connection.execute(adding_to(load_counts, connection.dialect.name), rows)


async def test_views_of_logs_are_in_neither_side_of_the_share_nor_divided(garden: Garden) -> None:
    """Of 21 loads nine are recorded, and of four pages that a log of the day shows three."""
    _loads(garden, 21)
    for _ in range(21):
        garden.deps.counts.loads.add(garden.site.id, "de")
    for number in range(12):
        visitor = {"visitor_id": BERT, "visit_id": "b"} if number < 6 else {}
        garden.event(f"2026-01-01T10:{number:02}", path="/a", language="de", **visitor)
    await _imported(garden, shown=4, recorded=3)
    page = await _opened(garden, "?period=today")
    overview = await garden.overview("?period=today")
    choices = await (await garden.signed_in()).get(f"/sites/{garden.site.key}/choices?period=today")
    some = await _opened(garden, "?period=today&where=path,is,/a")
    [day] = await answer(garden, "coverage", "period=today")
    [tag, log] = await answer(garden, "coverage-by-source", "period=today")

    for one in (page, overview, Reading(choices.text)):
        said = " ".join(one.text.split())
        assert "43% of page loads recorded" in said
        assert "9 recorded after a yes 12 after a no, or restricted" in said
        assert "3 more are from imported logs" in said
    assert page.tables[DAY] == [["Thu 1 Jan", "21", "9", "42.9%"]]
    assert list(day.values()) == ["2026-01-01", 21, 9, 0, 9 / 21, 3]
    assert (tag["recorded"], tag["counted"], log["recorded"], log["counted"]) == (9, 21, 3, 4)
    assert [[*row[:2], row[2].partition(" (")[0]] for row in some.tables[ESTIMATE]] == [
        ["Visitors", "2", "about 4"],
        ["Visits", "2", "about 4"],
        ["Page views", "12", "about 24"],  # 21 loads of the tag, and the three of the log
    ]
    dash = "\N{EN DASH}"
    assert page.tables[PAGE] == [["/a", "21", dash]]
    assert page.tables["Share of page loads recorded, by language"] == [["German", "21", dash]]


async def test_views_of_logs_that_are_deleted_take_nothing_from_other_days(garden: Garden) -> None:
    """Of 10 loads four are recorded; what an older log brought is past its retention."""
    _loads(garden, 10)
    for minute in range(4):
        garden.event(f"2026-01-01T10:0{minute}", path="/a")
    await _imported(garden, shown=900, recorded=800, day="2025-12-20")
    page, overview = await _opened(garden, "?period=30d"), await garden.overview("?period=30d")

    for one in (page, overview):
        said = " ".join(one.text.split())
        assert "40% of page loads recorded" in said
        assert "from imported logs" not in said.partition("What this report sees")[2][:400]


async def test_a_site_with_logs_alone_has_their_share_and_no_other(garden: Garden) -> None:
    for minute in range(3):
        garden.event(f"2026-01-01T10:0{minute}", path="/a")
    await _imported(garden, shown=4, recorded=3)
    page = await _opened(garden, "?period=today")
    overview = await garden.overview("?period=today&estimate=shown")

    for one in (page, overview):
        said = " ".join(one.text.split())
        assert "3 page views recorded with consent" in said
        assert "3 of them are from imported logs" in said
        assert "of page loads recorded" not in said.partition("What this report sees")[2][:300]
    assert [row[1:] for row in page.tables["What is counted, and how much of it is seen"]] == [
        ["4", "3", "75.0%"],
    ]
    assert "No estimate" in page.text


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
    for visit, rule in (("p", "webdriver"), ("q", "prefetch"), ("r", "agent:Some")):
        away = {**out, "visit_id": visit, "path": "/a", "bot_rule": rule}
        garden.event("2026-01-01T10:03", **away)
    page = await _opened(garden, "?period=today")
    overview = await garden.overview("?period=today")
    some = await garden.overview("?period=today&where=path,is,/a")
    [day] = await answer(garden, "coverage", "period=today")

    everybody = "about everybody: filters cannot apply"
    for one in (overview, some):
        said = " ".join(one.text.split())
        assert "67% of page loads recorded" in said
        assert "4 recorded after a yes 2 after a no, or restricted" in said
        assert "2 of the 4 recorded are left out of the reports by rules" in said
        assert (everybody in said) == (one is some)
    assert page.tables[DAY] == [["Thu 1 Jan", "6", "4", "66.7%"]]
    assert list(day.values()) == ["2026-01-01", 6, 4, 2, 4 / 6, 0]
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

    assert "The share by country, browser or where a visit came from" in page.text
    assert page.links["answers by page and language"].endswith("/choices?period=today")
    assert overview.links["Estimate for all page loads"].endswith(
        "?period=today&where=path%2Cis%2C%2F&estimate=shown"
    )


async def test_the_overview_shows_estimates_beside_its_totals_when_asked(garden: Garden) -> None:
    _loads(garden, 8)
    garden.event("2026-01-01T10:00", path="/a")
    garden.event("2026-01-01T10:01", path="/a")
    garden.event("2026-01-01T11:00", path="/b", visitor_id=BERT, visit_id="b")
    garden.event("2026-01-01T11:01", path="/b", visitor_id=BERT, visit_id="b")
    plain = await garden.overview("?period=today")
    shown = await garden.overview("?period=today&estimate=shown")
    [visitors, visits] = await answer(garden, "estimate", "period=today")

    assert "of all, about" not in plain.text
    assert shown.text.count("of all, about") == 2  # page loads need none: all are counted
    for one in (visitors, visits):
        assert f"of all, about {one['about']} ({one['low']} to {one['high']})" in shown.text
    assert "which nobody can know" in shown.text
    assert shown.links["What the reports see"].endswith("/coverage?period=today")
    assert shown.links["Without estimates"].endswith("?period=today")
    assert "estimate=shown" in shown.links["Bounce rate"]


async def test_an_overview_without_a_known_share_says_why_nothing_is_estimated(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T10:00")
    shown = await garden.overview("?period=today&estimate=shown")

    assert "There is no estimate" in shown.text
    assert "of all, about" not in shown.text


async def test_another_word_for_estimates_is_refused(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}?estimate=yes")

    assert answer.status_code == 400
    assert "Estimates are shown or left away." in answer.text
