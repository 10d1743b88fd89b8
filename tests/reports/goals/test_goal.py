"""The page of one goal: its figures, its line and its breakdowns."""

from msgspec import structs

from askfirst.store.ledger.goals import Deed
from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.goals.club import NONE, WEEK, add_goal, read, some_visits


async def test_a_goal_has_its_figures_its_line_and_every_breakdown(garden: Garden) -> None:
    some_visits(garden)
    number = await add_goal(garden)
    page = await read(garden, f"/goals/{number}{WEEK}")

    assert page.figures["Visitors who reached it"] == ["2", "of 4"]
    numbers = next(rows for name, rows in page.tables.items() if name.startswith("From"))
    assert numbers[-1][:2] == ["Thu 1 Jan, so far", "2"]
    assert page.tables["Conversion by page"] == [
        ["/", "3", "1", "33.3%", "new"],
        ["/join", "2", "2", "100.0%", "new"],
        ["/join/fees", "1", "1", "100.0%", "new"],
    ]
    assert page.tables["Conversion by country"] == [
        ["Germany", "2", "1", "50.0%", "new"],
        ["France", "2", "1", "50.0%", "new"],
    ]
    assert "where=country%2Cis%2CDE" in page.links["Germany"]
    for tab in ("Entry", "Channels", "Sources", "Browsers", "Devices", "Languages"):
        assert f"/goals/{number}" in page.links[tab]
    entry = await read(garden, f"/goals/{number}{WEEK}&pages=entry-pages")
    assert ["/join", "1", "1", "100.0%", "new"] in entry.tables["Conversion by page"]


async def test_filters_apply_to_a_goal_and_to_whom_it_is_a_share_of(garden: Garden) -> None:
    some_visits(garden)
    number = await add_goal(garden)
    page = await read(garden, f"/goals/{number}{WEEK}&where=country,is,DE")

    assert page.figures["Conversion"][:2] == ["50.0%", "new"]
    assert page.tables["Conversion by country"] == [["Germany", "2", "1", "50.0%", "new"]]


async def test_conversion_counts_by_hand_as_the_definitions_say(garden: Garden) -> None:
    """A dozen events: of two visitors of /blog one joins, on another visit; of Berlin's none."""
    for number, (who, visit, path, country) in enumerate(
        (
            (ANNA, "a1", "/blog", "DE"),
            (ANNA, "a1", "/blog/knots", "DE"),
            (ANNA, "a2", "/join", "DE"),
            (ANNA, "a2", "/join", "DE"),
            (ANNA, "a3", "/join", "DE"),
            (BERT, "b1", "/blog", "FR"),
            (BERT, "b1", "/", "FR"),
            (BERT, "b2", "/Join", "FR"),
            (CLEO, "c1", "/join", "AT"),
            (CLEO, "c1", "/", "AT"),
            (CLEO, "c2", "", "AT"),
            (CLEO, "c2", "/x/join", "AT"),
        )
    ):
        time = f"2026-01-01T0{number // 3}:{number:02d}"
        garden.event(time, visitor_id=who, visit_id=visit, path=path, country=country)
    garden.store()
    number = await add_goal(garden, deed=Deed("page", "/join"))
    page = await read(garden, f"/goals/{number}{WEEK}")

    assert page.figures["Visitors who reached it"] == ["2", "of 3"]
    assert page.figures["Visits"] == ["3"]
    assert page.figures["Times"] == ["4"]
    assert ["/blog", "2", "1", "50.0%", "new"] in page.tables["Conversion by page"]
    assert ["Germany", "1", "1", "100.0%", "new"] in page.tables["Conversion by country"]
    assert ["France", "1", "0", "0.0%", NONE] in page.tables["Conversion by country"]


async def test_law_3_a_goal_on_a_column_of_another_purpose_has_no_figures(garden: Garden) -> None:
    some_visits(garden)
    number = await add_goal(garden, deed=Deed("download", "*.pdf"))
    site = structs.replace(garden.site, column_purposes={"link_url": "x", "link_kind": "x"})
    garden.deps.book._sites[site.key] = site
    for path in (f"/goals/{number}{WEEK}", f"/goals/{number}{WEEK}&show=pages"):
        page = await read(garden, path)
        assert "This goal is not counted." in page.text
        assert "Conversion" not in page.figures


async def test_what_is_no_card_is_refused(garden: Garden) -> None:
    number = await add_goal(garden)
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/goals/{number}"
    assert (await client.get(f"{base}?pages=x")).status_code == 400
    assert (await client.get(f"{base}?by=x")).status_code == 400
