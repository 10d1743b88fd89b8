"""Another browser: its receipt code brings it to this page, linked or joined to an account."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from askfirst.store.ledger.tables import account_browsers, visitor_links
from askfirst.store.ledger.visitor_links import MOST_LINKED, linked_ids
from consent.my_data.access import joining
from consent.rights.expiry import visitor_ids_due
from tests.consent.my_data.own_page import (
    MAIL,
    Account,
    other_site,
    posted,
    press,
    table,
    visited,
    visitor_of,
)
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world

ADDED = "The other browser was added. This page now shows both."
UNKNOWN = "No yes has this receipt code."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, **MAIL) as opened:
        yield opened


async def test_law_6_a_receipt_code_makes_two_browsers_one_person(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    added = await press(world, laptop.token, "join", other=code)

    assert ADDED in plain(added.text)
    for browser in (laptop, phone):
        page = (await press(world, browser.token)).text
        assert "/on-the-laptop" in page
        assert "/on-the-phone" in page


async def test_what_is_done_on_the_page_reaches_both_browsers(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, laptop.token, "join", other=code)
    stopped = plain((await press(world, laptop.token, "stop")).text)

    assert "Nothing is being recorded" in stopped
    assert (await phone.send(a_view())).status_code == 403
    await press(world, phone.token, "erase")
    assert await world.rows() == []
    assert await table(world, visitor_links) == []


async def test_the_page_says_that_visits_are_recorded_while_any_browser_does(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, laptop.token, "join", other=code)
    await laptop.withdraw()

    assert "Your visits are being recorded" in plain((await press(world, laptop.token)).text)
    assert (await phone.send(a_view())).status_code == 202


async def test_a_yes_in_one_browser_does_not_end_that_of_the_other(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, laptop.token, "join", other=code)
    before, theirs = laptop.token, visitor_of(world, phone)
    await laptop.withdraw()
    await laptop.accept(token=before)

    assert visitor_of(world, laptop) != theirs
    assert (await phone.send(a_view())).status_code == 202
    assert (await laptop.send(a_view())).status_code == 202
    async with world.services.ledger.read() as connection:
        assert len(await linked_ids(connection, world.site.id, theirs)) == 3


async def test_law_6_the_end_of_one_browser_does_not_take_the_other_with_it(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, laptop.token, "join", other=code)
    await phone.withdraw()
    versions = await world.services.book.versions(world.site)
    world.clock.move(days=400)
    due = await visitor_ids_due(world.services.ledger, world.site.id, versions, world.clock())

    assert due == [[visitor_of(world, phone)]]


async def test_after_the_erasure_of_one_id_the_others_stay_one_person(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    tablet, third = await visited(world, "/on-the-tablet")
    for other in (code, third):
        await press(world, laptop.token, "join", other=other)
    erase_alone = world.services.eraser.erase_alone
    await erase_alone(world.site.id, [visitor_of(world, laptop)])
    page = (await press(world, tablet.token)).text

    assert "/on-the-phone" in page
    assert "/on-the-laptop" not in page
    await erase_alone(world.site.id, [visitor_of(world, phone)])
    assert await table(world, visitor_links) == []


@pytest.mark.parametrize("restricted_first", [True, False])
async def test_a_restriction_of_one_holds_for_both(world: World, restricted_first: bool):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, (laptop if restricted_first else phone).token, "restrict")
    await press(world, laptop.token, "join", other=code)
    both = {visitor_of(world, laptop), visitor_of(world, phone)}

    [site] = world.services.book.all()
    assert set(site.restricted_visitors) == both
    await press(world, phone.token, "lift")
    [site] = world.services.book.all()
    assert not site.restricted_visitors


async def test_a_code_that_is_on_the_page_already_changes_nothing(world: World):
    laptop, own = await visited(world, "/on-the-laptop")
    _, code = await visited(world, "/on-the-phone")
    await press(world, laptop.token, "join", other=code)
    before = await table(world, visitor_links)
    for typed in (own, code):
        page = await press(world, laptop.token, "join", other=typed)
        assert "That browser is on this page already." in plain(page.text)

    assert await table(world, visitor_links) == before


@pytest.mark.parametrize("typed", ["", "7K2PM-0XQ4T-9WZ1B-C3D5E", "<b>" * 30, "0" * 5000])
async def test_an_unknown_code_adds_nothing_and_is_not_repeated(world: World, typed: str):
    laptop, _ = await visited(world, "/on-the-laptop")
    page = await press(world, laptop.token, "join", other=typed)

    assert UNKNOWN in plain(page.text)
    assert not typed or typed not in page.text
    assert await table(world, visitor_links) == []


async def test_a_code_of_another_site_is_unknown(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    other = await other_site(world)
    world.site, mine = other, world.site
    _, code = await visited(world)
    world.site = mine

    assert UNKNOWN in plain((await press(world, laptop.token, "join", other=code)).text)


async def test_codes_are_guessed_no_faster_here_than_where_they_open_the_page(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    guesses = [await press(world, laptop.token, "join", other="0" * 20) for _ in range(6)]
    guesses += [await posted(world, "/my-data", code="0" * 20) for _ in range(5)]

    assert [one.status_code for one in guesses] == [200] * 6 + [404] * 4 + [429]


async def test_a_browser_whose_access_was_ended_is_not_added(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    await press(world, phone.token, "lost_now")
    page = await press(world, laptop.token, "join", other=code)

    assert UNKNOWN in plain(page.text)
    assert "/on-the-phone" not in page.text
    assert await table(world, visitor_links) == []


async def test_too_many_browsers_are_not_added(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(joining, "MOST_LINKED", 2)
    laptop, _ = await visited(world, "/on-the-laptop")
    codes = [(await visited(world))[1] for _ in range(2)]
    said = [plain((await press(world, laptop.token, "join", other=one)).text) for one in codes]

    assert ADDED in said[0]
    assert "No more browsers can be added to this page." in said[1]
    assert MOST_LINKED == 100


async def test_with_a_session_the_account_joins_it(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    account = await Account(world).open(laptop)
    await press(world, laptop.token, "restrict")
    added = await account.press("join", other=code)

    assert ADDED in plain(added.text)
    assert "/on-the-phone" in added.text
    assert {row["visitor_id"] for row in await table(world, account_browsers)} == {
        visitor_of(world, laptop),
        visitor_of(world, phone),
    }
    assert await table(world, visitor_links) == []
    assert "/on-the-laptop" not in (await press(world, phone.token)).text
    [site] = world.services.book.all()
    assert visitor_of(world, phone) in site.restricted_visitors


async def test_a_browser_of_another_account_is_refused(world: World):
    laptop, _ = await visited(world, "/on-the-laptop")
    phone, code = await visited(world, "/on-the-phone")
    account = await Account(world).open(laptop)
    await Account(world).open(phone, email="bert@example.com")
    for page in (
        await account.press("join", other=code),
        await press(world, laptop.token, "join", other=code),
    ):
        assert "That browser belongs to another account." in plain(page.text)
        assert "/on-the-phone" not in page.text

    assert len(await table(world, account_browsers)) == 2
    assert await table(world, visitor_links) == []
