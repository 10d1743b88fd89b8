"""The list of visitors names them, keeps to its period and leaves an entry for each."""

from urllib.parse import urlencode

import pytest
from sqlalchemy import insert

from askfirst.store.ledger.tables import (
    disclosures,
)
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden, ms, utc
from tests.reports.reading import Reading
from tests.reports.visitors.people import DASH, read, two_people

PEOPLE = "Visitors, last seen first"


def _listed(page: Reading) -> list[str]:
    """Return the visitors whom the list leads to, in its order."""
    paths = [given.get("href", "").partition("?")[0] for tag, given in page.tags if tag == "a"]
    return [path[-32:] for path in paths if len(path.rpartition("/")[2]) == 32]


async def test_the_list_names_people_under_the_day_on_which_they_were_last_seen(
    garden: Garden,
) -> None:
    await two_people(garden)
    page = await read(garden, "/visitors")
    today, bert, yesterday, anna = page.tables[PEOPLE]

    assert _listed(page) == [BERT, ANNA]
    assert today == ["Today Thursday 1 January"]
    assert bert == ["A visitor", "/directly", "00:30", "first visit", "1 visit", "1 view", DASH]
    assert yesterday == ["Yesterday Wednesday 31 December 2025"]
    assert anna == [
        "Firefox, Germany",
        "/laterfrom news.example",
        "23:59",
        "First seen 30 Dec 2025",
        "2 visits",
        "3 views",
        DASH,
    ]
    assert "2 in these days" in page.text


async def test_what_happened_before_the_period_is_told_by_first_seen_alone(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2025-06-01T10:00", path="/long-ago", browser="Chrome")
    garden.event("2026-01-01T09:00", visit_id="now", path="/now", browser="Firefox")
    garden.event("2026-01-01T09:01", visit_id="now", path="/then", browser="Firefox")
    garden.event("2025-06-01T10:00", kind="engagement", path="/long-ago", engaged_ms=7_000)
    for read_for in (40_000, 20_000):
        garden.event(
            "2026-01-01T09:01",
            visit_id="now",
            kind="engagement",
            path="/then",
            engaged_ms=read_for,
            browser="Firefox",
        )
    garden.store()
    page = await read(garden, "/visitors?period=today")

    assert page.tables[PEOPLE][1] == [
        "Firefox",
        "/nowdirectly",
        "10:01",
        "First seen 1 Jun 2025",
        "1 visit",
        "2 views",
        "1m 00s",
    ]


@pytest.mark.parametrize(
    ("source", "referrer", "said"),
    [
        ("Newsletter_März", "", "Newsletter_März"),
        ("sale🎉", "news.example", "sale🎉"),
        ("", "xn--mnchen-3ya.example", "münchen.example"),
    ],
)
async def test_a_source_is_shown_as_it_was_written_and_a_host_as_people_read_it(
    garden: Garden, source: str, referrer: str, said: str
) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T08:00", path="/page", utm_source=source, referrer_host=referrer)
    garden.store()
    page = await read(garden, "/visitors")

    assert page.tables[PEOPLE][1][1] == f"/pagefrom {said}"


async def test_a_visit_without_a_page_has_no_first_page_and_no_source(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2026-01-01T08:00", path="/page", referrer_host="search.example")
    garden.event(
        "2026-01-01T11:00",
        visit_id="click",
        kind="link_click",
        link_url="https://out.example/",
        link_kind="outbound",
    )
    garden.store()
    page = await read(garden, "/visitors?period=today")

    assert page.tables[PEOPLE][1][1] == "No page"


async def test_only_visitors_of_one_name_are_told_apart_by_digits(garden: Garden) -> None:
    for visitor, browser in ((ANNA, "Chrome"), (BERT, "Chrome Mobile"), (CLEO, "Safari")):
        await garden.consent(visitor)
        garden.event("2026-01-01T10:00", visitor_id=visitor, browser=browser, device="phone")
    garden.store()
    page = await read(garden, "/visitors?period=today")

    names = [row[0] for row in page.tables[PEOPLE][1:]]
    assert names == [
        "ChromePhone \N{MIDDLE DOT} aaaa",
        "ChromePhone \N{MIDDLE DOT} bbbb",
        "SafariPhone",
    ]


async def test_where_nobody_came_there_is_one_thing_to_do(garden: Garden) -> None:
    nobody = await read(garden, "/visitors?period=7d")
    never = await read(garden, "/visitors?period=all")
    beyond = await read(garden, "/visitors?period=7d&page=9")

    assert nobody.links["Show all time"] == f"/sites/{garden.site.key}/visitors?period=all"
    assert never.links["See whether the tag is on your pages"].endswith("/install")
    assert beyond.links["Seen later"].endswith("page=8")
    assert not any(PEOPLE in page.tables for page in (nobody, never, beyond))


async def test_nothing_on_the_pages_about_people_is_told_by_a_title_alone(garden: Garden) -> None:
    await two_people(garden)
    for path in ("/visitors", f"/visitors/{ANNA}"):
        page = await read(garden, path)
        assert not [given for _, given in page.tags if "title" in given]


async def test_the_list_keeps_to_its_period_and_site(garden: Garden) -> None:
    await two_people(garden)
    await garden.consent(CLEO, site_id=garden.other.id)
    garden.event("2026-01-01T10:00", visitor_id=CLEO, site_id=garden.other.id)
    garden.store()
    page = await read(garden, "/visitors?period=today")

    assert _listed(page) == [BERT]


async def test_the_list_is_paged_by_fifty_to_its_end(garden: Garden) -> None:
    for number in range(160):
        visitor = f"{number:032x}"
        await garden.consent(visitor)
        garden.event(f"2026-01-01T10:{59 - number // 3:02d}", visitor_id=visitor)
    garden.store()
    site = f"/sites/{garden.site.key}"
    pages = [await read(garden, "/visitors?period=7d")]
    while "Seen earlier" in pages[-1].links:
        pages.append(await read(garden, pages[-1].links["Seen earlier"].removeprefix(site)))

    assert [one for page in pages for one in _listed(page)] == [f"{n:032x}" for n in range(160)]
    assert [len(_listed(page)) for page in pages] == [50, 50, 50, 10]
    assert pages[0].links["Last"] == f"{site}/visitors?period=7d&page=4"
    assert pages[3].links["First"] == f"{site}/visitors?period=7d"
    assert "151 to 160 of 160" in pages[3].text


async def _several(garden: Garden, *queries: str) -> list[list[str]]:
    """Return whom the list leads to with each of these queries."""
    client = await garden.signed_in()
    answers = [await client.get(f"/sites/{garden.site.key}/visitors?{one}") for one in queries]
    return [_listed(Reading(answer.text)) for answer in answers]


async def three_people(garden: Garden) -> None:
    """Anna reads for long, Bert comes often, Cleo sees many pages and is seen last."""
    for visitor in (ANNA, BERT, CLEO):
        await garden.consent(visitor)
    anna = {"browser": "Chrome", "os": "Windows", "country": "DE", "device": "desktop"}
    garden.event("2025-12-01T10:00", path="/knots", title="Seven knots", source="Google", **anna)
    garden.event("2025-12-01T10:01", path="/knots", kind="engagement", engaged_ms=60_000, **anna)
    bert = {"visitor_id": BERT, "browser": "Mobile Safari", "os": "iOS", "country": "GB"}
    for day in (2, 3, 4):
        garden.event(
            f"2025-12-0{day}T10:00", visit_id=f"b{day}", path="/Join", device="phone", **bert
        )
    cleo = {"visitor_id": CLEO, "browser": "Firefox", "os": "Chrome OS", "visit_id": "c"}
    for minute in range(5):
        garden.event(
            f"2025-12-05T10:0{minute}", path=f"/{minute}", referrer_host="news.example", **cleo
        )
    garden.store()


async def test_the_list_goes_by_any_of_its_columns_and_then_by_who_was_seen_last(
    garden: Garden,
) -> None:
    await three_people(garden)
    found = await _several(
        garden,
        "period=all",
        "period=all&order=ascending",
        "period=all&sort=first",
        "period=all&sort=visits",
        "period=all&sort=visits&order=ascending",
        "period=all&sort=views",
        "period=all&sort=engaged",
    )

    assert found == [
        [CLEO, BERT, ANNA],
        [ANNA, BERT, CLEO],
        [CLEO, BERT, ANNA],
        [BERT, CLEO, ANNA],
        [CLEO, ANNA, BERT],
        [CLEO, BERT, ANNA],
        [ANNA, CLEO, BERT],
    ]


async def test_a_heading_sorts_by_its_column_and_turns_the_order_when_it_has(
    garden: Garden,
) -> None:
    await three_people(garden)
    page = await read(garden, "/visitors?period=all&q=chrome&page=1")
    base = f"/sites/{garden.site.key}/visitors?period=all&q=chrome"
    sorted_page = await read(garden, "/visitors?period=all&sort=views")
    sorted_now = [given["aria-sort"] for _, given in sorted_page.tags if "aria-sort" in given]

    assert page.links["Visits"] == f"{base}&sort=visits"
    assert page.links["Last seen"] == f"{base}&order=ascending"
    assert sorted_now == ["descending"]
    assert sorted_page.links["Views"].endswith("sort=views&order=ascending")
    assert sorted_page.links["Engaged"].endswith("sort=engaged")
    [rows] = [rows for name, rows in sorted_page.tables.items() if name.startswith("Visitors")]
    assert [row[2] for row in rows] == [
        "5 Dec 2025, 11:04",
        "4 Dec 2025, 11:00",
        "1 Dec 2025, 11:01",
    ]


SEARCHES = {
    "Chrome on Windows, Germany": [ANNA],
    "chrome": [CLEO, ANNA],  # Cleo's system is Chrome OS
    "iphone": [BERT],
    "ChromeOS": [CLEO],
    "kingdom": [BERT],
    "/join": [BERT],
    "KNOTS google": [ANNA],
    "seven kingdom": [],
    "news.example": [CLEO],
    "aaaa": [ANNA],
    ".*": [],
    "'\"; --": [],
    " , ": [CLEO, BERT, ANNA],
}


async def test_a_search_finds_who_has_every_word_somewhere(garden: Garden) -> None:
    await three_people(garden)
    asked = [f"period=all&{urlencode({'q': text})}" for text in SEARCHES]

    assert dict(zip(SEARCHES, await _several(garden, *asked), strict=True)) == SEARCHES


async def test_a_search_is_about_the_visits_of_the_period_alone(garden: Garden) -> None:
    await three_people(garden)
    page = await read(garden, "/visitors?period=custom&from=2025-12-03&to=2025-12-31&q=chrome")

    assert _listed(page) == [CLEO]


async def test_filters_restrict_the_list_and_what_it_says_of_each(garden: Garden) -> None:
    await three_people(garden)
    page = await read(garden, "/visitors?period=all&where=path,is,/Join")
    both = await read(garden, "/visitors?period=all&where=path,is,/Join&q=windows")

    assert _listed(page) == [BERT]
    assert "1 found" in page.text
    assert page.fields["where"] == "path,is,/Join"
    assert "No visitor in these days fits" in both.text
    assert both.links["Show everybody"] == f"/sites/{garden.site.key}/visitors?period=all"
    assert [visitor for visitor, _, _ in await garden.entries()] == [BERT]


async def test_a_list_that_cannot_be_is_refused_and_shows_nobody(garden: Garden) -> None:
    await three_people(garden)
    client = await garden.signed_in()
    refused = {
        "sort=name": "sort",
        "order=up": "order",
        f"q={'x' * 201}": "q",
        f"q={'+'.join('abcdefghi')}": "q",
        "where=nothing,is,1": "where",
        "page=0": "page",
    }
    for query, field in refused.items():
        answer = await client.get(f"/sites/{garden.site.key}/visitors?period=all&{query}")
        assert answer.status_code == 400
        assert answer.json()["error"]["field"] == field
    assert await garden.entries() == []


async def test_law_9_whoever_lists_opens_or_exports_leaves_an_entry(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    for path in ("", f"/{ANNA}"):
        answer = await client.get(f"/sites/{garden.site.key}/visitors{path}")
        assert answer.status_code == 200
    for ending in ("json", "zip", "xlsx", "html"):
        answer = await garden.post(client, f"/visitors/{ANNA}/export.{ending}")
        assert answer.status_code == 200

    assert await garden.entries() == [
        (ANNA, EMAIL, "listed"),
        (BERT, EMAIL, "listed"),
        (ANNA, EMAIL, "opened"),
        (ANNA, EMAIL, "exported json"),
        (ANNA, EMAIL, "exported csv"),
        (ANNA, EMAIL, "exported xlsx"),
        (ANNA, EMAIL, "exported html"),
    ]
    assert await garden.acts() == [("visitor_exported", EMAIL, garden.site.key)] * 4


async def test_law_9_being_listed_is_entered_once_a_day(garden: Garden) -> None:
    await two_people(garden)
    for _ in range(2):
        await read(garden, "/visitors")
    assert len(await garden.entries()) == 2
    garden.clock.move(days=1)
    await read(garden, "/visitors")
    assert len(await garden.entries()) == 4


async def test_law_6_an_erased_visitor_is_neither_listed_nor_entered(garden: Garden) -> None:
    await two_people(garden)
    [records] = [
        place for place in garden.deps.personal_data.holders if place.name.endswith("records")
    ]
    await records.erase(garden.site.id, ANNA)  # an erasure that has not reached the events yet
    page = await read(garden, "/visitors")

    assert _listed(page) == [BERT]
    assert [visitor for visitor, _, _ in await garden.entries()] == [BERT]


async def test_hostile_values_stay_text_on_the_visitors_pages(garden: Garden) -> None:
    evil = "<script>alert(1)</script>"
    await garden.consent(ANNA, language=evil, method=evil, purposes=[evil])
    garden.event(
        "2026-01-01T10:00",
        **dict.fromkeys(("path", "referrer", "referrer_host", "ip", "browser", "country"), evil),
    )
    row = {
        "site_id": garden.site.id,
        "visitor_id": ANNA,
        "disclosed_at": ms(utc("2025-06-01")),
        "to_whom": evil,
        "what": evil,
    }
    async with garden.deps.ledger.write() as connection:
        await connection.execute(insert(disclosures), [row])
    garden.store()

    for path in ("/visitors", f"/visitors/{ANNA}"):
        page = await read(garden, path)
        assert evil not in page.html
        assert evil in page.text
