"""The demo website: a small library's pages with the tag, links in and out, a download, a form."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from askfirst.system.assets import asset_path
from askfirst.web.pages import Pages

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
ARTICLES: dict[str, str] = {
    "/articles/tide-tables": "A tide table gives the height of the sea and the hour. Read the date "
    "first, then the harbour, and last the hour: most wet feet come from doing it the other way "
    "round.",
    "/articles/lighthouse-keepers": "The lamp went electric in the sixties and the keepers went "
    "ashore. Three of their logbooks are here, in a neat hand that never once mentions the weather "
    "without its barometer.",
    "/articles/knots": "Bowline, clove hitch, sheet bend, reef knot and figure of eight. Tie each "
    "one twenty times and your hands will know it when you do not.",
    "/articles/mending-books": "A broken spine wants patience, not glue. Lift the cloth, line the "
    "back with thin paper and wheat paste, and let it dry under a weight for a night.",
}
DOWNLOAD = "/files/reading-list.csv"
OUTSIDE = ("https://www.gutenberg.org/", "https://openlibrary.org/", "https://www.iana.org/")

TagFacts = Callable[[], tuple[str, str]]
"""Returns the server's address and the site's key, which are known once the services are open."""


@dataclass(frozen=True)
class DemoPage:
    """The context of templates/demo/page.html."""

    path: str
    title: str
    titles: dict[str, str]
    articles: dict[str, str]
    download: str
    outside: tuple[str, ...]
    tag_address: str
    site_key: str


def website(tag_facts: TagFacts) -> Starlette:
    """Build the website, which is an application of its own."""
    pages = Pages()

    async def page(request: Request) -> Response:
        path = request.scope["path"]
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
