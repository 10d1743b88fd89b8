"""The visitor's own page, `/my-data/KEY`: it shows, corrects, hands out and erases.

It is opened by a token that is posted, by an account's session, by the choice cookie, or by a
receipt code; its forms carry the token on, never an address. Nothing is kept in the browser for it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from consent.http.cookie import NO
from consent.http.link_cookie import forget_link
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.access.access_view import AccessView, access_view
from consent.my_data.access.opening import Openings
from consent.my_data.acts import NOTHING_DONE, Acts, Done
from consent.my_data.contents import MyData, MyDataReader
from consent.my_data.page_words import page_words, website_of
from consent.my_data.person import Person
from consent.my_data.taking.file import MyFile
from consent.my_data.taking.taking import PRIVATE, Taking
from consent.policy.languages.times import LocalTimes
from consent.policy.page_links import LanguageLink
from consent.receipts.posted_form import read_form


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
        self._taking = Taking(deps, MyFile(deps, self._reader))

    async def show(self, request: Request) -> Response:
        """Answer `GET /my-data/{site}` with the page of the session, or of the cookie's yes."""
        site = self._site(request)
        with self._counting(request, site):
            person = await self._openings.of_cookies(request, site)
            return await self._page(request, site, person)

    async def act(self, request: Request) -> Response:
        """Answer `POST /my-data/{site}`: by a token or a code, and do what it says."""
        site = self._site(request)
        with self._counting(request, site):
            return await self._answer(request, site)

    @contextmanager
    def _counting(self, request: Request, site: Site) -> Iterator[None]:
        """Count what is refused, by its reason."""
        try:
            yield
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
            return await self._take(request, site, person)
        async with unavailable_on_store_error():
            done = await self._acts.carry_out(request, person, form)
        if done.file:
            return done.file
        after = await self._openings.still(request, person)
        response = await self._page(request, site, after, done)
        self._acts.set_cookie(response, request, person, done)
        if done.cookie == NO:
            forget_link(request, response, site, self._deps.settings)
        return response

    async def _take(self, request: Request, site: Site, person: Person) -> Response:
        """Answer with the file, unless access was ended while it was made."""
        done = await self._taking.take(request, person)
        still = await self._openings.still(request, person)
        if still is None or still.ended:
            for one in person.ids:
                self._deps.own_files.forget(site.id, one)
            return await self._page(request, site, still)
        return done.file or await self._page(request, site, still, done)

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
        told = await page_words(self._deps, request, site)
        data = None
        if person and not person.ended:
            data = await self._reader.read(person, told.shown, told.words)
            person = await self._openings.still(request, person)
            data = None if person is None or person.ended else data
        context = MyDataPage(
            shown=told.shown,
            words=told.words,
            choices=told.choices,
            action=told.action,
            token=person.token if person else "",
            unknown=unknown,
            done=done,
            erased_at=_moment(done, site, told.tag),
            data=data,
            access=access_view(person, told.tag, offers_accounts=self._mails.are_sent),
            website=website_of(site),
        )
        status = 404 if unknown else done.status
        # its forms lead to the account as well, which asks where they come from
        headers = {**PRIVATE, "Referrer-Policy": "same-origin", **done.headers}
        page = self._deps.pages.page
        template = "consent/my_data/my_data.html"
        return await asyncio.to_thread(page, template, context, status, headers)


def _moment(done: Done, site: Site, tag: str) -> str:
    if done.receipt is None:
        return ""
    at = as_datetime(done.receipt.completed_at).replace(tzinfo=None)
    return LocalTimes(tag, site.time_zone).moment(at)
