"""The choice without JavaScript: `/choice/KEY` shows it; its forms accept, refuse, withdraw, erase.

The cookie is the one that the tag's script reads and writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from askfirst.consents import REASON_SENTENCES, Claims, Reason
from askfirst.errors import AskfirstError, Refused
from askfirst.sites import Site, host_of
from askfirst.web.browser_signals import global_privacy_control
from askfirst.web.ip_addresses import address_of
from consent.banner.counts import BannerCounts
from consent.choice.decisions import Decisions, Outcome
from consent.choice.endpoint import unavailable_on_store_error
from consent.choice.form_wire import read_action
from consent.dependencies import Dependencies
from consent.http.body import read_body
from consent.http.cookie import NO, ChoiceCookie, CookieContext
from consent.http.form_origin import FormOrigin, form_origin, own_hosts
from consent.http.language import requested_language
from consent.http.link_cookie import forget_link
from consent.http.origins import read_origin
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.wire import Action
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording

State = Literal["granted", "refused", "withdrawn", "erased", "none"]
SAVED: Mapping[str, State] = {
    "granted": "granted",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "erased": "erased",
}


@dataclass(frozen=True)
class FormPage:
    """`form_page.html`."""

    shown: dict[str, Any]
    """The wording in force in the page's language: all words and facts of the page."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    action: str
    """Where the forms are posted to: this page, with the website and language it is shown for."""
    state: State
    """The choice in force, which the page names; it decides which buttons there are."""
    granted: tuple[str, ...]
    """The ids of the purposes that are accepted; their boxes are ticked."""
    saved: bool
    """Whether the page says that a choice was just saved."""
    token: str
    """What proves whose data is erased; a yes right after a withdrawal carries it too, so that a
    later erasure reaches what both allowed. '' hides the button that erases."""
    receipt: str
    """The number of the erasure that was just done, else ''."""
    gpc: bool
    """Whether the browser sends Global Privacy Control, which the page then explains."""
    reachable: bool
    """Whether the cookie can be set; if not, the page says so and has no forms."""

    @property
    def asks(self) -> bool:
        """Whether the visitor is asked: no choice, no GPC, and a cookie that can be set."""
        return self.state == "none" and self.reachable and not self.gpc


@dataclass(frozen=True)
class CurrentChoice:
    """The choice as the page shows it; the fields are those of `FormPage`."""

    state: State = "none"
    granted: tuple[str, ...] = ()
    saved: bool = False
    token: str = ""
    receipt: str = ""


class FormPageHandler:
    """Serves `/choice/{site}`."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._counts = BannerCounts(deps)
        self._decisions = Decisions(deps)
        self._limiter = limiter

    async def show(self, request: Request) -> Response:
        """Answer `GET /choice/{site}?lang=xx&from=ORIGIN`; raises `NotFound`."""
        site = self._deps.book.get(request.path_params["site"])
        shown = await self._shown(site, request)
        current = self._current(site, self._cookie(site).read(request))
        origin = form_origin(request, site, own_hosts(request, self._deps.settings))
        page = self._page(origin, request, shown, current)
        if page.asks:
            self._counts.count_form(site, shown, request)
        return self._deps.pages.page("consent/choice/form_page.html", page)

    async def choose(self, request: Request) -> Response:
        """Answer `POST /choice/{site}`, a form of this page; each refusal is tallied."""
        site = self._deps.book.get(request.path_params["site"])
        try:
            return await self._chosen(request, site, self._own_origin(request))
        except AskfirstError as refusal:
            error = self._limiter.answer_to(refusal, address_of(request))
            self._deps.tallies.add(site.id, error.code)
            raise error from refusal

    async def _chosen(self, request: Request, site: Site, own_host: str) -> Response:
        """Carry out a choice, if the browser, which is at `own_host`, will keep its cookie."""
        body = await read_body(request, self._deps.settings.max_body_bytes)
        action = read_action(site.key, body, self._held(site, request))
        origin = form_origin(request, site, [own_host])
        if origin is None:
            raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])
        counted = self._limiter.admit(action, site, address_of(request))
        async with unavailable_on_store_error():
            occasion = self._decisions.occasion(site, request.headers, counted)
            outcome = await self._decisions.carry_out(site, action, occasion)
        shown = await self._shown(site, request)
        page = self._page(origin, request, shown, _choice_after(action, outcome))
        response = self._deps.pages.page("consent/choice/form_page.html", page)
        context = CookieContext(origin.origin, origin.own_host, self._deps.settings.public_url)
        held = (outcome.cookie, outcome.expires, context)
        self._cookie(site).set(response, request, *held)
        if outcome.cookie == NO:
            forget_link(request, response, site, self._deps.settings)
        return response

    def _own_origin(self, request: Request) -> str:
        """Return the host at which the browser sees the form.

        Raises `Refused` where the form was sent from another website or names no origin.
        """
        origin = read_origin(request.headers.get("origin"))
        host = host_of(origin) if origin else None
        if host is None or host not in own_hosts(request, self._deps.settings):
            raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])
        return host

    async def _shown(self, site: Site, request: Request) -> dict[str, Any]:
        policy = self._deps.book.policy(site)
        return await wording(self._deps.book, policy, site, requested_language(request))

    def _held(self, site: Site, request: Request) -> str:
        """Return the token of the yes that the cookie holds, also to an older policy, else ''."""
        token = self._cookie(site).read(request)
        claims = self._claims(site, token)
        if claims is None or claims.consent_id in self._deps.withdrawn:
            return ""
        return token if claims.valid_until > self._deps.clock() else ""

    def _cookie(self, site: Site) -> ChoiceCookie:
        return ChoiceCookie(site, self._deps.tokens)

    def _claims(self, site: Site, token: str) -> Claims | None:
        claims = self._deps.tokens.read(token)
        return claims if claims and claims.site_id == site.id else None

    def _current(self, site: Site, cookie: str) -> CurrentChoice:
        if cookie == NO:
            return CurrentChoice("refused")
        claims = self._claims(site, cookie)
        if claims is None:
            return CurrentChoice()
        if claims.consent_id in self._deps.withdrawn:
            return CurrentChoice("withdrawn", token=cookie)
        holds = claims.valid_until > self._deps.clock()
        if holds and claims.policy_version >= site.min_policy_version:
            return CurrentChoice("granted", claims.purposes, token=cookie)
        return CurrentChoice(token=cookie)

    def _page(
        self,
        origin: FormOrigin | None,
        request: Request,
        shown: dict[str, Any],
        current: CurrentChoice,
    ) -> FormPage:
        site = self._deps.book.get(request.path_params["site"])
        website = {"from": origin.origin} if origin else {}
        path = f"/choice/{site.key}?{urlencode({**website, 'lang': ''})}"
        return FormPage(
            shown=shown,
            choices=language_links(self._deps.book.policy(site), path, shown["language"]),
            action=path + shown["language"],
            state=current.state,
            granted=current.granted,
            saved=current.saved,
            token=current.token,
            receipt=current.receipt,
            gpc=global_privacy_control(request.headers),
            reachable=origin is not None,
        )


def _choice_after(action: Action, outcome: Outcome) -> CurrentChoice:
    state = SAVED[outcome.body["choice"]]
    if state == "granted":
        purposes = tuple(outcome.body["receipt"]["purposes"])
        return CurrentChoice(state, purposes, saved=True, token=outcome.cookie)
    token = getattr(action, "token", "") if state == "withdrawn" else ""
    receipt = outcome.body["receipt"]["receipt_id"] if state == "erased" else ""
    return CurrentChoice(state, saved=True, token=token, receipt=receipt)
