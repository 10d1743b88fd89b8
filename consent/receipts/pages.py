"""The pages of receipts: `/receipt/KEY` shows and hands one out, `/verify/KEY` checks one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from askfirst.clock import as_iso
from askfirst.consents import Claims
from askfirst.errors import Malformed, NotFound, Refused
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.dependencies import Dependencies
from consent.policy.languages import long_date
from consent.policy.pages import LanguageLink, language_links
from consent.policy.wording import wording
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.issue import MEDIA_TYPE, Issued, Receipts, base_of
from consent.receipts.reading import read_receipt
from consent.requests.cookie import NO, ChoiceCookie
from consent.requests.language import requested_language
from consent.requests.rate_limit import ChoicePace
from consent.requests.token_claims import claims_for
from consent.requests.wire import read_body

_MOST_FIELDS = 8


@dataclass(frozen=True)
class Moment:
    """A time for people and for programs, e.g. `2 November 2026` and its RFC 3339 form."""

    day: str
    iso: str


@dataclass(frozen=True)
class Step:
    """One event of a consent: its state in the page's language, and when it was recorded."""

    state: str
    at: Moment


@dataclass(frozen=True)
class Shown:
    """A receipt for people: `accepted` is the wording that was agreed to, `token` hands it out."""

    accepted: dict[str, Any]
    purposes: tuple[str, ...]
    steps: tuple[Step, ...]
    until: Moment
    record_id: str
    key: str
    token: str


@dataclass(frozen=True)
class ReceiptPage:
    """`receipt.html`; without a receipt it says that there is none."""

    shown: dict[str, Any]
    choices: tuple[LanguageLink, ...]
    receipt: Shown | None


@dataclass(frozen=True)
class VerifyPage:
    """`verify.html`; `verdict` is '', `good`, `bad` or `unreadable`."""

    shown: dict[str, Any]
    choices: tuple[LanguageLink, ...]
    pasted: str
    verdict: str
    keys: str


class ReceiptPages:
    """Serves the pages; nothing that is sent to them is stored."""

    def __init__(self, deps: Dependencies, pace: ChoicePace) -> None:
        self._deps = deps
        self._receipts = Receipts(deps)
        self._pace = pace

    async def keys(self, request: Request) -> Response:
        """Answer `GET /.well-known/askfirst/{site}.json` with the site's public key.

        It goes on when the site is deleted: receipts that visitors kept stay checkable.
        """
        key = request.path_params["site"]
        if not self._deps.book.was(key):
            key = self._site(request).key
        headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=86400"}
        jwks = self._deps.site_keys.jwks(key)
        return JSONResponse(jwks, headers=headers, media_type="application/jwk-set+json")

    async def receipt(self, request: Request) -> Response:
        """Answer `GET /receipt/{site}` with the receipt of the yes that the cookie holds."""
        site = self._site(request)
        token = ChoiceCookie(site, self._deps.tokens).read(request)
        return await self._page(request, site, "" if token == NO else token)

    async def receipt_of_token(self, request: Request) -> Response:
        """Answer `POST /receipt/{site}`: the page, or with `download=1` the file."""
        site = self._site(request)
        self._pace.ask_for_receipt(address_of(request))
        form = await self._form(request)
        token = form.get("token", "")
        if form.get("download") != "1":
            return await self._page(request, site, token)
        claims = claims_for(self._deps.tokens, site, token)
        issued = await self._issue(request, site, claims)
        name = f'attachment; filename="receipt-{issued.records[0]["record_id"]}.jsonld"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(issued.text, headers=headers, media_type=MEDIA_TYPE)

    async def verify(self, request: Request) -> Response:
        """Answer `GET /verify/{site}` with the page where a receipt is pasted."""
        return await self._verdict(request, "", "")

    async def verify_pasted(self, request: Request) -> Response:
        """Answer `POST /verify/{site}` with the verdict on the pasted receipt."""
        self._pace.ask_to_check(address_of(request))
        pasted = (await self._form(request)).get("receipt", "")
        return await self._verdict(request, pasted, self._judged(self._site(request), pasted))

    def _judged(self, site: Site, pasted: str) -> str:
        try:
            document = read_receipt(pasted)
        except ValueError:
            return "unreadable"
        key = self._deps.site_keys.of(site.key).public_key()
        return "good" if is_signed_by(document, key) else "bad"

    async def _verdict(self, request: Request, pasted: str, verdict: str) -> Response:
        site = self._site(request)
        keys = json.dumps(self._deps.site_keys.jwks(site.key))
        context = VerifyPage(*await self._words(request, site), pasted, verdict, keys)
        return self._deps.pages.page("consent/receipts/verify.html", context)

    async def _page(self, request: Request, site: Site, token: str) -> Response:
        shown, links = await self._words(request, site)
        receipt = await self._shown(request, site, token, shown)
        status = 200 if receipt or not token else 404
        context = ReceiptPage(shown, links, receipt)
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return self._deps.pages.page("consent/receipts/receipt.html", context, status, headers)

    async def _shown(
        self, request: Request, site: Site, token: str, shown: dict[str, Any]
    ) -> Shown | None:
        try:
            claims = claims_for(self._deps.tokens, site, token)
            issued = await self._issue(request, site, claims)
        except (NotFound, Refused):
            return None
        key = str(self._deps.site_keys.jwks(site.key)["keys"][0]["kid"])
        return _for_people(issued, shown, token, key)

    async def _issue(self, request: Request, site: Site, claims: Claims) -> Issued:
        base = base_of(request, site, self._deps.settings)
        return await self._receipts.issue(site, claims, base)

    async def _words(
        self, request: Request, site: Site
    ) -> tuple[dict[str, Any], tuple[LanguageLink, ...]]:
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, requested_language(request))
        return shown, language_links(policy, f"{request.scope['path']}?lang=", shown["language"])

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])

    async def _form(self, request: Request) -> dict[str, str]:
        declared = request.headers.get("content-length")
        most = self._deps.settings.max_body_bytes
        async with _whole():
            body = await read_body(request.stream(), declared, most)
        try:
            return dict(parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS))
        except ValueError as error:
            raise Malformed("The body is not a form in UTF-8.") from error


@asynccontextmanager
async def _whole() -> AsyncIterator[None]:
    try:
        yield
    except ClientDisconnect as error:
        raise Malformed("The body ended too early.") from error


def _for_people(issued: Issued, shown: dict[str, Any], token: str, key: str) -> Shown:
    first, tag = issued.records[0], shown["language"]
    return Shown(
        accepted=issued.shown,
        purposes=tuple(
            purpose["title"]
            for purpose in issued.shown["purposes"]
            if purpose["id"] in first["purposes"]
        ),
        steps=tuple(
            Step(shown["states"][record["state"]], _moment(record["event_time"], tag))
            for record in issued.records
        ),
        until=_moment(first["valid_until"], tag),
        record_id=first["record_id"],
        key=key,
        token=token,
    )


def _moment(time: int, tag: str) -> Moment:
    return Moment(long_date(time, tag), as_iso(time))
