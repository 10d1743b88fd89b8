"""The demo website: a small library's pages with the tag, links in and out, a download, a form."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from askfirst.assets import asset_path
from askfirst.pages import Pages

TITLES: dict[str, str] = {
    "/": "Harbour Lane Library",
    "/opening-hours": "Opening hours",
    "/catalogue": "Catalogue",
    "/catalogue/sea": "Catalogue",
    "/catalogue/poetry": "Catalogue",
    "/catalogue/maps": "Catalogue",
    "/articles": "Articles",
    "/articles/tide-tables": "How to read a tide table",
    "/articles/lighthouse-keepers": "The last lighthouse keepers",
    "/articles/knots": "Five knots worth knowing",
    "/articles/mending-books": "Mending a broken spine",
    "/events": "Events",
    "/contact": "Write to us",
    "/thanks": "Thank you",
    "/privacy": "Privacy",
}
ARTICLES = tuple(path for path in TITLES if path.startswith("/articles/"))
DOWNLOAD = "/files/reading-list.csv"
OUTSIDE = ("https://www.gutenberg.org/", "https://openlibrary.org/", "https://www.iana.org/")

TagFacts = Callable[[], tuple[str, str]]
"""Gives the server's address and the site's key, which are known once the house is open."""


@dataclass(frozen=True)
class DemoPage:
    """What templates/demo/page.html shows."""

    path: str
    title: str
    titles: dict[str, str]
    articles: tuple[str, ...]
    download: str
    outside: tuple[str, ...]
    tag_address: str
    site_key: str


def website(tag_facts: TagFacts) -> Starlette:
    """Build the website as an application of its own."""
    pages = Pages()

    async def page(request: Request) -> Response:
        path = request.url.path
        address, key = tag_facts()
        title = TITLES[path]
        context = DemoPage(path, title, TITLES, ARTICLES, DOWNLOAD, OUTSIDE, address, key)
        return pages.page("demo/page.html", context)

    async def reading_list(_request: Request) -> Response:
        text = "author,title\r\nMelville,Moby-Dick\r\nWoolf,To the Lighthouse\r\n"
        headers = {"Content-Disposition": 'attachment; filename="reading-list.csv"'}
        return Response(text, media_type="text/csv", headers=headers)

    return Starlette(
        routes=[
            *(Route(path, page, methods=["GET", "POST"]) for path in TITLES),
            Route(DOWNLOAD, reading_list),
            Mount("/look", StaticFiles(directory=asset_path("static/demo"))),
        ]
    )
