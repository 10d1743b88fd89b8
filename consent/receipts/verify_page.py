"""The page that checks a receipt: `/verify/KEY`."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.dependencies import Dependencies
from consent.http.language import requested_language
from consent.http.rate_limit import ChoiceRateLimiter
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording
from consent.receipts.certificate import is_certificate, proof_of_erasure
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.posted_form import read_form
from consent.receipts.reading import read_receipt


@dataclass(frozen=True)
class VerifyPage:
    """`verify_page.html`."""

    shown: dict[str, Any]
    """The site's wording in the page's language, for the page's own words."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    pasted: str
    """What was pasted, shown again in the field."""
    verdict: str
    """`good`, `erased` (a good certificate), `bad` or `unreadable`, said below the field.

    It is '' where nothing was pasted yet.
    """
    erased: str
    """What a good certificate of an erasure proves, in the page's language."""
    keys: str
    """The site's public key as a JSON Web Key Set, with which the page's script checks."""


class VerifyPageHandler:
    """Serves `/verify/KEY`; what is pasted is stored nowhere."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter

    async def show(self, request: Request) -> Response:
        """Answer `GET /verify/{site}` with the page where a receipt is pasted."""
        return await self._page(request, self._site(request), "", "")

    async def check(self, request: Request) -> Response:
        """Answer `POST /verify/{site}` with the verdict on the pasted receipt."""
        self._limiter.ask_to_check(address_of(request))
        form = await read_form(request, self._deps.settings.max_body_bytes)
        site, pasted = self._site(request), form.get("receipt", "")
        return await self._page(request, site, pasted, self._verdict(site, pasted))

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])

    def _verdict(self, site: Site, pasted: str) -> str:
        try:
            document = read_receipt(pasted)
        except ValueError:
            return "unreadable"
        key = self._deps.site_keys.of(site.key).public_key()
        if not is_signed_by(document, key):
            return "bad"
        return "erased" if is_certificate(document) else "good"

    async def _page(self, request: Request, site: Site, pasted: str, verdict: str) -> Response:
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, requested_language(request))
        context = VerifyPage(
            shown=shown,
            choices=language_links(policy, f"{request.scope['path']}?lang=", shown["language"]),
            pasted=pasted,
            verdict=verdict,
            erased=proof_of_erasure(shown["language"]),
            keys=json.dumps(self._deps.site_keys.jwks(site.key)),
        )
        return self._deps.pages.page("consent/receipts/verify_page.html", context)
