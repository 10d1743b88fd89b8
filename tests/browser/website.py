"""A website for one test: its pages, the libraries they use, and a proxy to the running server.

It is a server, as interception in the browser would lose what a page sends while it is being left,
and would turn the back/forward cache off.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from askfirst.sites import Site

MODULES = Path(__file__).parents[2] / "node_modules"
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
OF_THE_HOP = ("host", "connection", "content-length", "transfer-encoding", "content-encoding")


def whole(headers: httpx.Headers | Mapping[str, str]) -> dict[str, str]:
    """Return the headers that may be forwarded on another connection."""
    return {name: value for name, value in headers.items() if name.lower() not in OF_THE_HOP}


@dataclass
class Website:
    """Pages by their path; a request to the server for a name in `held` waits for its event.

    All pages have the same `headers`. `sent` has the bodies of the requests for events,
    `prerendered` the paths that pages ask for before they are shown.
    """

    services: str
    pages: Mapping[str, str]
    base: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    prerendered: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        if "prerender" in request.headers.get("sec-purpose", ""):
            self.prerendered.append(path)
        if path in self.pages:
            return HTMLResponse(self.pages[path], headers=self.headers)
        if path.startswith("/lib/"):
            return FileResponse(MODULES / path.removeprefix("/lib/"))
        if path in self.held:
            await self.held[path].wait()
        if path == "/event":
            self.sent.append((await request.body()).decode())
        async with httpx.AsyncClient(base_url=self.services) as client:
            headers = {**whole(request.headers), "Host": request.headers["host"]}
            said = await client.request(
                request.method,
                f"{path}?{request.url.query}",
                headers=headers,
                content=await request.body(),
            )
        return Response(said.content, said.status_code, whole(said.headers))


@asynccontextmanager
async def open_website(
    services: str, pages: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> AsyncIterator[Website]:
    """Serve the pages, and forward all other paths to the server, until the block ends."""
    bound = socket.create_server(("127.0.0.1", 0))
    website = Website(services, pages, f"http://127.0.0.1:{bound.getsockname()[1]}")
    website.headers = headers or {}
    app = Starlette(routes=[Route("/{path:path}", website.answer, methods=METHODS)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield website
    finally:
        server.should_exit = True
        for event in website.held.values():
            event.set()
        await serving


def page_of(site: Site, body: str, head: str = "", body_attributes: str = "") -> str:
    """Build a page that carries the tag."""
    tag = f'<script async src="/tag.js" data-site="{site.key}"></script>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stage</title>'
        f'<link rel="icon" href="data:,">{tag}{head}</head>'
        f"<body {body_attributes}><main><h1>Harbour</h1>{body}</main></body></html>"
    )
