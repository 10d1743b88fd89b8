"""`POST /consent` and what lies under it: who may choose here, and how each answer looks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from askfirst.consents import REASON_SENTENCES, Reason
from askfirst.errors import AskfirstError, Refused, Unavailable
from askfirst.sites import Site, host_of
from askfirst.store.ledger.choice_counts import read_referrer
from askfirst.store.ledger.tallies import NO_SITE
from askfirst.web.ip_addresses import address_of
from consent.choice.decisions import Decisions
from consent.dependencies import Dependencies
from consent.http.body import read_body
from consent.http.cookie import NO, ChoiceCookie, CookieContext
from consent.http.link_cookie import forget_link
from consent.http.origins import read_origin, readable_by
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.token_claims import claims_for
from consent.http.wire import (
    Action,
    Show,
    read_choice,
    read_erase,
    read_show,
)
from consent.receipts.issue import MEDIA_TYPE, ReceiptIssuer, base_url_of

Body = TypeVar("Body", Action, Show)


class ConsentEndpoint:
    """Takes choices, erasures and requests for receipts; each refusal is answered and tallied."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._decisions = Decisions(deps)
        self._receipts = ReceiptIssuer(deps)

    async def choose(self, request: Request) -> Response:
        """Answer `POST /consent`."""
        return await self._answer(request, read_choice, self._decide)

    async def erase(self, request: Request) -> Response:
        """Answer `POST /consent/erase`."""
        return await self._answer(request, read_erase, self._decide)

    async def receipt(self, request: Request) -> Response:
        """Answer `POST /consent/receipt` with the signed receipt of a token's consent."""
        return await self._answer(request, read_show, self._issue)

    async def _answer(
        self,
        request: Request,
        read: Callable[[bytes], Body],
        act: Callable[[Request, Site, Body], Awaitable[Response]],
    ) -> Response:
        """Answer errors here and not in the server, so that the page can read them (CORS)."""
        origin = read_origin(request.headers.get("origin"))
        site = self._deps.book.by_host(host_of(origin)) if origin else None
        headers = readable_by(origin if site else None)
        try:
            body = read(await read_body(request, self._deps.settings.max_body_bytes))
            site = self._deps.book.find(body.site) or site
            async with unavailable_on_store_error():
                response = await act(request, self._admitted(body.site, origin), body)
        except AskfirstError as refusal:
            error = self._limiter.answer_to(refusal, address_of(request))
            self._deps.tallies.add(site.id if site else NO_SITE, error.code)
            return JSONResponse(error.body(), error.status, headers | error.headers())
        response.headers.update(headers)
        return response

    async def _decide(self, request: Request, site: Site, action: Action) -> Response:
        counted = self._limiter.admit(action, site, address_of(request))
        own_host = request.headers.get("host", "")
        _, page = read_referrer(request.headers.get("referer"), own_host)
        occasion = self._decisions.occasion(site, request.headers, counted, page)
        outcome = await self._decisions.carry_out(site, action, occasion)
        response = JSONResponse(outcome.body)
        origin = read_origin(request.headers.get("origin")) or ""
        context = CookieContext(origin, own_host, self._deps.settings.public_url)
        cookie = ChoiceCookie(site, self._deps.tokens)
        cookie.set(response, request, outcome.cookie, outcome.expires, context)
        if outcome.cookie == NO:
            forget_link(request, response, site, self._deps.settings)
        return response

    async def _issue(self, request: Request, site: Site, body: Show) -> Response:
        self._limiter.ask_for_receipt(address_of(request))
        claims = claims_for(self._deps.tokens, site, body.token)
        base = base_url_of(request, site, self._deps.settings)
        issued = await self._receipts.issue(site, claims, base)
        return Response(issued.text, media_type=MEDIA_TYPE)

    def _admitted(self, key: str, origin: str | None) -> Site:
        site = self._deps.book.find(key)
        if site is None:
            raise Refused(Reason.UNKNOWN_SITE, REASON_SENTENCES[Reason.UNKNOWN_SITE])
        if origin is None or not site.allows(host_of(origin)):
            raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])
        return site


@asynccontextmanager
async def unavailable_on_store_error() -> AsyncIterator[None]:
    """Raise `Unavailable` where a store fails: nothing was stored then."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        message = REASON_SENTENCES[Reason.UNAVAILABLE]
        raise Unavailable(message, retry_after=5) from error
