"""Presses the buttons of the visitor's own page, and reads what is answered."""

import html
import io
import re
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2

from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import Browser, World


async def press(
    world: World, token: str, do: str = "", tag: str = "en", **fields: str
) -> httpx2.Response:
    form = {"token": token, **({"do": do} if do else {}), **fields}
    return await posted(world, form, tag)


async def posted(world: World, form: dict[str, str], tag: str = "en") -> httpx2.Response:
    world.client.cookies.clear()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/my-data/{world.site.key}?lang={tag}"
    return await world.client.post(path, content=urlencode(form), headers=headers)


async def visited(world: World, *paths: str, **accepted: Any) -> Browser:
    browser = world.browser()
    assert (await browser.accept(**accepted)).status_code == 200
    for path in paths:
        world.clock.move(minutes=1)
        await browser.send(a_view(url=f"https://example.org{path}", title=f"Title of {path}"))
    await world.rows()
    return browser


def hidden(page: httpx2.Response, name: str) -> str:
    """Return what a hidden field of the page's forms holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, plain(page.text)
    return html.unescape(found[1])


def unpacked(answer: httpx2.Response) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        return {name: folder.read(name) for name in folder.namelist()}


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
