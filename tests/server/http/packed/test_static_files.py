"""Shipped files are packed, kept by browsers while their content is what the address names."""

import brotli
import httpx2
from starlette.applications import Starlette
from starlette.routing import Mount

from askfirst.system.assets import asset_bytes
from askfirst.web.pages import static_url
from server.http.packed.static_files import ShippedFiles

APP = Starlette(routes=[Mount("/static", ShippedFiles())])


async def fetched(path: str, accepted: str) -> tuple[bytes, dict[str, str]]:
    """Return the bytes as they are on the wire, and the headers with the status among them."""
    transport = httpx2.ASGITransport(app=APP)
    async with httpx2.AsyncClient(transport=transport, base_url="https://a.test") as browser:
        async with browser.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        return raw, {":status": str(answer.status_code), **answer.headers}


async def test_a_file_is_packed_for_whoever_takes_it_and_is_the_same_content() -> None:
    for name, kind in (("css/staff.css", "text/css"), ("images/flags.svg", "image/svg+xml")):
        plain = asset_bytes(f"static/{name}")
        body, headers = await fetched(f"/static/{name}", "gzip, br")
        whole, others = await fetched(f"/static/{name}", "identity")

        assert headers["content-encoding"] == "br"
        assert brotli.decompress(body) == plain == whole
        assert len(body) < len(plain) / 2
        assert "content-encoding" not in others
        assert headers["vary"] == others["vary"] == "Accept-Encoding"
        assert headers["content-type"].startswith(kind)


async def test_a_file_is_kept_only_under_the_hash_of_its_content() -> None:
    named = (await fetched(static_url("css/base.css"), "br"))[1]
    for query in ("", "?v=", "?v=000000000000"):
        assert "cache-control" not in (await fetched(f"/static/css/base.css{query}", "br"))[1]

    assert named["cache-control"] == "public, max-age=31536000, immutable"


async def test_what_is_no_shipped_file_is_not_found() -> None:
    for path in ("css/none.css", "css", "../pyproject.toml", "css/%2e%2e/%2e%2e/NOTICE"):
        assert (await fetched(f"/static/{path}", "br"))[1][":status"] == "404"


async def test_a_file_is_only_read_also_one_that_is_made_of_several() -> None:
    transport = httpx2.ASGITransport(app=APP)
    async with httpx2.AsyncClient(transport=transport, base_url="https://a.test") as browser:
        for name in ("css/staff.css", "css/base.css"):
            codes = [
                (await browser.request(method, f"/static/{name}")).status_code
                for method in ("HEAD", "POST", "DELETE")
            ]
            assert codes == [200, 405, 405]
