"""The choice without JavaScript: a page that states it, and forms that give, refuse and withdraw.

Nothing here collects anything. The cookie is the one that the tag's script reads and writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from askfirst.consents import REASON_SENTENCES, Claims, Reason
from askfirst.errors import AskfirstError, Refused
from askfirst.sites import Site, host_of
from askfirst.web.ip_addresses import address_of
from askfirst.web.privacy_control import global_privacy_control
from consent.banner.counts import BannerCounts
from consent.choice.decisions import Decisions, Outcome
from consent.choice.endpoint import durable
from consent.choice.form_wire import Wish, read_wish
from consent.dependencies import Dependencies
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording
from consent.requests.body import read_body
from consent.requests.cookie import NO, ChoiceCookie, Reached
from consent.requests.language import requested_language
from consent.requests.origins import read_origin, shared_domain
from consent.requests.rate_limit import ChoicePace

State = Literal["granted", "refused", "withdrawn", "erased", "none"]
SAVED: Mapping[str, State] = {
    "granted": "granted",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "erased": "erased",
}


@dataclass(frozen=True)
class FormPage:
    """`form_page.html`.

    `token` is what proves whose data is to be erased, right after a withdrawal; a yes given then
    carries it too, so that an erasure later reaches what both allowed. `receipt` is the number of
    an erasure that was just done. `reachable` tells whether the cookie can be set.
    """

    shown: dict[str, Any]
    choices: tuple[LanguageLink, ...]
    action: str
    state: State
    granted: tuple[str, ...]
    saved: bool
    token: str
    receipt: str
    gpc: bool
    reachable: bool

    @property
    def is_asking(self) -> bool:
        """Whether the visitor is asked: nothing is chosen, by no signal either, and it can be."""
        return self.state == "none" and self.reachable and not self.gpc


@dataclass(frozen=True)
class FormOrigin:
    """The website's origin whose choice is seen and set, and the server's host that shares it."""

    origin: str
    own_host: str


@dataclass(frozen=True)
class Now:
    """What is so when the page is shown."""

    state: State = "none"
    granted: tuple[str, ...] = ()
    saved: bool = False
    token: str = ""
    receipt: str = ""


class FormPageHandler:
    """Serves `/choice/{site}`."""

    def __init__(self, deps: Dependencies, pace: ChoicePace) -> None:
        self._deps = deps
        self._asking = BannerCounts(deps)
        self._decisions = Decisions(deps)
        self._pace = pace

    async def show(self, request: Request) -> Response:
        """Answer `GET /choice/{site}?lang=xx&from=ORIGIN`; raises `NotFound`."""
        site = self._deps.book.get(request.path_params["site"])
        shown = await self._shown(site, request)
        now = self._now(site, self._cookie(site).read(request))
        place = _place(request, site, self._own_hosts(request))
        page = self._page(place, request, shown, now)
        if page.is_asking:
            self._asking.count_form(site, shown, request)
        return self._deps.pages.page("consent/choice/form_page.html", page)

    async def choose(self, request: Request) -> Response:
        """Answer `POST /choice/{site}`, a form of the page itself; what is refused is tallied."""
        site = self._deps.book.get(request.path_params["site"])
        try:
            return await self._chosen(request, site, self._own_origin(request))
        except AskfirstError as refusal:
            error = self._pace.answer_to(refusal, address_of(request))
            self._deps.tallies.add(site.id, error.code)
            raise error from refusal

    async def _chosen(self, request: Request, site: Site, own_host: str) -> Response:
        """Take a choice where the browser, which is at `own_host`, will keep its cookie."""
        body = await read_body(request, self._deps.settings.max_body_bytes)
        wish = read_wish(site.key, body, self._held(site, request))
        place = _place(request, site, [own_host])
        if place is None:
            raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])
        counted = self._pace.admit(wish, site, address_of(request))
        async with durable():
            gpc = global_privacy_control(request.headers)
            outcome = await self._decisions.take(site, wish, gpc, counted=counted)
        shown = await self._shown(site, request)
        page = self._page(place, request, shown, _after(wish, outcome))
        response = self._deps.pages.page("consent/choice/form_page.html", page)
        reached = Reached(place.origin, place.own_host, self._deps.settings.public_url)
        held = (outcome.cookie, outcome.expires, reached)
        self._cookie(site).set(response, request, *held)
        return response

    def _own_hosts(self, request: Request) -> list[str]:
        """Return the server's names: the one that was asked for, which a proxy may have changed."""
        public = host_of(self._deps.settings.public_url)
        asked = request.headers.get("host", "").lower()
        return [name for name in (asked, public) if name]

    def _own_origin(self, request: Request) -> str:
        """Return the host at which the browser sees the form.

        Refuses one that another website sent, or that does not say where it comes from.
        """
        origin = read_origin(request.headers.get("origin"))
        host = host_of(origin) if origin else None
        if host is None or host not in self._own_hosts(request):
            raise Refused(Reason.BAD_ORIGIN, REASON_SENTENCES[Reason.BAD_ORIGIN])
        return host

    async def _shown(self, site: Site, request: Request) -> dict[str, Any]:
        policy = self._deps.book.policy(site)
        return await wording(self._deps.book, policy, site, requested_language(request))

    def _held(self, site: Site, request: Request) -> str:
        """Return the token of a yes that the cookie holds, outdated too, else ''."""
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

    def _now(self, site: Site, cookie: str) -> Now:
        if cookie == NO:
            return Now("refused")
        claims = self._claims(site, cookie)
        if claims is None:
            return Now()
        if claims.consent_id in self._deps.withdrawn:
            return Now("withdrawn", token=cookie)
        holds = claims.valid_until > self._deps.clock()
        if holds and claims.policy_version >= site.min_policy_version:
            return Now("granted", claims.purposes, token=cookie)
        return Now(token=cookie)

    def _page(
        self, place: FormOrigin | None, request: Request, shown: dict[str, Any], now: Now
    ) -> FormPage:
        site = self._deps.book.get(request.path_params["site"])
        kept = {"from": place.origin} if place else {}
        path = f"/choice/{site.key}?{urlencode({**kept, 'lang': ''})}"
        return FormPage(
            shown=shown,
            choices=language_links(self._deps.book.policy(site), path, shown["language"]),
            action=path + shown["language"],
            state=now.state,
            granted=now.granted,
            saved=now.saved,
            token=now.token,
            receipt=now.receipt,
            gpc=global_privacy_control(request.headers),
            reachable=place is not None,
        )


def _after(wish: Wish, outcome: Outcome) -> Now:
    state = SAVED[outcome.body["choice"]]
    if state == "granted":
        purposes = tuple(outcome.body["receipt"]["purposes"])
        return Now(state, purposes, saved=True, token=outcome.cookie)
    token = getattr(wish, "token", "") if state == "withdrawn" else ""
    receipt = outcome.body["receipt"]["receipt_id"] if state == "erased" else ""
    return Now(state, saved=True, token=token, receipt=receipt)


def _place(request: Request, site: Site, own_hosts: list[str]) -> FormOrigin | None:
    """Find the website whose choice this page may see and set, None if there is none.

    It is the page from which the visitor came, else the site's first host that shares a domain with
    the server.
    """
    pairs = product(_origins(request, site), own_hosts)
    shared = (FormOrigin(*pair) for pair in pairs if shared_domain(*pair) is not None)
    return next(shared, None)


def _origins(request: Request, site: Site) -> list[str]:
    """Give the origins of the site in question: the page the visitor came from, then its hosts."""
    said = read_origin(request.query_params.get("from")) or _came_from(request)
    listed = [f"https://{host.removeprefix('*.')}" for host in site.hosts]
    return [said, *listed] if said and site.allows(host_of(said)) else listed


def _came_from(request: Request) -> str | None:
    if request.method != "GET":
        return None
    return read_origin("/".join(request.headers.get("referer", "").split("/")[:3]))
