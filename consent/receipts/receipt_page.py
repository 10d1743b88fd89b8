"""The page that shows and hands out the receipt of a consent: `/receipt/KEY`."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import as_iso
from askfirst.consents import Claims
from askfirst.errors import AccessEnded, NotFound, Refused
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.dependencies import Dependencies
from consent.http.cookie import NO, ChoiceCookie
from consent.http.language import requested_language
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.token_claims import claims_for
from consent.policy.languages import long_date
from consent.policy.my_data_words import words_in
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording
from consent.receipts.issue import MEDIA_TYPE, IssuedReceipt, ReceiptIssuer, base_url_of
from consent.receipts.posted_form import read_form

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Moment:
    """A time for people and for programs, e.g. `2 November 2026` and its RFC 3339 form."""

    day: str
    iso: str


@dataclass(frozen=True)
class ConsentEvent:
    """One event of a consent: its state in the page's language, and when it was recorded."""

    state: str
    at: Moment


@dataclass(frozen=True)
class ReceiptView:
    """What the page shows of a receipt."""

    accepted: dict[str, Any]
    """The wording that was agreed to, in the language it was shown in."""
    purposes: tuple[str, ...]
    """The titles of the purposes that were agreed to."""
    steps: tuple[ConsentEvent, ...]
    """What happened to the consent, oldest first; the first is when it was given."""
    until: Moment
    """When the consent ends, or ended."""
    record_id: str
    """The number of the record that proves it."""
    key: str
    """The name of the key that signs the receipt; it links to the key."""
    token: str
    """What the button that downloads the receipt sends as proof of whose it is."""
    own_page: str
    """What the button is called that opens the visitor's own page."""
    code: str
    """The receipt code, which opens that page in another browser; '' after an erasure."""
    code_label: str
    """What the code is called."""


@dataclass(frozen=True)
class ReceiptPage:
    """`receipt_page.html`."""

    shown: dict[str, Any]
    """The site's wording in the page's language, for the page's own words."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu; only a page without a receipt has it."""
    receipt: ReceiptView | None
    """The receipt; without one the page says that there is none."""
    ended: str = ""
    """What is said instead, where access was ended; the visitor's own page says more."""


class ReceiptPageHandler:
    """Serves `/receipt/KEY`; nothing that is sent to it is stored."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._issuer = ReceiptIssuer(deps)
        self._limiter = limiter

    async def show(self, request: Request) -> Response:
        """Answer `GET /receipt/{site}` with the receipt of the yes that the cookie holds."""
        site = self._site(request)
        token = ChoiceCookie(site, self._deps.tokens).read(request)
        return await self._page(request, site, "" if token == NO else token)

    async def show_posted(self, request: Request) -> Response:
        """Answer `POST /receipt/{site}` with the page for a token, or its file (`download=1`)."""
        site = self._site(request)
        self._limiter.ask_for_receipt(address_of(request))
        form = await read_form(request, self._deps.settings.max_body_bytes)
        token = form.get("token", "")
        if form.get("download") == "1":
            return await self._file(request, site, token)
        return await self._page(request, site, token)

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])

    async def _file(self, request: Request, site: Site, token: str) -> Response:
        claims = claims_for(self._deps.tokens, site, token)
        issued = await self._issue(request, site, claims)
        name = f'attachment; filename="receipt-{issued.records[0]["record_id"]}.jsonld"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(issued.text, headers=headers, media_type=MEDIA_TYPE)

    async def _page(self, request: Request, site: Site, token: str) -> Response:
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, requested_language(request))
        receipt, ended = None, ""
        try:
            receipt = await self._receipt(request, site, token, shown)
        except AccessEnded:
            ended = words_in(shown["language"])["lost_ended_title"]
        links = language_links(policy, f"{request.scope['path']}?lang=", shown["language"])
        context = ReceiptPage(shown=shown, choices=links, receipt=receipt, ended=ended)
        status = 200 if receipt or not token else 404
        name = "consent/receipts/receipt_page.html"
        return self._deps.pages.page(name, context, status, _PRIVATE)

    async def _receipt(
        self, request: Request, site: Site, token: str, shown: dict[str, Any]
    ) -> ReceiptView | None:
        try:
            claims = claims_for(self._deps.tokens, site, token)
            issued = await self._issue(request, site, claims)
        except (NotFound, Refused):
            return None
        key = str(self._deps.site_keys.jwks(site.key)["keys"][0]["kid"])
        code = await self._deps.receipt_codes.shown(self._deps.ledger, claims)
        return _view(issued, shown, token, key, code)

    async def _issue(self, request: Request, site: Site, claims: Claims) -> IssuedReceipt:
        base = base_url_of(request, site, self._deps.settings)
        return await self._issuer.issue(site, claims, base)


def _view(
    issued: IssuedReceipt, shown: dict[str, Any], token: str, key: str, code: str
) -> ReceiptView:
    first, tag = issued.records[0], shown["language"]
    words = words_in(tag)
    return ReceiptView(
        accepted=issued.shown,
        purposes=tuple(
            purpose["title"]
            for purpose in issued.shown["purposes"]
            if purpose["id"] in first["purposes"]
        ),
        steps=tuple(
            ConsentEvent(shown["states"][record["state"]], _moment(record["event_time"], tag))
            for record in issued.records
        ),
        until=_moment(first["valid_until"], tag),
        record_id=first["record_id"],
        key=key,
        token=token,
        own_page=words["title"],
        code=code,
        code_label=words["code"],
    )


def _moment(time: int, tag: str) -> Moment:
    return Moment(long_date(time, tag), as_iso(time))
