"""What a choice does: it records a consent, counts a refusal, withdraws or erases."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from starlette.datastructures import Headers

from askfirst.clock import as_datetime, as_iso
from askfirst.consents import Claims, Reason
from askfirst.errors import AskfirstError, Malformed, Unavailable
from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import ACCEPTED, REFUSED
from askfirst.store.ledger.rights.access_ends import ended_among
from askfirst.store.ledger.sites.policies import Policy
from askfirst.web.browser_signals import global_privacy_control
from consent.choice.erasure_facts import facts_of
from consent.choice.granting import ConsentRecorder
from consent.dependencies import Dependencies
from consent.http.cookie import NO, no_expires
from consent.http.token_claims import claims_for
from consent.http.wire import Accept, Action, Erase, Refuse
from consent.policy.wording import ONCE_DAYS, purpose_ids, wording
from consent.proof.appearance import ui_hash
from consent.proof.records import BY_VISITOR, FIRST_HASH, ConsentRequest, RecordedConsent
from consent.rights.erasure import ErasureReceipt
from consent.rights.withdrawal import Withdrawals, count_withdrawal

_log = structlog.get_logger()


@dataclass(frozen=True)
class Outcome:
    """The body of the answer and the value of the choice cookie.

    `expires` is None where the cookie ends with the browser's session; `erased` is the receipt of
    an erasure.
    """

    body: dict[str, Any]
    cookie: str
    expires: datetime | None
    erased: ErasureReceipt | None = None


@dataclass(frozen=True)
class Occasion:
    """How a choice came: the browser's GPC signal, and the page to count it on.

    One that is `too_fast` from its address holds, and is tallied as that. One of `is_program` comes
    from what names itself so: as its loads and its banners it is not counted.
    """

    gpc: bool
    page: str = ""
    too_fast: bool = False
    is_program: bool = False


_NOT_FINISHED = "The erasure is not finished; ask again."


class Decisions:
    """Carries out the actions of a site's visitors. Raises `Malformed` or `Refused`."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._withdrawals = Withdrawals(deps.ledger, deps.withdrawn, deps.clock)
        self._recorder = ConsentRecorder(
            deps.ledger, deps.withdrawn, deps.clock, deps.receipt_codes
        )

    def occasion(self, site: Site, headers: Headers, counted: bool, page: str = "") -> Occasion:
        """Return how a request's choice came; one that is not `counted` came too fast."""
        is_program = self._deps.is_left_out(site, headers)
        return Occasion(global_privacy_control(headers), page, not counted, is_program)

    async def carry_out(self, site: Site, action: Action, occasion: Occasion) -> Outcome:
        """Carry out a visitor's action, and count it."""
        if isinstance(action, Accept):
            return await self._accept(site, action, occasion)
        if isinstance(action, Refuse):
            self._refuse(site, action, occasion)
            return self._no(site, {"choice": "refused"})
        claims = claims_for(self._deps.tokens, site, action.token)
        if isinstance(action, Erase):
            return await self._erase(site, claims, action, occasion)
        await self._withdraw(site, claims, action.method, occasion)
        return self.no(site)

    def _refuse(self, site: Site, refusal: Refuse, occasion: Occasion) -> None:
        if occasion.too_fast:
            self._deps.tallies.add(site.id, Reason.TOO_FAST)
            return
        self._deps.tallies.add(site.id, "refused")
        language, version = _refused_wording(self._deps.book.policy(site), refusal)
        if not occasion.is_program:
            self._deps.counts.add(site.id, REFUSED, occasion.page, language, version)

    def _days(self, policy: Policy) -> int:
        """Return how many days a yes holds: as its policy says, at most as the settings say."""
        return min(int(policy.content["choice_days"]), self._deps.settings.choice_days)

    def _refusal_days(self, policy: Policy) -> int:
        """Return how many days a no holds; an older policy has one number for both."""
        if "refusal_days" not in policy.content:
            return self._days(policy)
        return min(int(policy.content["refusal_days"]), self._deps.settings.refusal_days)

    def no(self, site: Site) -> Outcome:
        """Return what a browser keeps that has said no, or whose yes has ended."""
        return self._no(site, {"choice": "withdrawn"})

    def _no(self, site: Site, body: dict[str, Any]) -> Outcome:
        days = self._refusal_days(self._deps.book.policy(site))
        return Outcome({**body, "days": days}, NO, no_expires(self._deps.clock(), days))

    async def _accept(self, site: Site, accept: Accept, occasion: Occasion) -> Outcome:
        policy = await self._policy(site, accept.version)
        shown = await wording(self._deps.book, policy, site, accept.language)
        _check(accept, shown)
        older = self._deps.tokens.read(accept.token) if accept.token else None
        if older and older.site_id != site.id:
            older = None
        days = ONCE_DAYS if accept.once else self._days(policy)
        asked = self._consent_request(site, accept, shown, occasion.gpc, days)
        recorded = await self._recorder.record(asked, shown, older)
        if older and site.restricted_visitors:  # a new id takes over a restriction
            await self._deps.book.refresh()
        self._deps.tallies.add(site.id, "accepted")
        if not occasion.is_program:
            language = shown["language"]
            self._deps.counts.add(site.id, ACCEPTED, occasion.page, language, accept.version)
        return self._granted(site, recorded, 0 if accept.once else days)

    def _consent_request(
        self, site: Site, accept: Accept, shown: dict[str, Any], gpc: bool, days: int
    ) -> ConsentRequest:
        passed_on = accept.method == "manager"  # our banner was not shown
        ui = "" if passed_on else ui_hash(shown, accept.method, self._deps.scripts_hash())
        return ConsentRequest(
            site_id=site.id,
            policy_version=accept.version,
            notice_hash=accept.notice,
            purposes=tuple(p for p in purpose_ids(shown) if p in accept.purposes),
            language=shown["language"],
            method=accept.method,
            gpc=accept.gpc or gpc,
            choice_days=days,
            ui_hash=ui or FIRST_HASH,
            given_by=f"manager:{accept.manager}" if passed_on else BY_VISITOR,
        )

    def _granted(self, site: Site, recorded: RecordedConsent, days: int) -> Outcome:
        """Answer a yes; 0 days mean that its cookie ends with the browser's session."""
        token = self._deps.tokens.sign(recorded.claims)
        receipt = {
            "record_id": recorded.record_id,
            "code": self._deps.receipt_codes.of(recorded.claims),
            "given_at": as_iso(recorded.claims.given_at),
            "valid_until": as_iso(recorded.claims.valid_until),
            "policy_version": recorded.claims.policy_version,
            "purposes": recorded.claims.purposes,
        }
        body: dict[str, Any] = {"choice": "granted", "token": token, "receipt": receipt}
        body |= {
            "receipt_url": f"{self._deps.settings.base_path}/receipt/{site.key}",
            "days": days,
        }
        if not days:
            return Outcome({**body, "once": True}, token, None)
        return Outcome(body, token, as_datetime(recorded.claims.valid_until))

    async def _policy(self, site: Site, version: int) -> Policy:
        if site.min_policy_version <= version <= site.policy_version:
            return await self._deps.book.version(site, version)
        raise Malformed("This version of the policy cannot be accepted now.", field="version")

    async def _withdraw(self, site: Site, claims: Claims, method: str, occasion: Occasion) -> None:
        if await self._withdrawals.withdraw(claims, method):
            tallies, counts = self._deps.tallies, self._deps.counts
            count_withdrawal(tallies, counts, site.id, claims.policy_version, occasion.page)

    async def _erase(
        self, site: Site, claims: Claims, request: Erase, occasion: Occasion
    ) -> Outcome:
        async with self._deps.ledger.read() as connection:
            ended = await ended_among(connection, site.id, [claims.visitor_id])
        await self._withdraw(site, claims, "erasure", occasion)
        receipt = await self._erased(site, claims, request)
        body = {"choice": "erased", "receipt": facts_of(receipt, all_=ended is None)}
        return replace(self._no(site, body), erased=receipt)

    async def _erased(self, site: Site, claims: Claims, request: Erase) -> ErasureReceipt:
        eraser, visitor_id = self._deps.eraser, claims.visitor_id
        if request.alone:
            return await finished(eraser.erase_alone(site.id, [visitor_id]))
        return await finished(eraser.erase(site.id, visitor_id))


async def finished(erasure: Awaitable[ErasureReceipt]) -> ErasureReceipt:
    """Return the receipt of an erasure; raises `Unavailable` where a store does not do its part.

    The request stays on record then, and is carried out by the job.
    """
    try:
        return await erasure
    except Unavailable as error:  # the warehouse is converted or away
        raise Unavailable(_NOT_FINISHED, retry_after=5) from error
    except AskfirstError:
        raise
    except Exception as error:  # whichever store failed
        _log.error("erasure_interrupted", cause=type(error).__name__)
        raise Unavailable(_NOT_FINISHED, retry_after=5) from error


def _check(accept: Accept, shown: dict[str, Any]) -> None:
    """Raise `Malformed` where a yes is not to what this wording offers."""
    if not set(accept.purposes) <= set(purpose_ids(shown)):
        raise Malformed("A purpose is not one that was asked for.", field="purposes")
    if accept.notice != shown["hash"]:
        raise Malformed("The hash is not of a wording that is shown.", field="notice")
    if accept.once and not shown["only_this_visit"]:
        raise Malformed("A yes for one visit is not offered here.", field="once")
    passed_on = accept.method == "manager"
    if accept.manager != (shown["manager"] if passed_on else "") or (
        passed_on and not accept.manager
    ):
        raise Malformed("No yes is taken from this consent manager here.", field="manager")


def _refused_wording(policy: Policy, refusal: Refuse) -> tuple[str, int]:
    """Return the language and version that a no was said to, '' and 0 where they are unknown."""
    language = refusal.language if refusal.language in policy.content["texts"] else ""
    return language, refusal.version if refusal.version <= policy.version else 0
