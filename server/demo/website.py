"""The demo website: a small library's pages with the tag, links in and out, a download, a form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from askfirst.system.assets import asset_path
from askfirst.web.pages import Pages
from server.demo.mail.mailbox import Received

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
    "/support": "Support us",
    "/contact": "Write to us",
    "/thanks": "Thank you",
    "/staff/rota": "Who is at the desk",
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
BOOKS: dict[str, tuple[str, ...]] = {
    "sea": ("Moby-Dick", "The Old Man and the Sea", "Sailing Alone Around the World"),
    "poetry": ("Leaves of Grass", "Sonnets from the Portuguese"),
    "maps": ("An Atlas of Remote Islands", "Longitude"),
}
"""Books that can be reserved, by their shelf."""
STORIES: dict[str, int] = {"The keeper's cat": 94, "A night on the sandbank": 131}
"""Stories that can be heard, and their length in seconds."""
AMOUNTS = (5, 10, 25, 50)
"""Donations that can be chosen, in pounds."""
MAIL = "desk@harbour-lane.example"
TELEPHONE = "+441632960123"  # a number for works of fiction (Ofcom)
DOWNLOAD = "/files/reading-list.csv"
MAILBOX = "/mailbox"
OUTSIDE = ("https://www.gutenberg.org/", "https://openlibrary.org/", "https://www.iana.org/")

_NAME = TITLES["/"]
_NOT_FOUND = "Page not found"


def title_of(path: str) -> str:
    """Return what the browser's tab shows of a page; '' where there is no such page.

    The path '' is that of the page which says so.
    """
    if path in ("", "/"):
        return f"{_NOT_FOUND} · {_NAME}" if not path else _NAME
    return f"{TITLES[path]} · {_NAME}" if path in TITLES else ""


TagFacts = Callable[[], tuple[str, str]]
"""Returns the server's address and the site's key, which are known once the services are open."""


@dataclass(frozen=True)
class DemoPage:
    """The context of templates/demo/page.html."""

    path: str
    """The path of the page, '' where there is none."""
    title: str
    """The heading."""
    tab: str
    """The title, as the browser's tab shows it."""
    tag_address: str
    site_key: str
    titles: dict[str, str] = field(default_factory=lambda: TITLES)
    articles: dict[str, str] = field(default_factory=lambda: ARTICLES)
    books: dict[str, tuple[str, ...]] = field(default_factory=lambda: BOOKS)
    stories: dict[str, int] = field(default_factory=lambda: STORIES)
    amounts: tuple[int, ...] = AMOUNTS
    download: str = DOWNLOAD
    outside: tuple[str, ...] = OUTSIDE
    mail: str = MAIL
    telephone: str = TELEPHONE


@dataclass(frozen=True)
class MailboxPage:
    """The context of templates/demo/mailbox.html."""

    mails: Sequence[Received]


def website(
    tag_facts: TagFacts, received: Callable[[], Sequence[Received]] | None = None
) -> Starlette:
    """Build the website, which is an application of its own, with a page of the mail `received`."""
    pages = Pages()

    def shown(path: str, title: str, status: int = 200) -> Response:
        context = DemoPage(path, title, title_of(path), *tag_facts())
        return pages.page("demo/page.html", context, status)

    async def page(request: Request) -> Response:
        path = request.scope["path"]
        return shown(path, TITLES[path])

    async def mailbox(_request: Request) -> Response:
        mails = received() if received else ()
        return pages.page(
            "demo/mailbox.html", MailboxPage(mails), 200, {"Cache-Control": "no-store"}
        )

    async def not_found(_request: Request, _error: Exception) -> Response:
        return shown("", _NOT_FOUND, 404)

    async def reading_list(_request: Request) -> Response:
        text = "author,title\r\nMelville,Moby-Dick\r\nWoolf,To the Lighthouse\r\n"
        headers = {"Content-Disposition": 'attachment; filename="reading-list.csv"'}
        return Response(text, media_type="text/csv", headers=headers)

    return Starlette(
        routes=[
            *(Route(path, page, methods=["GET", "POST"]) for path in TITLES),
            Route(DOWNLOAD, reading_list),
            *([Route(MAILBOX, mailbox)] if received else []),
            Mount("/look", StaticFiles(directory=asset_path("static/demo"))),
        ],
        exception_handlers={404: not_found},
    )
