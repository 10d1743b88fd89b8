"""The list of visitors names them, keeps to its period and leaves an entry for each."""

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
    ends = [given.get("href", "").rsplit("/", 1)[-1] for tag, given in page.tags if tag == "a"]
    return [one for one in ends if len(one) == 32]


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
        "3m 05s",
    ]
    assert "2 in these days" in page.text


async def test_what_happened_before_the_period_is_told_by_first_seen_alone(garden: Garden) -> None:
    await garden.consent(ANNA)
    garden.event("2025-06-01T10:00", path="/long-ago", browser="Chrome")
    garden.event("2026-01-01T09:00", visit_id="now", path="/now", browser="Firefox")
    garden.event("2026-01-01T09:01", visit_id="now", path="/then", browser="Firefox")
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


async def test_the_list_is_paged_by_fifty(garden: Garden) -> None:
    for number in range(60):
        visitor = f"{number:032x}"
        await garden.consent(visitor)
        garden.event(f"2026-01-01T10:{59 - number // 2:02d}", visitor_id=visitor)
    garden.store()
    first = await read(garden, "/visitors?period=7d")
    second = await read(
        garden, first.links["Seen earlier"].removeprefix(f"/sites/{garden.site.key}")
    )

    shown = [given.get("href", "") for page in (first, second) for _, given in page.tags]
    assert len([href for href in shown if len(href.rsplit("/", 1)[-1]) == 32]) == 60
    assert "Seen earlier" not in second.links
    assert "period=7d" in second.links["Seen later"]


async def test_law_9_whoever_lists_opens_or_exports_leaves_an_entry(garden: Garden) -> None:
    await two_people(garden)
    client = await garden.signed_in()
    for path in ("", f"/{ANNA}"):
        answer = await client.get(f"/sites/{garden.site.key}/visitors{path}")
        assert answer.status_code == 200
    for ending in ("json", "csv"):
        answer = await garden.post(client, f"/visitors/{ANNA}/export.{ending}")
        assert answer.status_code == 200

    assert await garden.entries() == [
        (ANNA, EMAIL, "listed"),
        (BERT, EMAIL, "listed"),
        (ANNA, EMAIL, "opened"),
        (ANNA, EMAIL, "exported json"),
        (ANNA, EMAIL, "exported csv"),
    ]
    assert await garden.acts() == [("visitor_exported", EMAIL, garden.site.key)] * 2


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
