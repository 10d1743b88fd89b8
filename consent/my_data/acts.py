"""What a person does on the page: stop, erase, and what must be confirmed first."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of
from consent.accounts.access import Access
from consent.accounts.accounts import VisitorAccounts
from consent.choice.decisions import Decisions, Outcome
from consent.dependencies import Dependencies
from consent.http.cookie import ChoiceCookie, CookieContext
from consent.http.form_origin import form_origin, own_hosts
from consent.http.rate_limit import ChoiceRateLimiter
from consent.http.wire import Erase, Withdraw
from consent.my_data.access.joining import Joined, Joining
from consent.my_data.certificates import Certificates
from consent.my_data.correction_acts import WRONG, CorrectionActs
from consent.my_data.leaving import Change, Leaving
from consent.my_data.person import People, Person
from consent.rights.erasure_receipt import ErasureReceipt
from consent.rights.parts import OneVisit, Part
from consent.rights.posted_days import posted_span
from consent.rights.restriction import Restrictions

Kind = Literal[
    "",
    "stopped",
    "gone",
    "part_gone",
    "part_none",
    "corrected",
    "hidden",
    "detached",
    "refused",
    "take_erasing",
    "take_busy",
    "lost_sure",
    "lost",
    "joined",
]


@dataclass(frozen=True)
class Done:
    """What was done: `lost_sure` asks once more, `take_...` say why there is no file.

    `certificate` is its signed JSON; the page sends it back to have it as a file. `cookie` is the
    choice that the browser keeps from now on, '' where it stays; `file` is what is answered instead
    of the page. `more` are the others where several receipts are given, one for each browser of an
    account; `joined` says what became of another browser's receipt code, and
    `keeps_account` that an account is left when everything that was recorded is erased.
    `with_hidden`: with a part went the rest, which was hidden pages. Where a correction was
    `refused`, `wrong` is the word that says why, and `form` is what was posted.
    """

    kind: Kind = ""
    receipt: ErasureReceipt | None = None
    certificate: str = ""
    cookie: str = ""
    expires: datetime | None = None
    file: Response | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    more: tuple["Done", ...] = ()
    joined: Joined | None = None
    keeps_account: bool = False
    with_hidden: bool = False
    wrong: str = ""
    form: Mapping[str, str] = field(default_factory=dict)


NOTHING_DONE = Done()
_AFTER_THE_END = ("stop", "erase")
"""What is never refused, also where access was ended: leaving shows nothing to anybody."""
_Act = Callable[[Request, Person, Mapping[str, str]], Awaitable[Done]]


class Acts:
    """Carries out the buttons of the page; raises `Malformed` for one that it does not have."""

    def __init__(self, deps: Dependencies, limiter: ChoiceRateLimiter) -> None:
        self._deps = deps
        self._limiter = limiter
        self._decisions = Decisions(deps)
        self._certificates = Certificates(deps)
        self._leaving = Leaving(deps)
        self._people = People(deps)
        self._access = Access(deps)
        self._accounts = VisitorAccounts(deps)
        self._joining = Joining(deps, limiter)
        restrictions = Restrictions(deps.ledger, deps.book, deps.clock)
        corrections = CorrectionActs(deps, limiter)
        self._by_name: dict[str, _Act] = {
            "": _only(NOTHING_DONE),
            "stop": self._stop,
            "erase": self._erase,
            "erase_visit": self._erase_visit,
            "erase_days": self._erase_days,
            "certificate": self._certificate,
            "restrict": partial(self._restrict, restrictions.restrict),
            "lift": partial(self._restrict, restrictions.lift),
            "correct": _correcting("corrected", corrections.correct),
            "hide_page": _correcting("hidden", corrections.hide_page),
            "not_me": _correcting("detached", corrections.not_me),
            "lost": _only(Done("lost_sure")),
            "lost_now": self._end_access,
            "join": self._join,
        }

    async def carry_out(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        """Do what the pressed button says, `do` in the form; without one the page is only shown."""
        if person.ended and form.get("do", "") not in _AFTER_THE_END:
            return NOTHING_DONE
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

    async def _stop(self, request: Request, person: Person, _form: Mapping[str, str]) -> Done:
        outcome = await self._left(request, person, Withdraw, method="form")
        await self._leaving.stop(person)
        return Done("stopped", cookie=outcome.cookie, expires=outcome.expires)

    async def _erase(self, request: Request, person: Person, _form: Mapping[str, str]) -> Done:
        keeps = person.account or await self._accounts.of_visitor(person.site.id, person.ids)
        outcome = await self._left(request, person, Erase)
        if person.ended:
            return Done("gone", cookie=outcome.cookie, expires=outcome.expires)
        given = [outcome.erased] if outcome.erased else await self._leaving.erase(person)
        done = self._receipts("gone", person.site, given)
        done = replace(done, keeps_account=keeps is not None)
        return replace(done, cookie=outcome.cookie, expires=outcome.expires)

    async def _end_access(self, request: Request, person: Person, _form: Mapping[str, str]) -> Done:
        self._limiter.act(person.claims.consent_id)
        account_id = person.account.id if person.account else None
        await self._access.end(person.site, person.ids, account_id, "visitor")
        no = self._decisions.no(person.site)
        return Done("lost", cookie=no.cookie, expires=no.expires)

    async def _join(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        return Done(
            "joined", joined=await self._joining.add(request, person, form.get("other", ""))
        )

    async def _erase_visit(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        return await self._erase_part(person, OneVisit(form.get("visit", "")))

    async def _erase_days(self, request: Request, person: Person, form: Mapping[str, str]) -> Done:
        return await self._erase_part(person, posted_span(form, person.site))

    async def _erase_part(self, person: Person, part: Part) -> Done:
        self._limiter.act(person.claims.consent_id)
        whole = await self._deps.corrections.with_untold(person.site.id, person.ids, part)
        given = await self._leaving.erase_part(person, whole)
        gone = any(one.rows for one in given)
        done = self._receipts("part_gone" if gone else "part_none", person.site, given)
        return replace(done, with_hidden=gone and whole != part)

    def _receipts(self, kind: Kind, site: Site, given: Sequence[ErasureReceipt]) -> Done:
        """Return what is said of erasures: the first receipt and the others behind it, or none."""
        signed = kind != "part_none"
        each = [
            Done(kind, one, self._certificates.signed(site, one) if signed else "") for one in given
        ]
        return replace(each[0], more=tuple(each[1:])) if each else Done("part_none")

    async def _restrict(
        self,
        change: Change,
        _request: Request,
        person: Person,
        _form: Mapping[str, str],
    ) -> Done:
        self._limiter.act(person.claims.consent_id)
        await self._leaving.change(person, change, partial(self._people.may, person=person))
        return NOTHING_DONE

    async def _left(
        self, request: Request, person: Person, action: type[Withdraw | Erase], **how: Any
    ) -> Outcome:
        """Withdraw or erase by the token; a session has none, and is only counted here."""
        if person.account:
            self._limiter.act(person.claims.consent_id)
            return self._decisions.no(person.site)
        asked = action(site=person.site.key, token=person.token, **how)
        counted = self._limiter.admit(asked, person.site, address_of(request))
        occasion = self._decisions.occasion(person.site, request.headers, counted)
        return await self._decisions.carry_out(person.site, asked, occasion)

    async def _certificate(
        self, _request: Request, person: Person, form: Mapping[str, str]
    ) -> Done:
        return Done(file=self._certificates.file(person.site, form))


def _only(done: Done) -> _Act:
    """Return an act that changes nothing."""

    async def act(_request: Request, _person: Person, _form: Mapping[str, str]) -> Done:
        return done

    return act


def _correcting(
    kind: Kind, correct: Callable[[Request, Person, Mapping[str, str]], Awaitable[None]]
) -> _Act:
    """Return an act that corrects and says what, or at its field why it was refused."""

    async def act(request: Request, person: Person, form: Mapping[str, str]) -> Done:
        try:
            await correct(request, person, form)
        except Malformed as refusal:
            if refusal.field not in WRONG:
                raise
            return Done("refused", wrong=WRONG[refusal.field], form=form, status=refusal.status)
        return Done(kind)

    return act
