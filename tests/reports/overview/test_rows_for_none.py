"""Lists have a row for what has no value: it adds up, filters by a click, and is null in files."""

import json
from urllib.parse import urlsplit

from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.reading import Reading

WEEK = "?period=7d"


def some_visits(garden: Garden) -> None:
    """Store three visits: Anna's of a campaign and of two titles, Bert's and Cleo's without."""
    for minute, who, path, title, campaign, city in (
        (0, ANNA, "/a", "Apples", "spring", "Bern"),
        (1, ANNA, "/b", "", "", "Bern"),
        (2, BERT, "/a", "Apples", "", ""),
        (3, CLEO, "/c", "", "", ""),
    ):
        garden.event(
            f"2026-01-01T10:0{minute}",
            visitor_id=who,
            visit_id=who,
            path=path,
            title=title,
            utm_campaign=campaign,
            city=city,
        )
    click = {"kind": "link_click", "link_url": "https://example.org/", "link_kind": "outbound"}
    garden.event("2026-01-01T10:04", visitor_id=BERT, visit_id=BERT, path="/a", **click)
    garden.store()


def query_of(page: Reading, link: str) -> str:
    return f"?{urlsplit(page.links[link]).query}"


async def test_visits_of_campaigns_and_of_none_are_all_visits(garden: Garden) -> None:
    some_visits(garden)
    listed = await garden.overview(f"{WEEK}&show=campaigns")
    none = await garden.overview(
        query_of(await garden.overview(f"{WEEK}&sources=campaigns"), "(none)")
    )
    some = await garden.overview(f"{WEEK}&where=utm_campaign,is_not_empty")

    assert [row[:3] for row in listed.tables["Campaigns"]] == [
        ["(none)", "2", "2"],
        ["spring", "1", "1"],
    ]
    assert none.figures["Visits"][0] == "2"
    assert some.figures["Visits"][0] == "1"
    assert "Campaign is empty" in " ".join(none.text.split())
    assert "where" not in none.links["Take away: Campaign is empty"]


async def test_views_without_a_title_lead_to_their_pages_alone(garden: Garden) -> None:
    some_visits(garden)
    titles = await garden.overview(f"{WEEK}&show=titles")
    pages = await garden.overview(query_of(titles, "(no title)"))
    visits = await garden.overview(f"{WEEK}&where=title,is,")
    others = await garden.overview(f"{WEEK}&where=title,is_not,")

    assert [row[0] for row in pages.tables["Pages"]] == ["/b", "/c"]
    assert "on=events" in titles.links["(no title)"]
    assert visits.figures["Visits"][0] == "2"
    assert others.figures["Visits"][0] == "1"


async def test_an_unknown_city_is_a_row_that_filters(garden: Garden) -> None:
    some_visits(garden)
    listed = await garden.overview(f"{WEEK}&show=cities")
    unknown = await garden.overview(query_of(listed, "Unknown").replace("show=cities&", ""))

    assert [row[:3] for row in listed.tables["Cities"]] == [
        ["Unknown", "2", "2"],
        ["Bern", "1", "1"],
    ]
    assert unknown.figures["Visits"][0] == "2"


async def test_what_has_no_value_is_null_in_files(garden: Garden) -> None:
    some_visits(garden)
    client = await garden.signed_in()
    for name in ("campaigns", "titles", "cities", "referrers"):
        answer = await client.get(f"/sites/{garden.site.key}/files/{name}.jsonl{WEEK}")
        names = [json.loads(line)["name"] for line in answer.text.splitlines()]
        assert None in names, name
        assert "" not in names, name


async def test_the_form_asks_for_what_is_empty_without_a_value(garden: Garden) -> None:
    client = await garden.signed_in()
    fields = "report=&column=utm_campaign&how=is_empty&which=typed"
    answer = await client.get(f"/sites/{garden.site.key}/filter?{fields}")

    assert answer.headers["Location"].endswith("?where=utm_campaign%2Cis_empty")


async def test_places_that_no_file_tells_are_no_list_of_the_unknown_but_say_what_to_do(
    garden: Garden,
) -> None:
    garden.event("2026-01-01T10:00", country="DE")
    garden.store()
    regions = await garden.overview(f"{WEEK}&people=regions")
    assert "No regions are known of these visitors." in regions.text
    assert "in the setting places_file" in regions.text
    assert "Regions" not in regions.tables

    garden.event("2026-01-01T10:01", country="DE", region="DE-BY", visitor_id=BERT, visit_id="b")
    garden.store()
    told = await garden.overview(f"{WEEK}&people=regions")
    assert "No regions are known" not in told.text
    assert len(told.tables["Regions"]) == 2


async def test_the_last_page_of_many_regions_does_not_say_that_none_is_known(
    garden: Garden,
) -> None:
    for number in range(201):
        some = {"visitor_id": f"{number:032x}", "visit_id": f"v{number}"}
        region = f"DE-{number % 100}" if number < 200 else ""
        garden.event("2026-01-01T10:00", country="DE", region=region, **some)
    garden.store()
    client = await garden.signed_in()
    last = await client.get(f"/sites/{garden.site.key}{WEEK}&show=regions&page=2")

    assert "Rows 101 to 101 of 101" in last.text
    assert "No regions are known" not in last.text
