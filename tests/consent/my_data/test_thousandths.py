"""Every place that shows a stored number in thousandths says the same, and what it is."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from askfirst.columns import COLUMNS, MONEY_COLUMNS, THOUSANDTHS, told_value
from consent.policy.drafts import content_of, draft_of
from reports.visitors.export.contents import contents_of
from reports.visitors.export.texts import as_zip
from tests.consent.my_data.own_page import press, unpacked
from tests.consent.public_pages import plain
from tests.factories import NOON, an_entry
from tests.world import Browser, World, open_world

STORED, SAID = 19_903, "19.903"
TITLES = [one.title for one in COLUMNS if one.name in THOUSANDTHS]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def measured(world: World) -> Browser:
    """Say yes to everything, and have an event with every column that is kept in thousandths."""
    book = world.services.book
    draft = draft_of(book.policy(world.site).content)
    added = [*draft["purposes"], {"id": "revenue", "columns": list(MONEY_COLUMNS)}]
    await book.publish(world.site, content_of(draft | {"purposes": added}), asks_again=True)
    browser = world.browser()
    await browser.accept(purposes=["statistics", "revenue"])
    claims = world.services.tokens.read(browser.token)
    assert claims
    facts = dict.fromkeys(THOUSANDTHS, STORED) | {"event_name": "order", "currency": "EUR"}
    entry = an_entry(
        kind="custom_event", facts=facts, site_id=world.site.id,
        visitor_id=claims.visitor_id, consent_id=claims.consent_id,
    )  # fmt: skip
    await world.services.journal.append([entry], world.clock())
    return browser


def numbers_in(page: str) -> list[str]:
    return re.findall(rf"(?<![\w.]){SAID}(?![\w.])", page)


async def test_law_6_page_file_and_offline_page_tell_a_number_alike(world: World):
    mine = await measured(world)
    await world.rows()
    page = plain((await press(world, mine.token)).text)
    files = unpacked(await press(world, mine.token, "take"))
    offline = plain(files["page.html"].decode())
    [event] = json.loads(files["data.json"])["places"]["warehouse.events"]

    assert len(THOUSANDTHS) >= 2
    for text in (page, offline):
        assert all(title in text for title in TITLES)
        assert len(numbers_in(text)) == len(THOUSANDTHS)
    assert {str(event[name]) for name in THOUSANDTHS} == {SAID}
    for content in files.values():
        assert str(STORED) not in content.decode("utf-8-sig")
    assert str(STORED) not in page


async def test_law_6_a_waiting_event_is_told_like_a_stored_one(world: World):
    mine = await measured(world)
    page = plain((await press(world, mine.token)).text)
    files = unpacked(await press(world, mine.token, "take"))
    [waiting] = json.loads(files["data.json"])["places"]["journal.waiting"]

    assert {str(waiting["facts"][name]) for name in THOUSANDTHS} == {SAID}
    assert SAID in page
    assert str(STORED) not in page + files["page.html"].decode()


async def test_law_6_the_file_of_staff_says_what_the_visitors_page_says(world: World):
    mine = await measured(world)
    claims = world.services.tokens.read(mine.token)
    assert claims
    await world.rows()
    rows = await world.services.personal_data.rows_of(world.site.id, [claims.visitor_id])
    contents = contents_of(world.site, claims.visitor_id, rows, NOON)
    table = next(one for one in contents.tables if one.name == "warehouse.events")

    assert {str(table.rows[0][name]) for name in THOUSANDTHS} == {SAID}
    assert str(STORED).encode() not in as_zip(contents)


def test_what_is_no_such_number_is_told_as_it_is():
    assert told_value("engaged_ms", STORED) == STORED
    assert told_value("amount", 0) == 0
    assert told_value("amount", None) is None
    assert told_value("facts", "") == ""
