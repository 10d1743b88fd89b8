"""Reads the public pages as a browser does, and posts their forms."""

import re
from html import unescape
from urllib.parse import urlencode

from consent.policy.drafts import content_of, draft_of


def plain(page):
    """Return what a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


async def policy_page(room, path=""):
    answer = await room.browser.get(f"/policy/{room.site.key}{path}")
    assert answer.status_code == 200
    return answer.text


async def republish(room, asks_again=False, **changes):
    draft = draft_of(room.deps.book.policy(room.site).content) | changes
    return await room.deps.book.publish(room.site, content_of(draft), asks_again=asks_again)


async def post(room, path, body, **headers):
    room.browser.cookies.clear()
    sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    return await room.browser.post(f"{path}/{room.site.key}", content=body, headers=sent)


async def post_form(room, path, **fields):
    return await post(room, path, urlencode(fields))


async def receipt_text(room):
    answer = await post_form(room, "/receipt", token=await room.token(), download="1")
    assert answer.status_code == 200
    return answer.text
