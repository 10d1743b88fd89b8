"""What a consent does not cover is removed before anything is stored, in the journal too."""

import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from askfirst.columns import AGENT_COLUMNS, COLUMNS, LANGUAGE_COLUMNS
from askfirst.events import JournalEntry
from askfirst.recording_rules import RecordingRules
from collector.enrichment.enrich import Enricher, outside_host
from collector.intake.column_filter import column_filter_of, host_only
from collector.journal.journal import Journal
from tests.factories import CHROME, GOOGLEBOT, a_site, a_view, an_entry, event_id, some_claims
from tests.world import Browser, World, journal_bytes, open_world

MOVABLE = [one.name for one in COLUMNS if not one.is_fixed]
TELLING = (
    "https://example.org/a?utm_source=zq-mail&utm_medium=zq-letter&utm_campaign=zq-may"
    "&utm_term=zq-words&utm_content=zq-content&id=zq-page"
)
FROM = "https://zq-from.test/zq-before"
CLICK = {"kind": "link_click", "link_url": "https://other.test/zq-link", "link_kind": "outbound"}


async def a_yes(world: World, columns: Iterable[str], purposes: tuple[str, ...]) -> Browser:
    """Publish a purpose `more` for these columns, and let a visitor accept some purposes."""
    policy = world.services.book.policy(world.site)
    first, *_ = policy.content["purposes"]
    kept = [column for column in first["columns"] if column not in set(columns)]
    added = {"id": "more", "columns": list(columns)}
    content = {**policy.content, "purposes": [{**first, "columns": kept}, added]}
    await world.services.book.publish(world.site, content, asks_again=False)
    browser = world.browser()
    browser.token = world.services.tokens.sign(
        some_claims(site_id=world.site.id, purposes=purposes, policy_version=1)
    )
    return browser


async def sent(world: World, browser: Browser) -> tuple[bytes, dict[str, Any]]:
    """Send a page view with every field; return the journal's bytes and the warehouse's row."""
    view = a_view(url=TELLING, referrer=FROM)
    answer = await browser.send(view, **{"Accept-Language": "de-DE"})
    journal = world.journal_bytes()
    (row,) = await world.rows()

    assert answer.json() == {"recorded": 1}
    assert row["event_id"].encode() in journal
    return journal, row


async def test_law_3_what_the_yes_does_not_cover_reaches_neither_journal_nor_warehouse(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, MOVABLE, ("statistics",))
        journal, row = await sent(world, browser)

    for told in (b"zq-", b"192.0.2.7", b"Chrome", b"Windows", b"de-DE"):
        assert told not in journal
    assert {column for column in MOVABLE if row[column]} == set()
    assert (row["host"], row["path"]) == ("example.org", "/a")


async def test_law_3_the_source_is_told_by_what_is_covered_of_address_and_referrer(tmp_path: Path):
    moved = [name for name in MOVABLE if name.startswith(("utm_", "referrer"))]
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, moved, ("statistics",))
        journal, row = await sent(world, browser)

    assert (row["source"], row["channel"]) == ("", "direct")
    assert b"zq-" not in journal


async def test_requirement_12_what_the_yes_covers_is_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, MOVABLE, ("statistics", "more"))
        _, row = await sent(world, browser)

    assert (row["ip"], row["browser"], row["language"]) == ("192.0.2.7", "Chrome", "de-DE")
    assert (row["referrer_host"], row["utm_medium"]) == ("zq-from.test", "zq-letter")


async def test_law_3_one_column_is_dropped_although_its_field_has_another(tmp_path: Path):
    async with open_world(tmp_path, peer="81.2.69.142") as world:
        browser = await a_yes(world, ("ip", "utm_medium", "referrer"), ("statistics",))
        journal, row = await sent(world, browser)

    assert (row["ip"], row["country"]) == ("", "GB")
    assert (row["referrer"], row["referrer_host"]) == ("", "zq-from.test")
    assert (row["utm_source"], row["utm_medium"]) == ("zq-mail", "")
    for told in (b"81.2.69", b"zq-before", b"zq-letter"):
        assert told not in journal


async def test_law_3_an_older_policy_that_divides_a_header_has_none_of_it_written(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("browser_version",), ("statistics",))
        journal, row = await sent(world, browser)

    assert {column for column in AGENT_COLUMNS if row[column]} == set()
    assert b"Chrome" not in journal


async def test_law_3_a_column_that_the_policy_does_not_tell_of_is_not_recorded(tmp_path: Path):
    """A policy that was published before the column was added does not name it."""
    async with open_world(tmp_path) as world:
        content = world.services.book.policy(world.site).content
        [told] = content["purposes"]
        untold = {*LANGUAGE_COLUMNS, "utm_medium", "os_version"}
        columns = [name for name in told["columns"] if name not in untold]
        older = {**content, "purposes": [{**told, "columns": columns}]}
        await world.services.book.publish(world.site, older, asks_again=False)
        browser = world.browser()
        browser.token = world.services.tokens.sign(some_claims(site_id=world.site.id))
        journal, row = await sent(world, browser)

    assert {row[name] for name in untold} == {""}
    assert (row["browser"], row["utm_source"]) == ("Chrome", "zq-mail")
    assert b"de-DE" not in journal
    assert b"zq-letter" not in journal


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://news.test/page?q=words", "https://news.test/"),
        ("https://me:secret@News.test:8443/page", "https://news.test/"),
        ("http://[2001:db8::1]:80/page", "http://[2001:db8::1]/"),
        ("android-app://com.example.mail/page", "android-app://com.example.mail/"),
        ("https://www.example.org/page", ""),
        ("https://localhost:8001/page", ""),
        ("mailto:me@example.org", ""),
        ("https://[broken/page", ""),
        ("", ""),
    ],
)
def test_of_a_referrer_nothing_but_an_outside_host_is_kept(referrer: str, kept: str):
    assert host_only(referrer, ("example.org", "localhost:8001")) == kept


@given(st.from_regex(r"https?://[^\x00-\x20\x7f]+", fullmatch=True))
def test_a_referrer_cut_to_its_host_has_the_same_host(referrer: str):
    cut = host_only(referrer, ("example.org",))

    assert outside_host(cut, ("example.org",)) == outside_host(referrer, ("example.org",))


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


async def test_law_8_an_event_that_is_not_covered_is_counted_once_however_often_it_is_sent(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("link_url",), ("statistics",))
        view, click = a_view(id=event_id()), a_view(id=event_id(), **CLICK)
        for events in ((view, click), (view, click), (click,), (click, click)):
            answer = await browser.send(*events)
            assert answer.status_code == 202
        await browser.send(a_view(id=event_id(), **CLICK))
        rows = await world.rows()
        tally = await world.tally()
        kept = world.journal_bytes()

    assert len(rows) == 1
    assert tally["other_purpose"] == 2
    assert view["id"].encode() in kept
    assert click["id"].encode() not in kept


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

    assert column_filter_of(claims, a_site()).without == ()
    assert column_filter_of(claims, a_site(column_purposes={"ip": "more"})).without == ("ip",)


def test_an_entry_is_written_anew_only_where_it_has_a_fact_that_is_not_covered():
    """Money belongs to no purpose of most sites, and few events have any."""
    columns = column_filter_of(
        some_claims(), a_site(column_purposes={"amount": "", "currency": ""})
    )
    plain = an_entry(facts={"title": "Knots"})
    paid = an_entry(facts={"event_name": "order", "amount": 19_990, "currency": "EUR"})

    assert columns.minimized(plain, a_site()) is plain
    assert columns.minimized(paid, a_site()).facts == {"event_name": "order"}


PURPOSES = ("statistics", "more", "most")
TOLD = {
    "utm_source": b"zq-mail",
    "utm_medium": b"zq-letter",
    "utm_campaign": b"zq-may",
    "referrer": b"zq-before",
    "referrer_host": b"zq-from",
    "link_url": b"zq-link",
    "link_kind": b'"outbound"',
    "ip": b"81.2.69.142",
    "country": b'"GB"',
    **dict.fromkeys(AGENT_COLUMNS, CHROME.encode()),
    **dict.fromkeys(LANGUAGE_COLUMNS, b"en-GB"),
    "utm_term": b"zq-words",
    "utm_content": b"zq-content",
    "query": b"zq-page",
    "bot_rule": b"zq-rule",
    **{
        one.attribute: b"76543" + str(place).encode()
        if one.kept == "number"
        else b"zq-" + one.name.encode()
        for place, one in enumerate(COLUMNS)
        if one.thing == "facts"
    },
}
"""The text in the journal's bytes that would reveal each column."""
FACTS = {
    one.name: int(TOLD[one.name]) if one.kept == "number" else TOLD[one.name].decode()
    for one in COLUMNS
    if one.thing == "facts"
}
UNKNOWN = {"browser_variant"}  # of a Chrome on a desk there is none
DIVIDED_HEADERS = (AGENT_COLUMNS, LANGUAGE_COLUMNS)


async def journal_with(entry: JournalEntry) -> tuple[bytes, JournalEntry]:
    """Store an entry in a journal of its own; return the file's bytes and the entry read back."""
    with tempfile.TemporaryDirectory() as folder:
        journal = await Journal.open(Path(folder, "journal.db"))
        await journal.append([entry], 0)
        written = journal_bytes(Path(folder))
        (read,) = await journal.entries_of(entry.visitor_id)
        await journal.close()
        return written, read


@settings(deadline=None, max_examples=40)
@given(
    placed=st.dictionaries(st.sampled_from(MOVABLE), st.sampled_from(PURPOSES[1:])),
    agreed=st.sets(st.sampled_from(PURPOSES[1:])),
)
def test_law_3_no_column_that_is_not_covered_is_ever_filled_or_in_the_journal(
    placed: Mapping[str, str], agreed: set[str]
):
    site = a_site(column_purposes=placed, rules=RecordingRules(parameters=("id",)))
    columns = column_filter_of(some_claims(purposes=("statistics", *agreed)), site)
    entry = an_entry(
        url=TELLING, referrer=FROM, **CLICK, facts=FACTS, rule="zq-rule", hints="zq-hint"
    )
    seen = columns.minimized(entry, site)
    journal, entry = asyncio.run(journal_with(seen))
    (row,) = Enricher({1: site}.get).batch([entry], ["v" * 22]).to_pylist()

    refused = {column for column, purpose in placed.items() if purpose not in agreed}
    hidden = refused.union(*(one for one in DIVIDED_HEADERS if refused & set(one)))
    assert {column for column in MOVABLE if row[column] in ("", 0)} == hidden | UNKNOWN
    assert (b"zq-hint" in journal) is not bool(refused & set(AGENT_COLUMNS))
    if "referrer" not in refused:
        hidden.discard("referrer_host")  # a whole referrer that is covered has its host in it
    assert {column for column in MOVABLE if TOLD[column] not in journal} == hidden


async def test_law_3_a_rule_that_the_policy_does_not_tell_of_leaves_out_all_the_same(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("bot_rule",), ("statistics",))
        body = {"site": world.site.key, "token": browser.token, "webdriver": True}
        await browser.post("/event", {**body, "events": [a_view()]})
        journal = world.journal_bytes()
        (row,) = await world.rows()
        kept = world.services.warehouse.answer("SELECT site FROM events")["site"].tolist()
        tally = await world.tally()

    assert b"webdriver" not in journal
    assert row["bot_rule"] == ""
    assert kept == [-world.site.id]
    assert tally == {"-": 1}


async def test_law_3_an_entry_of_the_release_before_has_no_column_that_no_policy_names(
    tmp_path: Path,
):
    """It waited in the journal when the server was updated, and knows nothing of new columns."""
    untold = {"languages": "", "browser_variant": ""}
    site = a_site(column_purposes=untold)
    phone = CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 10; K")
    old = an_entry(user_agent=phone.replace("Safari", "Mobile Safari"))
    (row,) = Enricher({1: site}.get).batch([old], ["v" * 22]).to_pylist()
    (told,) = Enricher({1: a_site()}.get).batch([old], ["v" * 22]).to_pylist()

    assert (row["languages"], row["browser_variant"]) == ("", "")
    assert (told["languages"], told["browser_variant"]) == ("en-GB, en", "mobile")


async def test_a_rule_that_is_switched_off_counts_also_where_no_policy_names_it(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("bot_rule",), ("statistics",))
        counted = RecordingRules(counted=("webdriver",))
        await world.services.book.change_rules(world.site, lambda _: counted)
        body = {"site": world.site.key, "token": browser.token, "webdriver": True}
        await browser.post("/event", {**body, "events": [a_view()]})
        await world.rows()
        kept = world.services.warehouse.answer("SELECT site FROM events")["site"].tolist()

    assert kept == [world.site.id]


async def test_law_3_of_a_campaign_in_a_fragment_only_what_is_covered_is_recorded(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("utm_medium",), ("statistics",))
        await browser.send(a_view(url="https://example.org/a#UTM_Source=bing&UTM_Medium=zq-mail"))
        waiting = await world.services.journal.waiting(0, 10)
        (row,) = await world.rows()

    assert (row["utm_source"], row["utm_medium"], row["source"]) == ("bing", "", "Bing")
    assert b"zq-mail" not in b"".join(waiting.bodies)


@pytest.mark.parametrize("listed", ["utm_source", "UTM_Source"])
@pytest.mark.parametrize("sent", ["utm_source", "UTM_Source", "amp;utm_source", "UTM%5FSource"])
async def test_law_3_an_owners_parameter_lets_through_no_campaign_that_is_not_covered(
    tmp_path: Path, listed: str, sent: str
):
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, ("utm_source",), ("statistics",))
        rules = RecordingRules(parameters=(listed, "id"))
        await world.services.book.change_rules(world.site, lambda _: rules)
        await browser.send(a_view(url=f"https://example.org/a?{sent}=zq-mail&id=7"))
        waiting = await world.services.journal.waiting(0, 10)
        (row,) = await world.rows()

    assert (row["utm_source"], row["source"], row["channel"]) == ("", "", "direct")
    assert b"zq-mail" not in b"".join(waiting.bodies)
    assert row["query"] == "id=7"


@pytest.mark.parametrize(("uncovered", "left"), [("utm_source", "?id=zq-page"), ("query", "")])
async def test_law_3_no_other_address_of_the_site_tells_what_its_pages_may_not(
    tmp_path: Path, uncovered: str, left: str
):
    query = "?UTM_Source=zq-mail&id=zq-page" if uncovered == "utm_source" else "?id=zq-page"
    own, other = f"https://example.org/b{query}", "https://other.test/?id=zq-kept"
    async with open_world(tmp_path) as world:
        browser = await a_yes(world, (uncovered,), ("statistics",))
        rules = RecordingRules(parameters=("UTM_Source", "id"))
        await world.services.book.change_rules(world.site, lambda _: rules)
        await browser.send(
            a_view(url="https://example.org/a", referrer=own, canonical=own),
            a_view(url="https://example.org/a", referrer=other),
            a_view(**CLICK | {"link_url": own, "link_kind": "internal"}),
            a_view(**CLICK | {"link_url": other}),
        )
        waiting = await world.services.journal.waiting(0, 10)
        rows = await world.rows()

    own = f"https://example.org/b{left}"
    assert {(row["referrer"], row["canonical"]) for row in rows} == {
        (own, own),
        (other, ""),
        ("", ""),
    }
    assert {row["link_url"] for row in rows} == {own, other, ""}
    journal = b"".join(waiting.bodies)
    assert b"zq-mail" not in journal
    assert (b"zq-page" in journal) is bool(left)


async def test_law_3_the_source_is_not_told_by_a_fragment_or_by_a_path_that_is_not_covered(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        moved = [name for name in MOVABLE if name.startswith("utm_")] + ["click_id", "referrer"]
        browser = await a_yes(world, moved, ("statistics",))
        marked = "https://example.org/a#utm_source=zq-mail&utm_medium=email&gclid=1"
        await browser.send(a_view(url=marked))
        await browser.send(a_view(referrer="https://www.google.com/maps/place/x"))
        rows = await world.rows()

    assert {(row["source"], row["channel"]) for row in rows} == {
        ("", "direct"),
        ("Google", "search"),
    }
