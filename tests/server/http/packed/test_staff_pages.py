"""Pages of staff are packed where no other website can have asked for them, and stay whole."""

import re
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from server.demo.generated_visits import VisitGenerator
from server.http.packed.staff_pages import PackedForStaff
from tests.server.test_site_deletion import signed_in
from tests.world import open_world

PAGE = "<p>secret</p>" * 400
FIRST, LAST = b"<p>figures</p>", b"<p>lists</p>" * 400
OWN = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip, br"}
MOST_BYTES = 120_000


async def _page(request: Request) -> Response:
    media_type = request.query_params.get("type", "text/html")
    return Response(PAGE, media_type=media_type)


async def _streamed(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield FIRST
        yield LAST

    return StreamingResponse(parts(), media_type="text/html")


async def _small(_request: Request) -> Response:
    return HTMLResponse("<p>small</p>")


APP = PackedForStaff(
    Starlette(
        routes=[
            Route("/sites/key", _page),
            Route("/sites/key/streamed", _streamed),
            Route("/sites/key/small", _small),
            Route("/api/v1/reports/pages", _page),
            Route("/policy/key", _page),
        ]
    )
)


async def _fetched(path: str, headers: dict[str, str]) -> tuple[bytes, httpx2.Headers]:
    transport = httpx2.ASGITransport(app=APP)
    browser = httpx2.AsyncClient(transport=transport, base_url="https://a.test")
    async with browser, browser.stream("GET", path, headers=headers) as answer:
        return b"".join([part async for part in answer.aiter_raw()]), answer.headers


@pytest.mark.parametrize("accepted", ["br", "gzip"])
@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_page_that_staff_ask_for_is_packed(accepted: str, site: str) -> None:
    asked = {"Sec-Fetch-Site": site, "Accept-Encoding": accepted}
    body, headers = await _fetched("/sites/key", asked)
    unpacked = brotli.decompress(body) if accepted == "br" else zlib.decompress(body, 31)

    assert headers["content-encoding"] == accepted
    assert headers["vary"] == "Accept-Encoding, Sec-Fetch-Site"
    assert unpacked.decode() == PAGE
    assert "content-length" not in headers
    assert len(body) < len(PAGE) / 10


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/sites/key", {**OWN, "Sec-Fetch-Site": "cross-site"}),
        ("/sites/key", {**OWN, "Sec-Fetch-Site": "same-site"}),
        ("/sites/key", {"Accept-Encoding": "br"}),
        ("/sites/key", {"Accept-Encoding": "br", "Authorization": "Basic b2xkOmJyb3dzZXI="}),
        ("/sites/key", {**OWN, "Accept-Encoding": "identity"}),
        ("/sites/key", {**OWN, "Accept-Encoding": "br;q=0"}),
        ("/sites/key?type=text/event-stream", OWN),
        ("/sites/key?type=application/pdf", OWN),
        ("/policy/key", OWN),
    ],
)
async def test_what_another_website_may_have_asked_for_is_not_packed(
    path: str, headers: dict[str, str]
) -> None:
    body, answered = await _fetched(path, headers)

    assert "content-encoding" not in answered
    assert body.decode() == PAGE


async def test_a_program_with_a_key_gets_its_file_packed() -> None:
    asked = {"Authorization": "Bearer key", "Accept-Encoding": "gzip"}
    path = "/api/v1/reports/pages?type=text/csv"

    assert (await _fetched(path, asked))[1]["content-encoding"] == "gzip"


async def test_a_request_for_the_head_alone_is_told_the_same_headers() -> None:
    transport = httpx2.ASGITransport(app=APP)
    async with httpx2.AsyncClient(transport=transport, base_url="https://a.test") as browser:
        async with browser.stream("HEAD", "/sites/key", headers=OWN) as head:
            pass
        async with browser.stream("GET", "/sites/key", headers=OWN) as page:
            await page.aread()

    assert head.headers == page.headers


async def test_a_small_page_stays_as_it_is() -> None:
    body, headers = await _fetched("/sites/key/small", OWN)

    assert body == b"<p>small</p>"
    assert "content-encoding" not in headers


@pytest.mark.parametrize("accepted", ["br", "gzip"])
async def test_what_a_page_sends_first_can_be_read_before_the_rest_is_there(accepted: str) -> None:
    sent: list[bytes] = []
    reader = brotli.Decompressor() if accepted == "br" else zlib.decompressobj(31)
    read = reader.process if accepted == "br" else reader.decompress

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            sent.append(read(message["body"]))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"sec-fetch-site", b"none"), (b"accept-encoding", accepted.encode())]
    scope: dict[str, object] = {"type": "http", "method": "GET", "path": "/sites/key/streamed"}
    scope |= {
        "headers": headers,
        "query_string": b"",
        "root_path": "",
        "asgi": {"spec_version": "2.4"},
    }
    await APP(scope, receive, send)

    assert sent[0] == FIRST
    assert b"".join(sent) == FIRST + LAST


async def test_an_overview_needs_120_kb_at_most_with_all_that_it_loads(tmp_path: Path) -> None:
    """As bytes on the wire, before somebody touches the chart; pictures further down included."""
    async with open_world(tmp_path) as world:
        async for _ in VisitGenerator(world.services, world.site, 30).days():
            pass
        await world.rows()
        staff = await signed_in(world)
        loaded = {"/": await _bytes(staff, f"/sites/{world.site.key}?period=90d")}
        html = (await staff.get(f"/sites/{world.site.key}?period=90d", headers=OWN)).text
        for address in set(re.findall(r'(?:src|href)="(/static/[^"#]+)', html)):
            loaded[address] = await _bytes(staff, address)

    assert html.count('class="lane"') > 25  # most cards are full
    assert any("staff.css" in address for address in loaded)
    assert any("dashboard.js" in address for address in loaded)
    assert loaded["/"] < 30_000
    assert sum(loaded.values()) < MOST_BYTES / 2


async def _bytes(staff: httpx2.AsyncClient, path: str) -> int:
    async with staff.stream("GET", path, headers=OWN) as answer:
        assert answer.status_code == 200
        return len(b"".join([part async for part in answer.aiter_raw()]))
