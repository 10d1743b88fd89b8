"""What a person does on the page: stop, erase, and what must be confirmed first."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from string import hexdigits
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.local_days import day_start, number_of
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.choice.decisions import Decisions, Outcome, finished
from consent.dependencies import Dependencies
from consent.http.cookie import ChoiceCookie, CookieContext
from consent.http.form_origin import form_origin, own_hosts
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.wire import Action, Erase, Withdraw
from consent.my_data.correction_acts import CorrectionActs
from consent.my_data.person import Person
from consent.receipts.certificate import certificate, is_certificate
from consent.receipts.data_integrity import is_signed_by
from consent.receipts.issue import MEDIA_TYPE
from consent.rights.erasure_receipt import ErasureReceipt
from consent.rights.parts import OneVisit, Part, TimeSpan
from consent.rights.restriction import Restrictions

_YEARS = range(1971, 3000)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
Kind = Literal[
    "",
    "stopped",
    "sure",
    "gone",
    "part_gone",
    "part_none",
    "corrected",
    "take_erasing",
    "take_busy",
]


@dataclass(frozen=True)
class Done:
    """What was done: `sure` asks once more, `take_...` say why there is no file, others what went.

    `certificate` is its signed JSON; the page sends it back to have it as a file. `cookie` is the
    choice that the browser keeps from now on, '' where it stays; `file` is what is answered instead
    of the page.
    """

    kind: Kind = ""
    receipt: ErasureReceipt | None = None
    certificate: str = ""
    cookie: str = ""
    expires: datetime | None = None
    file: Response | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


NOTHING_DONE = Done()
_Act = Callable[[Request, Person, Mapping[str, str]], Awaitable[Done]]


class Acts:
    """Carries out the buttons of the page; raises `Malformed` for one that it does not have."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._decisions = Decisions(deps)
        self._restrictions = Restrictions(deps.ledger, deps.book, deps.clock)
        corrections = CorrectionActs(deps, limiter)
        self._by_name: dict[str, _Act] = {
            "": _only(NOTHING_DONE),
            "sure": _only(Done("sure")),
            "stop": partial(self._stop, "stopped"),
            "stop_erase": partial(self._stop, "sure"),
            "erase": self._erase,
            "erase_visit": self._erase_visit,
            "erase_days": self._erase_days,
            "certificate": self._certificate,
            "restrict": partial(self._restrict, self._restrictions.restrict),
            "lift": partial(self._restrict, self._restrictions.lift),
            "correct": _correcting(corrections.correct),
            "hide_page": _correcting(corrections.hide_page),
            "not_me": _correcting(corrections.not_me),
        }

    async def carry_out(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        """Do what the pressed button says, `do` in the form; without one the page is only shown."""
        act = self._by_name.get(form.get("do", ""))
        if act is None:
            raise Malformed("No button of the page was pressed.", field="do")
        return await act(request, person, form)

    def set_cookie(self, response: Response, request: Request, person: Person, done: Done) -> None:
        """Let the browser keep the choice, where page and website share a domain.

        Only where it keeps a yes of this person: a page of somebody else can post a token of its
        own, and a receipt code opens a page in the browser of another. The browser sends no cookie
        with what other websites post (`SameSite=Lax`).
        """
        if not done.cookie or not self._holds_yes_of(person, request):
            return
        hosts = own_hosts(request, self._deps.settings)
        if origin := form_origin(request, person.site, hosts):
            public = self._deps.settings.public_url
            context = CookieContext(origin.origin, origin.own_host, public)
            cookie = ChoiceCookie(person.site, self._deps.tokens)
            cookie.set(response, request, done.cookie, done.expires, context)

    def _holds_yes_of(self, person: Person, request: Request) -> bool:
        held = ChoiceCookie(person.site, self._deps.tokens).read(request)
        claims = self._deps.tokens.read(held)
        return claims is not None and claims.visitor_id in {person.claims.visitor_id, *person.ids}

    async def _stop(
        self, kind: Kind, request: Request, person: Person, _form: Mapping[str, str]
    ) -> Done:
        action = Withdraw(site=person.site.key, token=person.token, method="form")
        outcome = await self._decided(request, person, action)
        return Done(kind, cookie=outcome.cookie, expires=outcome.expires)

    async def _erase(self, request: Request, person: Person, _form: Mapping[str, str]) -> Done:
        action = Erase(site=person.site.key, token=person.token)
        outcome = await self._decided(request, person, action)
        return Done(
            "gone",
            outcome.erased,
            self._signed(person.site, outcome.erased),
            outcome.cookie,
            outcome.expires,
        )

    async def _erase_visit(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        return await self._erase_part(person, OneVisit(form.get("visit", "")))

    async def _erase_days(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        return await self._erase_part(person, _span(form, person.site))

    async def _erase_part(self, person: Person, part: Part) -> Done:
        self._limiter.act(person.claims.consent_id)
        site, visitor_id = person.site, person.claims.visitor_id
        receipt = await finished(self._deps.eraser.erase_part(site.id, visitor_id, part))
        kind: Kind = "part_gone" if receipt.rows else "part_none"
        return Done(kind, receipt, self._signed(site, receipt) if receipt.rows else "")

    def _signed(self, site: Site, receipt: ErasureReceipt | None) -> str:
        if receipt is None:
            return ""
        document = certificate(receipt, site, self._deps.site_keys)
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    async def _restrict(
        self,
        change: Callable[[int, str], Awaitable[None]],
        _request: Request,
        person: Person,
        _form: Mapping[str, str],
    ) -> Done:
        self._limiter.act(person.claims.consent_id)
        await change(person.site.id, person.claims.visitor_id)
        return NOTHING_DONE

    async def _decided(self, request: Request, person: Person, action: Action) -> Outcome:
        counted = self._limiter.admit(action, person.site, address_of(request))
        occasion = self._decisions.occasion(person.site, request.headers, counted)
        return await self._decisions.carry_out(person.site, action, occasion)

    async def _certificate(
        self, _request: Request, person: Person, form: Mapping[str, str]
    ) -> Done:
        """Answer with a certificate of this site as a file; raises `Malformed` for other texts."""
        text = form.get("certificate", "")
        key = self._deps.site_keys.of(person.site.key).public_key()
        document = _json_object(text)
        if not is_certificate(document) or not is_signed_by(document, key):
            raise Malformed("This is no certificate of this website.", field="certificate")
        number = "".join(one for one in str(document["dct:identifier"]) if one in hexdigits)
        name = f'attachment; filename="erased-{number}.jsonld"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Done(file=Response(text, headers=headers, media_type=MEDIA_TYPE))


def _only(done: Done) -> _Act:
    """Return an act that changes nothing."""

    async def act(_request: Request, _person: Person, _form: Mapping[str, str]) -> Done:
        return done

    return act


def _correcting(correct: Callable[[Request, Person, Mapping[str, str]], Awaitable[None]]) -> _Act:
    """Return an act that corrects, and says so."""

    async def act(request: Request, person: Person, form: Mapping[str, str]) -> Done:
        await correct(request, person, form)
        return Done("corrected")

    return act


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _span(form: Mapping[str, str], site: Site) -> TimeSpan:
    """Return the span of some local days of a site; raises `Malformed` with the field."""
    first, last = _day(form, "first"), _day(form, "last")
    if last < first:
        raise Malformed("The last day is before the first.", field="last")
    start, end = number_of(first), number_of(last) + 1
    return TimeSpan(day_start(start, site.time_zone), day_start(end, site.time_zone))


def _day(form: Mapping[str, str], field: str) -> date:
    text = form.get(field, "")
    if not _DAY.fullmatch(text):
        raise Malformed("A day is written as 2026-11-28.", field=field)
    try:
        found = date(*map(int, text.split("-")))
    except ValueError as error:
        raise Malformed("There is no such day.", field=field) from error
    if found.year not in _YEARS:
        raise Malformed("No visit is from such a year.", field=field)
    return found
