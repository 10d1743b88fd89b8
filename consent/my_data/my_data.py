"""The visitor's own page, `/my-data/KEY`: it shows, corrects, hands out and erases.

It is opened by a token that is posted, by an account's session, by the choice cookie, or by a
receipt code; its forms carry the token on, never an address. Nothing is kept in the browser for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import as_datetime
from askfirst.errors import AskfirstError
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.accounts.mails import VisitorMails
from consent.choice.endpoint import unavailable_on_store_error
from consent.dependencies import Dependencies
from consent.http.language import requested_language
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.access.access_view import AccessView, access_view
from consent.my_data.access.opening import Openings
from consent.my_data.acts import NOTHING_DONE, Acts, Done
from consent.my_data.contents import MyData, MyDataReader
from consent.my_data.file import MyFile
from consent.my_data.person import Person
from consent.policy.languages.times import LocalTimes
from consent.policy.my_data_words import filled, words_in
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording
from consent.receipts.posted_form import read_form

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class MyDataPage:
    """`my_data.html`."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The page's own words in that language."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    action: str
    """Where the forms are posted to: this page in its language."""
    token: str
    """What the forms carry on as proof of whose page it is; '' where nobody's is open."""
    unknown: bool
    """Whether a receipt code was typed that no yes has."""
    done: Done
    """What was just done, or is asked once more."""
    erased_at: str
    """The day and time at which the erasure was done that was just asked for, else ''."""
    data: MyData | None
    """What is stored of the person; None where nobody's page is open."""
    access: AccessView
    """Whether access was ended, and which account is signed in to."""
    website: str
    """The address of the website, for the way back."""


class MyDataHandler:
    """Serves `/my-data/{site}`."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._openings = Openings(deps, limiter)
        self._mails = VisitorMails(deps)
        self._reader = MyDataReader(deps)
        self._acts = Acts(deps, limiter)
        self._file = MyFile(deps, self._reader)

    async def show(self, request: Request) -> Response:
        """Answer `GET /my-data/{site}` with the page of the session, or of the cookie's yes."""
        site = self._site(request)
        return await self._page(request, site, await self._openings.of_cookies(request, site))

    async def act(self, request: Request) -> Response:
        """Answer `POST /my-data/{site}`: by a token or a code, and do what it says."""
        site = self._site(request)
        try:
            return await self._answer(request, site)
        except AskfirstError as refusal:
            error = self._limiter.answer_to(refusal, address_of(request))
            self._deps.tallies.add(site.id, error.code)
            raise error from refusal

    async def _answer(self, request: Request, site: Site) -> Response:
        form = await read_form(request, self._deps.settings.max_body_bytes)
        person = await self._openings.of_form(request, site, form)
        if person is None:
            return await self._page(request, site, None, unknown="code" in form)
        if form.get("do") == "take" and not person.ended:
            file = await self._file.response(person)
            still = await self._openings.still(request, person)
            is_open = still is not None and not still.ended
            return file if is_open else await self._page(request, site, still)
        async with unavailable_on_store_error():
            done = await self._acts.carry_out(request, person, form)
        if done.file:
            return done.file
        after = await self._openings.still(request, person)
        response = await self._page(request, site, after, done)
        self._acts.set_cookie(response, request, person, done)
        return response

    def _site(self, request: Request) -> Site:
        return self._deps.book.get(request.path_params["site"])

    async def _page(
        self,
        request: Request,
        site: Site,
        person: Person | None,
        done: Done = NOTHING_DONE,
        *,
        unknown: bool = False,
    ) -> Response:
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, requested_language(request))
        words = _words(shown, policy.content["times"][shown["language"]])
        data = None
        if person and not person.ended:
            data = await self._reader.read(person, shown, words)
            person = await self._openings.still(request, person)
            data = None if person is None or person.ended else data
        path = f"{request.scope['path']}?lang="
        context = MyDataPage(
            shown=shown,
            words=words,
            choices=language_links(policy, path, shown["language"]),
            action=path + shown["language"],
            token=person.token if person else "",
            unknown=unknown,
            done=done,
            erased_at=_moment(done, site, shown["language"]),
            data=data,
            access=access_view(person, shown["language"], offers_accounts=self._mails.are_sent),
            website=f"https://{site.hosts[0].removeprefix('*.')}/" if site.hosts else "",
        )
        status = 404 if unknown else 200
        return self._deps.pages.page("consent/my_data/my_data.html", context, status, _PRIVATE)


def _words(shown: Mapping[str, Any], times: Mapping[str, str]) -> dict[str, str]:
    controller = shown["controller"]
    return filled(
        words_in(shown["language"]),
        name=shown["name"],
        control=shown["texts"]["control"],
        contact=controller["contact"],
        retention=shown["retention"],
        erased_after=times.get("erased_after", shown["retention"]),
    )


def _moment(done: Done, site: Site, tag: str) -> str:
    if done.receipt is None:
        return ""
    at = as_datetime(done.receipt.completed_at).replace(tzinfo=None)
    return LocalTimes(tag, site.time_zone).moment(at)
