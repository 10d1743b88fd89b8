"""What the banner reads before a choice: the wording in force, as JSON."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import AskfirstError, Refused
from askfirst.sites import Site, host_of
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import Tallies
from askfirst.web.browser_signals import global_privacy_control
from askfirst.web.content_encodings import best_encoding, encoded
from consent.banner.counts import BannerCounts
from consent.http.language import language_from_query
from consent.policy.changes import change_sentences, material_changes
from consent.policy.page_links import VERSION_NUMBER
from consent.policy.wording import first_layer, language_of, wording

_READABLE_BY_ANY_PAGE = {"Access-Control-Allow-Origin": "*", "Vary": "Origin"}
_CACHED = "public, max-age=3600, stale-while-revalidate=604800"
_EFFORT = 6  # of 11: a wording is short, and compressed anew for each answer


class WordingEndpoint:
    """Serves the wording in force, the same for everybody.

    Where a browser sends GPC the answer says so, outside the hash: some browsers send it only as a
    header, which a script cannot read.
    """

    def __init__(self, book: SiteBook, tallies: Tallies, counts: BannerCounts) -> None:
        self._book = book
        self._tallies = tallies
        self._counts = counts

    async def wording(self, request: Request) -> Response:
        """Answer `GET /wording/{site}.json?lang=xx`.

        Errors are answered here and not in the server, so that the page's script can read them.
        """
        try:
            site = self._book.get(request.path_params["site"])
            self._admit(site, request.headers.get("origin"))
        except AskfirstError as error:
            headers = {**_READABLE_BY_ANY_PAGE, "Cache-Control": "no-store"}
            return JSONResponse(error.body(), error.status, headers)
        vary = {"Vary": "Origin, Accept-Encoding, Sec-GPC"}
        headers = {**_READABLE_BY_ANY_PAGE, **vary, "Cache-Control": "public, max-age=60"}
        shown = await self._shown(site, request)
        changes = await self._changes(site, shown["language"], request)
        signal = {"gpc": True} if global_privacy_control(request.headers) else {}
        if request.query_params.get("layer") == "first":
            shown = first_layer(shown, changes)
            if not signal:
                self._counts.count(site, shown, request)
        encoding = best_encoding(request.headers.get("accept-encoding", ""))
        if encoding:
            headers["Content-Encoding"] = encoding
        plain = JSONResponse({**shown, "changes": changes, **signal})
        body = encoded(bytes(plain.body), encoding, _EFFORT)
        return Response(body, headers=headers, media_type=plain.media_type)

    async def control(self, request: Request) -> Response:
        """Answer `GET /wording/{site}/control.json?lang=xx`: the words of the permanent control.

        Pages without a banner ask for them, so nothing of this request is counted, and the answer
        is the same for everybody and cached by browsers.
        """
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": _CACHED}
        try:
            policy = self._book.policy(self._book.get(request.path_params["site"]))
        except AskfirstError as error:
            headers["Cache-Control"] = "no-store"
            return JSONResponse(error.body(), error.status, headers)
        language = language_of(policy, language_from_query(request))
        texts = await self._book.texts(policy, language)
        facts = {"version": policy.version, "language": language, "direction": texts["direction"]}
        labels = {name: texts["banner"][name] for name in ("control", "withdraw")}
        return JSONResponse({**facts, **labels}, headers=headers)

    async def _changes(self, site: Site, language: str, request: Request) -> list[str]:
        """Return sentences on what is new since the version that a visitor accepted, `?since=N`."""
        since = request.query_params.get("since", "")
        newest = self._book.policy(site)
        if not VERSION_NUMBER.fullmatch(since) or int(since) >= newest.version:
            return []
        older = await self._book.version(site, int(since))
        changes = material_changes(older.content, newest.content)
        return change_sentences(changes, await self._book.texts(newest, language), language)

    def _admit(self, site: Site, origin: str | None) -> None:
        """Raise `Refused` for a page of another website, from which no choice is taken.

        Pages of this server's own origin send no Origin header.
        """
        if origin is None or site.allows(host_of(origin)):
            return
        self._tallies.add(site.id, Reason.BAD_ORIGIN)
        raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])

    async def _shown(self, site: Site, request: Request) -> dict[str, Any]:
        return await wording(
            self._book, self._book.policy(site), site, language_from_query(request)
        )
