"""Counts of the banner: summed by their keys, bounded, and without any identifier."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askfirst.store.ledger.choice_counts import (
    LOADED,
    PATH_LENGTH,
    REFUSED,
    SHOWN,
    ChoiceCount,
    ChoiceCounts,
    read_referrer,
)
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.page_floor import MOST_PAGES, MOST_WATCHED
from askfirst.store.ledger.site_book import SiteBook
from tests.factories import StoppedClock

EVER = ("2000-01-01", "2999-12-31")


@pytest.fixture
async def counting(tmp_path: Path):
    clock = StoppedClock()
    ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
    book = SiteBook(ledger, clock)
    site = await book.add("Example", ["example.org"], "UTC", {"texts": {}})
    yield ChoiceCounts(ledger, clock, 1), ledger, clock, site.id
    await ledger.close()


async def test_counts_of_one_kind_day_page_language_and_version_are_summed(counting):
    counts, _, clock, site = counting
    for _ in range(3):
        counts.add(site, SHOWN, "/a", "en", 1)
    await counts.flush()
    counts.add(site, SHOWN, "/a", "en", 1)
    counts.add(site, SHOWN, "/a", "de", 1)
    clock.move(days=1)
    counts.add(site, SHOWN, "/a", "en", 2)

    assert sorted(await counts.read(site, *EVER)) == [
        ChoiceCount("2026-01-01", SHOWN, "/a", "de", 1, 1),
        ChoiceCount("2026-01-01", SHOWN, "/a", "en", 1, 4),
        ChoiceCount("2026-01-02", SHOWN, "/a", "en", 2, 1),
    ]
    assert await counts.total(site, SHOWN, "2026-01-02", "2026-01-02") == 1
    assert await counts.total(site, LOADED, *EVER) == 0


async def test_another_site_and_another_day_are_not_read(counting):
    counts, _, _, site = counting
    counts.add(site, SHOWN, "/a", "en", 1)

    assert await counts.read(site, "2026-01-02", "2999-12-31") == []
    assert await counts.read(site + 1, *EVER) == []


async def test_counts_of_old_days_are_forgotten(counting):
    counts, _, clock, site = counting
    counts.add(site, SHOWN, "/a", "en", 1)
    clock.move(days=1)
    counts.add(site, SHOWN, "/a", "en", 1)
    await counts.flush()

    await counts.forget("2026-01-02")

    assert [row.day for row in await counts.read(site, *EVER)] == ["2026-01-02"]


async def test_counts_that_cannot_be_written_wait_for_the_next_flush(counting):
    counts, _, _, site = counting
    counts.add(site + 99, LOADED)  # no such site: the ledger refuses it
    counts.add(site, LOADED)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        await counts.flush()

    assert counts.waiting == 2


async def test_law_4_a_site_counts_a_bounded_number_of_pages_a_day(counting):
    """Requests with ever new addresses fill no table, in one process or the next."""
    counts, ledger, clock, site = counting
    for number in range(MOST_PAGES + 50):
        counts.add(site, LOADED, f"/{number}")
    await counts.flush()
    again = ChoiceCounts(ledger, clock, 1)
    await again.start()
    again.add(site, LOADED, "/after-the-restart")
    again.add(site, LOADED, "/3")

    pages = {row.page: row.times for row in await again.read(site, *EVER)}
    assert len(pages) == MOST_PAGES + 1
    assert pages[""] == 51
    assert pages["/3"] == 2
    clock.move(days=1)
    again.add(site, LOADED, "/tomorrow")
    assert [row.page for row in await again.read(site, "2026-01-02", "2026-01-02")] == ["/tomorrow"]


async def rows(ledger) -> list[tuple[object, ...]]:
    """Read the table itself, as anybody with the file can."""
    async with ledger.read() as connection:
        found = await connection.exec_driver_sql("SELECT kind, page, count FROM choice_counts")
        return sorted(tuple(row) for row in found)


async def test_law_4_a_path_that_few_opened_is_never_written(counting):
    """A token or a name: a path with fewer than three loads and three banners stays in memory."""
    _, ledger, clock, site = counting
    counts = ChoiceCounts(ledger, clock, 3)
    for kind in (LOADED, SHOWN, LOADED, SHOWN, REFUSED):
        counts.add(site, kind, "/user/jane.doe")
        await counts.flush()

    assert await rows(ledger) == [(LOADED, "", 2), (REFUSED, "", 1), (SHOWN, "", 2)]
    clock.move(days=1)
    counts.add(site, LOADED, "/user/jane.doe")
    await counts.flush()
    assert {page for _, page, _ in await rows(ledger)} == {""}


async def test_a_page_is_named_from_the_smallest_count_on_and_its_answers_with_it(counting):
    """Nothing is counted twice or lost: the first counts stay without a page."""
    _, ledger, clock, site = counting
    counts = ChoiceCounts(ledger, clock, 3)
    for _ in range(5):
        counts.add(site, REFUSED, "/prices")
        counts.add(site, SHOWN, "/prices")

    await counts.flush()

    assert await rows(ledger) == [
        (REFUSED, "", 3),
        (REFUSED, "/prices", 2),
        (SHOWN, "", 2),
        (SHOWN, "/prices", 3),
    ]


async def test_law_4_after_a_restart_only_a_page_that_was_written_today_is_named(counting):
    _, ledger, clock, site = counting
    before = ChoiceCounts(ledger, clock, 3)
    for page in ("/prices", "/prices", "/prices", "/rare", "/rare"):
        before.add(site, LOADED, page)
    await before.flush()
    again = ChoiceCounts(ledger, clock, 3)
    await again.start()
    again.add(site, LOADED, "/prices")
    again.add(site, LOADED, "/rare")
    await again.flush()

    assert await rows(ledger) == [(LOADED, "", 5), (LOADED, "/prices", 2)]


async def test_made_up_addresses_do_not_fill_the_memory(counting):
    _, ledger, clock, site = counting
    counts = ChoiceCounts(ledger, clock, 2)
    for number in range(MOST_WATCHED):
        counts.add(site, LOADED, f"/{number}")
    for _ in range(3):
        counts.add(site, LOADED, "/one-too-many")
    counts.add(site, LOADED, "/0")
    await counts.flush()
    assert {page for _, page, _ in await rows(ledger)} == {"", "/0"}


@pytest.mark.parametrize(
    ("referrer", "page"),
    [
        ("https://example.org/articles/knots", "/articles/knots"),
        ("https://example.org/articles/knots?q=me#part", "/articles/knots"),
        ("https://example.org/2026/05/how-to-tie-a-knot-in-2026", None),
        ("https://example.org/page-1234", None),
        ("https://example.org/users/anna@example.org/orders", "/users/*/orders"),
        ("https://example.org/users/anna%40example.org", "/users/*"),
        ("https://example.org/users/1234567", "/users/*"),
        ("https://example.org/reset/9f86d081884c7d659a2feaa0c55ad015", "/reset/*"),
        ("https://example.org/u/jane%2Bshop", "/u/*"),
        ("https://example.org/u/jane+shop/orders", "/u/*/orders"),
        ("https://example.org/s/kJhGfDsAqWeRtZuIo", "/s/*"),
        ("https://example.org/s/x7Gh-Kq2_mNp-R4sT", "/s/*"),
        ("https://example.org/Straightforwardness", None),
        ("https://example.org/How-To-Tie-A-Knot-In-2026", None),
        ("https://example.org/o/123e4567-e89b-12d3-a456-426614174000/pay", "/o/*/pay"),
    ],
)
def test_law_4_a_path_loses_its_query_and_what_looks_like_a_persons(referrer, page):
    path = referrer.removeprefix("https://example.org")
    assert read_referrer(referrer) == ("example.org", path if page is None else page)


@pytest.mark.parametrize(
    ("own_host", "page"), [("example.org", "/"), ("EXAMPLE.org", "/"), ("visits.example", "")]
)
def test_the_first_page_is_distinguished_from_a_mere_origin_by_the_host_of_the_request(
    own_host, page
):
    assert read_referrer("https://example.org/", own_host) == ("example.org", page)


@pytest.mark.parametrize("referrer", [None, "", "about:blank", "ftp://example.org/a", "https://"])
def test_what_is_no_web_address_names_no_page(referrer):
    assert read_referrer(referrer) == (None, "")


@given(st.text(max_size=3000))
def test_any_referrer_gives_a_short_printable_path_without_a_query(text):
    _, page = read_referrer(f"https://example.org/{text}", "example.org")
    assert len(page) <= PATH_LENGTH
    assert page.isprintable()
    assert "?" not in page
    assert "@" not in page
