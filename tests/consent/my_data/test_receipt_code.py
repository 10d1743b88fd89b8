"""The receipt code, as pages tell of it: where it is found, and what it is good for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from consent.policy.languages import languages, texts_of
from tests.consent.my_data.own_page import posted, press
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


async def test_wherever_a_receipt_code_is_asked_for_the_page_says_where_to_find_it(world: World):
    mine = world.browser()
    await mine.accept()
    for tag in languages():
        texts = texts_of(tag)
        ways = (texts["banner"]["control"], texts["preferences"]["receipt_link"])
        for token in ("", mine.token):
            said = plain((await posted(world, {"token": token}, tag)).text)
            assert [way for way in ways if way not in said] == [], tag


async def test_the_offer_to_erase_names_the_receipt_code_which_opens_the_page_after_it(
    world: World,
):
    mine = world.browser()
    code = (await mine.accept()).json()["receipt"]["code"]
    await mine.send(a_view(url="https://example.org/mine"))
    await world.rows()
    await mine.withdraw()
    wording = (await world.client.get(f"/wording/{world.site.key}.json?lang=en")).json()

    assert "you would need your receipt code" in wording["preferences"]["erase_now"]
    assert "/mine" in plain((await posted(world, {"code": code})).text)
    assert code in (await press(world, mine.token)).text
