"""What a person does on the page: stop, erase, and what must be confirmed first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.web.ip_addresses import address_of
from consent.choice.decisions import Decisions, Outcome
from consent.dependencies import Dependencies
from consent.http.cookie import ChoiceCookie, CookieContext
from consent.http.form_origin import form_origin, own_hosts
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.wire import Action, Erase, Withdraw
from consent.my_data.person import Person

Kind = Literal["", "stopped", "sure", "gone", "part_gone", "part_none"]


@dataclass(frozen=True)
class Done:
    """What was done: `sure` asks once more, the others say what was erased, and under which number.

    `cookie` is the choice that the browser keeps from now on, '' where it stays; `file` is what is
    answered instead of the page.
    """

    kind: Kind = ""
    number: str = ""
    at: str = ""
    rows: int = 0
    cookie: str = ""
    expires: datetime | None = None
    file: Response | None = None


NOTHING_DONE = Done()


class Acts:
    """Carries out the buttons of the page; raises `Malformed` for one that it does not have."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._decisions = Decisions(deps)

    async def carry_out(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        """Do what the pressed button says, `do` in the form; without one the page is only shown."""
        match form.get("do", ""):
            case "":
                return NOTHING_DONE
            case "sure":
                return Done("sure")
            case "stop":
                return await self._stop(request, person, "stopped")
            case "stop_erase":
                return await self._stop(request, person, "sure")
            case "erase":
                return await self._erase(request, person)
        raise Malformed("No button of the page was pressed.", field="do")

    def set_cookie(self, response: Response, request: Request, person: Person, done: Done) -> None:
        """Let the browser keep the choice, where page and website share a domain."""
        if not done.cookie:
            return
        hosts = own_hosts(request, self._deps.settings)
        if origin := form_origin(request, person.site, hosts):
            public = self._deps.settings.public_url
            context = CookieContext(origin.origin, origin.own_host, public)
            cookie = ChoiceCookie(person.site, self._deps.tokens)
            cookie.set(response, request, done.cookie, done.expires, context)

    async def _stop(self, request: Request, person: Person, kind: Kind) -> Done:
        action = Withdraw(site=person.site.key, token=person.token, method="form")
        outcome = await self._decided(request, person, action)
        return Done(kind, cookie=outcome.cookie, expires=outcome.expires)

    async def _erase(self, request: Request, person: Person) -> Done:
        action = Erase(site=person.site.key, token=person.token)
        outcome = await self._decided(request, person, action)
        receipt = outcome.body["receipt"]
        return Done(
            "gone",
            receipt["receipt_id"],
            receipt["completed_at"],
            receipt["rows"],
            outcome.cookie,
            outcome.expires,
        )

    async def _decided(self, request: Request, person: Person, action: Action) -> Outcome:
        counted = self._limiter.admit(action, person.site, address_of(request))
        occasion = self._decisions.occasion(person.site, request.headers, counted)
        return await self._decisions.carry_out(person.site, action, occasion)
