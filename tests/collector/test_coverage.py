"""What the yes does not cover: it is dropped before a row exists, in the journal too."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.events import EVENT_COLUMNS
from collector.coverage import TOLD_BY, coverage_of
from collector.enrich import Enricher
from tests.factories import CHROME, GOOGLEBOT, a_site, a_view, an_entry, event_id, some_claims
from tests.world import Browser, World, open_world

MOVABLE = sorted(
    {column for told in TOLD_BY.values() for column in told}
    | {"utm_source", "utm_medium", "utm_campaign"}
)
TELLING = "https://example.org/a?utm_source=mail&utm_medium=zq-letter&utm_campaign=zq-may"
CLICK = {"kind": "link_click", "link_url": "https://other.test/zq-link", "link_kind": "outbound"}


async def a_yes(world: World, columns: Iterable[str], purposes: tuple[str, ...]) -> Browser:
    """Let a purpose `more` record these columns, and a visitor say yes to some purposes."""
    policy = world.house.book.policy(world.site)
    first, *_ = policy.content["purposes"]
    kept = [column for column in first["columns"] if column not in set(columns)]
    added = {"id": "more", "columns": list(columns)}
    content = {**policy.content, "purposes": [{**first, "columns": kept}, added]}
    await world.house.book.publish(world.site, content, asks_again=False)
    browser = world.browser()
    browser.token = world.house.tokens.sign(
        some_claims(site_id=world.site.id, purposes=purposes, policy_version=1)
    )
    return browser


async def sent(world: World, browser: Browser) -> tuple[bytes, dict[str, Any]]:
    """Send one telling view and give what the journal and then the warehouse hold."""
    view = a_view(url=TELLING, referrer="https://zq-from.test/page")
    answer = await browser.send(view, **{"Accept-Language": "de-DE"})
    waiting = await world.house.journal.waiting(0, 10)
    (row,) = await world.rows()

    assert answer.json() == {"recorded": 1}
    assert waiting is not None
    return waiting.bodies, row


async def test_law_3_what_the_yes_does_not_cover_reaches_neither_journal_nor_warehouse(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, MOVABLE, ("statistics",))
        journal, row = await sent(world, browser)

    for told in (b"zq-", b"192.0.2.7", CHROME.encode(), b"de-DE", b"mail"):
        assert told not in journal
    assert {column for column in MOVABLE if row[column]} == set()
    assert (row["host"], row["path"]) == ("example.org", "/a")


async def test_requirement_12_what_the_yes_covers_is_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, MOVABLE, ("statistics", "more"))
        _, row = await sent(world, browser)

    assert (row["ip"], row["browser"], row["language"]) == ("192.0.2.7", "Chrome", "de-DE")
    assert (row["referrer_host"], row["utm_medium"]) == ("zq-from.test", "zq-letter")


async def test_law_3_one_column_is_dropped_although_its_fact_tells_another(tmp_path: Path):
    async with open_world(tmp_path, peer="81.2.69.142") as world:
        browser = await a_yes(world, ("ip", "utm_medium", "browser_version"), ("statistics",))
        journal, row = await sent(world, browser)

    assert (row["ip"], row["country"]) == ("", "GB")
    assert (row["browser"], row["browser_version"]) == ("Chrome", "")
    assert (row["utm_source"], row["utm_medium"]) == ("mail", "")
    assert b"zq-letter" not in journal


async def test_law_8_a_click_whose_link_is_not_covered_is_counted_and_not_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("link_url",), ("statistics",))
        both = await browser.send(a_view(id=event_id()), a_view(id=event_id(), **CLICK))
        alone = await browser.send(a_view(**CLICK))
        rows = await world.rows()
        tally = await world.tally()

    assert (both.json(), alone.json()) == ({"recorded": 1}, {"recorded": 0})
    assert [row["kind"] for row in rows] == ["page_view"]
    assert tally["other_purpose"] == 2


async def test_a_bot_is_refused_although_its_name_would_not_be_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, MOVABLE, ("statistics",))
        answer = await browser.send(**{"User-Agent": GOOGLEBOT})

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bot")


async def test_law_3_without_the_statistics_nothing_is_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("ip",), ("more",))
        answer = await browser.send()
        rows = await world.rows()

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "other_purpose")
    assert rows == []


def test_a_purpose_that_the_policy_no_longer_has_covers_and_hinders_nothing():
    claims = some_claims(purposes=("statistics", "gone"))

    assert coverage_of(claims, a_site()).without == ()
    assert coverage_of(claims, a_site(column_purposes={"ip": "more"})).without == ("ip",)


PURPOSES = ("statistics", "more", "most")


@settings(deadline=None)
@given(
    placed=st.dictionaries(st.sampled_from(MOVABLE), st.sampled_from(PURPOSES[1:])),
    agreed=st.sets(st.sampled_from(PURPOSES[1:])),
)
def test_law_3_no_column_that_is_not_covered_is_ever_filled(
    placed: Mapping[str, str], agreed: set[str]
):
    site = a_site(column_purposes=placed)
    coverage = coverage_of(some_claims(purposes=("statistics", *agreed)), site)
    entry = coverage.minimized(an_entry(url=TELLING, referrer="https://news.test/", **CLICK))
    batch = Enricher({1: site}.get, lambda ip: "GB" if ip else "").batch([entry], ["v" * 22])
    (row,) = batch.to_pylist()

    refused = {column for column, purpose in placed.items() if purpose not in agreed}
    assert {column for column in EVENT_COLUMNS if row[column] == ""} == refused
    assert all(getattr(entry, fact) == "" for fact, told in TOLD_BY.items() if refused >= set(told))
