"""How often the tag is served, counted by the page's host, without any identifier."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from askfirst.store.ledger.choice_counts import LOADED, SIGNAL, ChoiceCounts, read_referrer
from askfirst.store.ledger.site_book import SiteBook
from askfirst.web.browser_signals import fetches_ahead, global_privacy_control
from collector.enrichment.enrich import is_left_out

Answer = Callable[[Request], Awaitable[Response]]


class Loads:
    """Counts the tag's loads for the site that the `Referer` header names; bots are left out.

    Wrap the tag's endpoint with `counting`. No extra request is made: browsers ask for the tag
    anyway, at every page. What they load ahead of a click is left out: most of it is never shown,
    and without a request of its own a page that is shown later does not say so.
    """

    def __init__(self, book: SiteBook, counts: ChoiceCounts) -> None:
        self._book = book
        self._counts = counts

    def counting(self, script: Answer) -> Answer:
        """Return an endpoint that answers as `script` does and counts the request."""

        async def answer(request: Request) -> Response:
            response = await script(request)
            if request.method == "GET":
                self._count(request)
            return response

        return answer

    def _count(self, request: Request) -> None:
        headers = request.headers
        if fetches_ahead(headers):
            return
        host, page = read_referrer(headers.get("referer"), headers.get("host", ""))
        site = self._book.by_host(host)
        if site is None or is_left_out(site, headers):
            return
        self._counts.add(site.id, LOADED, page)
        self._counts.loads.add(site.id, headers.get("accept-language", ""))
        if global_privacy_control(headers):
            self._counts.add(site.id, SIGNAL, page)
