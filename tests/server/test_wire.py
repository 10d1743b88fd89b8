"""The server answers the messages of tests/wire, which the tests of the scripts read, too."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.world import Browser, World, open_world

WIRE = Path(__file__).parent.parent / "wire"
PATHS = {"event": "/event", "consent": "/consent"}
MESSAGES = {name: json.loads((WIRE / f"{name}.json").read_text()) for name in PATHS}


def named(verdict: str) -> list[Any]:
    return [
        pytest.param(name, message, id=f"{name}: {message['name']}")
        for name, messages in MESSAGES.items()
        for message in messages[verdict]
    ]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, hosts=("example.org", "*.example.org")) as opened:
        yield opened


async def body_of(message: dict[str, Any], browser: Browser) -> bytes:
    """Put this world's site, token and notice where the message has their names."""
    await browser.accept()
    text = json.dumps(message["body"])
    notice = (await browser.wording())["hash"]
    for name, value in (("SITE", browser.site.key), ("TOKEN", browser.token), ("NOTICE", notice)):
        text = text.replace(f'"{name}"', f'"{value}"')
    return text.encode()


@pytest.mark.parametrize(("name", "message"), named("valid"))
async def test_a_valid_message_is_taken(world: World, name: str, message: dict[str, Any]):
    browser = world.browser()
    body = await body_of(message, browser)
    world.clock.move(minutes=10)
    answer = await browser.post(PATHS[name], body)

    assert answer.status_code in (200, 202), answer.text


@pytest.mark.parametrize(("name", "message"), named("invalid"))
async def test_an_invalid_message_gets_its_code_and_field_and_leaves_no_row(
    world: World, name: str, message: dict[str, Any]
):
    browser = world.browser()
    body = await body_of(message, browser)
    world.clock.move(minutes=10)
    answer = await browser.post(PATHS[name], body)
    error = answer.json()["error"]

    assert answer.status_code in (400, 403)
    assert (error["code"], error.get("field")) == (message["code"], message.get("field"))
    assert await world.rows() == []
