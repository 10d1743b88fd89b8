"""Opening the page: which proof a request carries, in the order token, session, choice cookie."""

import hmac
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request

from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.accounts.access import Access
from consent.accounts.sessions import AccountSessions, SignedIn
from consent.dependencies import Dependencies
from consent.http.cookie import NO, ChoiceCookie
from consent.http.rate_limit import ChoiceRateLimiter
from consent.my_data.person import People, Person

_LEAVING = frozenset({
    "stop", "erase", "erase_visit", "erase_days", "restrict", "lost", "lost_now"
})  # fmt: skip
"""Buttons that withdraw, erase, restrict or end access: whoever else opens the page must not keep
the person from them."""


class Openings:
    """Finds whose page a request opens; each look is counted by address and by person."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._people = People(deps)
        self._sessions = AccountSessions(deps)
        self._access = Access(deps)

    async def of_cookies(self, request: Request, site: Site) -> Person | None:
        """Return whose page the session opens, or else the choice cookie; raises `TooFast`."""
        return self._counted(await self._of_cookies(request, site))

    async def _of_cookies(self, request: Request, site: Site) -> Person | None:
        if signed_in := await self._signed_in(request, site):
            self._limiter.ask_for_receipt(address_of(request))
            return await self._people.by_session(site, signed_in)
        token = ChoiceCookie(site, self._deps.tokens).read(request)
        if token and token != NO:
            self._limiter.ask_for_receipt(address_of(request))
        return await self._people.by_token(site, "" if token == NO else token)

    async def of_form(self, request: Request, site: Site, form: Mapping[str, str]) -> Person | None:
        """Return whose page a posted code or token opens; raises `TooFast`.

        The secret of the session stands for a token in the forms of a page that a session opened:
        without it another website could press the buttons. Leaving is no opening of the page.
        """
        person = await self._of_form(request, site, form)
        return person if form.get("do") in _LEAVING else self._counted(person)

    def _counted(self, person: Person | None) -> Person | None:
        """Count an opening by the person, whichever of the person's tokens or codes it came by."""
        if person:
            first = next(iter(person.ids), person.claims.consent_id)
            self._limiter.open(f"{person.site.id} {first}")
        return person

    async def _of_form(
        self, request: Request, site: Site, form: Mapping[str, str]
    ) -> Person | None:
        address, token = address_of(request), form.get("token", "")
        if "code" in form:
            self._limiter.try_code(address)
            return await self._people.by_code(site, form["code"])
        self._limiter.ask_for_receipt(address)
        if person := await self._people.by_token(site, token):
            return person
        signed_in = await self._signed_in(request, site) if token else None
        if signed_in and hmac.compare_digest(signed_in.csrf.encode(), token.encode()):
            return await self._people.by_session(site, signed_in)
        return None

    async def still(self, request: Request, person: Person) -> Person | None:
        """Return the person as the proof shows now: access may have been ended since, or joined.

        What was read before that is not to be shown then. None: the session has ended otherwise.
        """
        if person.ended:
            return person
        if person.account is None:
            return await self._people.by_token(person.site, person.token)
        if signed_in := await self._signed_in(request, person.site):
            return await self._people.by_session(person.site, signed_in)
        ended = await self._access.ended(person.site.id, person.ids)
        return replace(person, ended=ended) if ended else None

    async def _signed_in(self, request: Request, site: Site) -> SignedIn | None:
        """Return who is signed in, and has no new password to set first."""
        return await self._sessions.signed_in(request, site)
