"""The endpoint `POST /event`: body, gate, journal, answer; nothing slow happens here."""

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Protocol

import structlog
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from askfirst.clock import Clock
from askfirst.consents import REASON_SENTENCES, Reason, Tokens
from askfirst.errors import AskfirstError, Malformed, NotAllowed, Refused, TooFast, TooLarge
from askfirst.events import JournalEntry
from askfirst.settings import Settings
from askfirst.sites import Site, host_of
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import NO_SITE
from askfirst.web.ip_addresses import plain_address
from askfirst.web.privacy_control import global_privacy_control
from collector.intake.bot_rules import is_declared_bot
from collector.intake.column_filter import column_filter_of
from collector.intake.entries import entry_of, shared_facts
from collector.intake.gate import Arrival, Ruling, judge_events, judge_request
from collector.intake.payload import read_payload
from collector.intake.rate_limit import OF_AN_EVENT, EventRateLimiter
from collector.intake.replies import Answered, Reply, error_reply, recorded, send_reply
from collector.journal.journal import OnStored

log = structlog.get_logger()


class EventSink(Protocol):
    """Stores accepted events durably."""

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when `put` would."""

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, on_stored: OnStored) -> None:
        """Store entries and call `on_stored`, later; raises where they are refused at once."""


class RefusalCounter(Protocol):
    """Counts refusals by site and reason."""

    def add(self, site_id: int, reason: str, count: int = 1) -> None:
        """Count a refusal."""


@dataclass(frozen=True)
class Dependencies:
    """What the server passes to the collector."""

    settings: Settings
    clock: Clock
    book: SiteBook
    tokens: Tokens
    withdrawn: Container[str]
    """The ids of withdrawn consents."""
    journal: EventSink
    tallies: RefusalCounter
    country_of: Callable[[str], str]
    """The country of an address, e.g. `GB`, or ''."""


class Intake:
    """The endpoint as a bare ASGI application, which costs half as much as a routed one.

    A server that has already read the body calls `take` instead, which needs no task.
    """

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self.most_bytes = deps.settings.max_body_bytes
        self._most_events = deps.settings.max_events_per_request
        self._claims_of = lru_cache(maxsize=16_384)(deps.tokens.read_provable)
        self._limiter = EventRateLimiter(deps.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a refusal is counted by its reason."""
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if scope["method"] != "POST":
            replied.set_result(error_reply(NotAllowed("Events are sent by POST.")))
        else:
            try:
                body = await _read_body(scope, receive, self.most_bytes)
            except AskfirstError as error:
                replied.set_result(self._refusal(error, self._arrival(scope), None))
            else:
                self.take(scope, body, partial(_reply_once, replied))
        await send_reply(send, await replied)

    def take(self, scope: Scope, body: bytes, answered: Answered) -> None:
        """Handle a POST request with its whole body; call `answered` once, now or later.

        Events are durable when their request is answered; a refusal is counted by its reason.
        """
        arrival, facts = self._arrival(scope), _RequestFacts()
        try:
            self._deps.journal.refuse_if_full()  # before work that would be in vain
            entries = self._judged(arrival, body, facts)

            def stored(error: AskfirstError | None) -> None:
                if error is not None:
                    answered(self._refusal(error, arrival, facts.site))
                    return
                self._tally_left_out(facts, entries)
                answered(recorded(len(entries)))

            if entries:
                self._deps.journal.put(entries, arrival.now, stored)
            else:
                stored(None)
        except AskfirstError as error:
            answered(self._refusal(error, arrival, facts.site))
        except Exception as error:
            log.exception("internal_error", where="intake", why=type(error).__name__)
            internal = AskfirstError("Something went wrong here; it is logged.")
            answered(self._refusal(internal, arrival, facts.site))

    def _arrival(self, scope: Scope) -> Arrival:
        header = dict(scope["headers"]).get
        client = scope.get("client")
        return Arrival(
            self._deps.clock(),
            header(b"origin", b"").decode("latin-1"),
            plain_address(client[0] if client else ""),
            header(b"user-agent", b"").decode("latin-1")[:512],
            header(b"accept-language", b"").decode("latin-1")[:256],
            header(b"sec-gpc") is not None and global_privacy_control(Headers(scope=scope)),
            prefetch=b"prefetch" in header(b"sec-purpose", b""),
        )

    def _judged(self, arrival: Arrival, body: bytes, facts: "_RequestFacts") -> list[JournalEntry]:
        """Return entries of the events that the gate takes; raises where it refuses the request."""
        payload = read_payload(body, self._most_events)
        site = facts.site = self._deps.book.find(payload.site)
        claims = self._claims_of(payload.token) if payload.token else None
        reason = judge_request(arrival, site, payload.token, claims, self._deps.withdrawn)
        if reason or site is None or claims is None:
            raise _refused(Ruling(reason or Reason.UNKNOWN_SITE))
        events, columns = payload.events, column_filter_of(claims, site)
        headers = len(arrival.user_agent) + len(arrival.accept_language)
        size = len(body) + len(events) * (headers + OF_AN_EVENT)
        wait = self._limiter.wait_for(claims.visitor_id, arrival.ip, len(events), size, arrival.now)
        ruling = judge_events(
            events,
            site,
            claims,
            arrival.now,
            declared_bot=is_declared_bot(arrival.user_agent),
            kinds=columns.kinds,
            wait=wait,
        )
        if ruling.refused:
            raise _refused(ruling)
        self._limiter.count()
        facts.not_covered = ruling.left_out
        shared = shared_facts(payload, arrival, site, self._deps.country_of(arrival.ip))
        facts.rule = shared.rule
        return [
            columns.minimized(entry_of(event, site, claims, arrival, shared), site.hosts)
            for event in ruling.taken
        ]

    def _tally_left_out(self, facts: "_RequestFacts", entries: Sequence[JournalEntry]) -> None:
        """Count what the consent does not cover, and what the reports leave out by a rule."""
        if facts.site is None:
            return
        if facts.not_covered:
            self._deps.tallies.add(facts.site.id, Reason.OTHER_PURPOSE, facts.not_covered)
        if facts.rule and facts.site.rules.leaves_out(facts.rule) and entries:
            self._deps.tallies.add(facts.site.id, facts.rule, len(entries))

    def _refusal(self, error: AskfirstError, arrival: Arrival, known: Site | None) -> Reply:
        site = known or self._deps.book.by_host(host_of(arrival.origin))
        self._deps.tallies.add(site.id if site else NO_SITE, error.code)
        return error_reply(error)


class _RequestFacts:
    """What is known of a request so far.

    That is its site, how many events its consent does not cover, and the rule that fits its sender.
    """

    site: Site | None = None
    not_covered: int = 0
    rule: str = ""


def _refused(ruling: Ruling) -> AskfirstError:
    reason = ruling.refused or Reason.MALFORMED
    if reason is Reason.TOO_FAST:
        return TooFast(REASON_SENTENCES[reason], retry_after=ruling.wait)
    return Refused(reason, REASON_SENTENCES[reason])


async def _read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
            raise _too_large(most)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("The body ended too early.")
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        more = message.get("more_body", False)
    return body


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"Expected at most {most} bytes.")


def _reply_once(replied: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not replied.done():  # the client may have disconnected
        replied.set_result(reply)
