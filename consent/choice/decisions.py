"""What follows from a choice: a proof and a token, a count, a withdrawal or an erasure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from askfirst.clock import as_datetime, as_iso
from askfirst.consents import Claims, Reason
from askfirst.errors import AskfirstError, Malformed, Unavailable
from askfirst.sites import Site
from askfirst.store.ledger.choice_counts import ACCEPTED, REFUSED
from askfirst.store.ledger.site_book import Policy
from consent.choice.granting import Grants
from consent.dependencies import Dependencies
from consent.policy.wording import ONCE_DAYS, purpose_ids, wording
from consent.proof.appearance import ui_hash
from consent.proof.records import BY_VISITOR, FIRST_HASH, ConsentRequest, RecordedConsent
from consent.requests.cookie import NO, no_expires
from consent.requests.token_claims import claims_for
from consent.requests.wire import Accept, Choice, Erase, Refuse
from consent.rights.erasure import Receipt
from consent.rights.withdrawal import Withdrawals, count_withdrawal

_log = structlog.get_logger()


@dataclass(frozen=True)
class Outcome:
    """The body of the answer, and the choice cookie with its end; None ends with the browser."""

    body: dict[str, Any]
    cookie: str
    expires: datetime | None


class Decisions:
    """Carries out what a visitor of a site decided. Raises `Malformed` or `Refused`."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._withdrawals = Withdrawals(deps.ledger, deps.withdrawn, deps.clock)
        self._grants = Grants(deps.ledger, deps.withdrawn, deps.clock)

    async def take(
        self, site: Site, wish: Choice | Erase, gpc: bool, page: str = "", counted: bool = True
    ) -> Outcome:
        """Do what the visitor wishes; `gpc` is the browser's own signal, `page` is counted.

        A no that is not `counted` is one too many of its address: it holds, and is tallied as such.
        """
        if isinstance(wish, Accept):
            return await self._accept(site, wish, gpc, page)
        if isinstance(wish, Refuse):
            self._refuse(site, wish, page, counted)
            return self._no(site, {"choice": "refused"})
        claims = claims_for(self._deps.tokens, site, wish.token)
        if isinstance(wish, Erase):
            return await self._erase(site, claims, wish, page)
        await self._withdraw(site, claims, wish.method, page)
        return self._no(site, {"choice": "withdrawn"})

    def _refuse(self, site: Site, wish: Refuse, page: str, counted: bool) -> None:
        if not counted:
            self._deps.tallies.add(site.id, Reason.TOO_FAST)
            return
        self._deps.tallies.add(site.id, "refused")
        asked = _asked(self._deps.book.policy(site), wish)
        self._deps.counts.add(site.id, REFUSED, page, *asked)

    def _days(self, policy: Policy) -> int:
        """Return how long a yes lives: as its policy says, and never longer than set here."""
        return min(int(policy.content["choice_days"]), self._deps.settings.choice_days)

    def _refusal_days(self, policy: Policy) -> int:
        """Return the same of a no; a policy of before has one number for both."""
        if "refusal_days" not in policy.content:
            return self._days(policy)
        return min(int(policy.content["refusal_days"]), self._deps.settings.refusal_days)

    def _no(self, site: Site, body: dict[str, Any]) -> Outcome:
        days = self._refusal_days(self._deps.book.policy(site))
        return Outcome({**body, "days": days}, NO, no_expires(self._deps.clock(), days))

    async def _accept(self, site: Site, wish: Accept, gpc: bool, page: str) -> Outcome:
        policy = await self._policy(site, wish.version)
        shown = await wording(self._deps.book, policy, site, wish.language)
        _check(wish, shown)
        older = self._deps.tokens.read(wish.token) if wish.token else None
        if older and older.site_id != site.id:
            older = None
        days = ONCE_DAYS if wish.once else self._days(policy)
        answer = self._answer(site, wish, shown, gpc, days)
        given = await self._grants.record(answer, shown, older)
        self._deps.tallies.add(site.id, "accepted")
        self._deps.counts.add(site.id, ACCEPTED, page, shown["language"], wish.version)
        return self._granted(site, given, 0 if wish.once else days)

    def _answer(
        self, site: Site, wish: Accept, shown: dict[str, Any], gpc: bool, days: int
    ) -> ConsentRequest:
        elsewhere = wish.method == "manager"  # our question, with its looks, was not shown
        looks = "" if elsewhere else ui_hash(shown, wish.method, self._deps.scripts_hash())
        return ConsentRequest(
            site_id=site.id,
            policy_version=wish.version,
            notice_hash=wish.notice,
            purposes=tuple(p for p in purpose_ids(shown) if p in wish.purposes),
            language=shown["language"],
            method=wish.method,
            gpc=wish.gpc or gpc,
            choice_days=days,
            ui_hash=looks or FIRST_HASH,
            given_by=f"manager:{wish.manager}" if elsewhere else BY_VISITOR,
        )

    def _granted(self, site: Site, given: RecordedConsent, days: int) -> Outcome:
        """Answer a yes; 0 days mean that it ends with the visit."""
        token = self._deps.tokens.sign(given.claims)
        receipt = {
            "record_id": given.record_id,
            "given_at": as_iso(given.claims.given_at),
            "valid_until": as_iso(given.claims.valid_until),
            "policy_version": given.claims.policy_version,
            "purposes": given.claims.purposes,
        }
        body: dict[str, Any] = {"choice": "granted", "token": token, "receipt": receipt}
        body |= {
            "receipt_url": f"{self._deps.settings.base_path}/receipt/{site.key}",
            "days": days,
        }
        if not days:
            return Outcome({**body, "once": True}, token, None)
        return Outcome(body, token, as_datetime(given.claims.valid_until))

    async def _policy(self, site: Site, version: int) -> Policy:
        if site.min_policy_version <= version <= site.policy_version:
            return await self._deps.book.version(site, version)
        raise Malformed("This version of the policy cannot be accepted now.", field="version")

    async def _withdraw(self, site: Site, claims: Claims, method: str, page: str) -> None:
        if await self._withdrawals.withdraw(claims, method):
            tallies, counts = self._deps.tallies, self._deps.counts
            count_withdrawal(tallies, counts, site.id, claims.policy_version, page)

    async def _erase(self, site: Site, claims: Claims, wish: Erase, page: str) -> Outcome:
        await self._withdraw(site, claims, "erasure", page)
        receipt = await self._erased(site, claims, wish)
        return self._no(site, {"choice": "erased", "receipt": _facts_of(receipt)})

    async def _erased(self, site: Site, claims: Claims, wish: Erase) -> Receipt:
        try:
            if wish.alone:
                return await self._deps.eraser.erase_alone(site.id, [claims.visitor_id])
            return await self._deps.eraser.erase(site.id, claims.visitor_id)
        except AskfirstError:
            raise
        except Exception as error:  # whichever memory failed, the request stays on record
            _log.error("erasure_interrupted", cause=type(error).__name__)
            raise Unavailable("The erasure is not finished; ask again.", retry_after=5) from error


def _facts_of(receipt: Receipt) -> dict[str, Any]:
    """Say what an erasure reached, as docs/receipts.md has it."""
    first, last = receipt.first_given, receipt.last_given
    return {
        "receipt_id": receipt.receipt_id,
        "completed_at": as_iso(receipt.completed_at),
        "rows": receipt.rows,
        "places": dict(receipt.places),
        "identifiers": receipt.identifiers,
        "first_given_at": None if first is None else as_iso(first),
        "last_given_at": None if last is None else as_iso(last),
    }


def _check(wish: Accept, shown: dict[str, Any]) -> None:
    """Raise `Malformed` where a yes is not one to what this wording offers."""
    if not set(wish.purposes) <= set(purpose_ids(shown)):
        raise Malformed("A purpose is not one that was asked for.", field="purposes")
    if wish.notice != shown["hash"]:
        raise Malformed("The hash is not of a wording that is shown.", field="notice")
    if wish.once and not shown["only_this_visit"]:
        raise Malformed("A yes for one visit is not offered here.", field="once")
    passed_on = wish.method == "manager"
    if wish.manager != (shown["manager"] if passed_on else "") or (passed_on and not wish.manager):
        raise Malformed("No yes is taken from this consent manager here.", field="manager")


def _asked(policy: Policy, wish: Refuse) -> tuple[str, int]:
    """Return the language and version that a no was said to, '' and 0 where none is known."""
    language = wish.language if wish.language in policy.content["texts"] else ""
    return language, wish.version if wish.version <= policy.version else 0
