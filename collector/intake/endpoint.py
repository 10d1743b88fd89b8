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
from askfirst.consents import Reason, Tokens
from askfirst.errors import AskfirstError, NotAllowed
from askfirst.events import JournalEntry
from askfirst.settings import Settings
from askfirst.sites import Site, host_of
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tallies import NO_SITE
from askfirst.web.accept_language import LONGEST_KEPT
from askfirst.web.browser_signals import PURPOSES, fetches_ahead, global_privacy_control
from askfirst.web.ip_addresses import plain_address
from collector.enrichment.agents.hints import HEADERS
from collector.intake.bodies import read_body
from collector.intake.bot_rules import tallied_as
from collector.intake.gate import Arrival, judge_request
from collector.intake.judging import (
    Judged,
    PlaceOf,
    RefusalCounter,
    judged,
    refusal,
    tally_uncovered,
)
from collector.intake.payload import WirePayload, read_payload
from collector.intake.rate_limit import OF_AN_EVENT, EventRateLimiter
from collector.intake.replies import Answered, Reply, error_reply, recorded, send_reply
from collector.journal.journal import OnStored

log = structlog.get_logger()

_LONGEST_HINT = 256
_FEWEST = 8
"""Requests that are passed on by themselves while as many more are handled."""
_PURPOSES = frozenset(name.encode() for name in PURPOSES)
_HINTS = tuple(name.encode() for name in HEADERS)
Sender = tuple[str, str, str, str, bool, tuple[str, ...] | None, bool]
"""What a head tells of who sends a request: the fields of `Arrival` behind the time."""


class EventSink(Protocol):
    """Stores accepted events durably."""

    def refuse_if_full(self) -> None:
        """Raise `Unavailable` when `put` would."""

    def put(self, entries: Sequence[JournalEntry], arrived_at: int, on_stored: OnStored) -> None:
        """Store entries and call `on_stored`, later; raises where they are refused at once."""

    def flush(self) -> None:
        """Pass on what was put, if that is put off until nothing more comes soon."""


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
    place_of: PlaceOf


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
        self._taken: list[_Request] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a refusal is counted by its reason."""
        replied: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if scope["method"] != "POST":
            replied.set_result(error_reply(NotAllowed("Events are sent by POST.")))
        else:
            try:
                body = await read_body(scope, receive, self.most_bytes)
            except AskfirstError as error:
                arrival = Arrival(self._deps.clock(), *self.sender(scope))
                replied.set_result(self._refusal(error, arrival, None))
            else:
                self.take(self.sender(scope), body, partial(_reply_once, replied))
        await send_reply(send, await replied)

    def take(self, sender: Sender, body: bytes, answered: Answered) -> None:
        """Handle a POST request by its sender and its whole body, together with others.

        `answered` is called once, later; then events are durable. Refusals are counted by reason.
        """
        if not self._taken:
            asyncio.get_running_loop().call_soon(self._handle)
        self._taken.append(_Request(Arrival(self._deps.clock(), *sender), body, answered))

    def _handle(self) -> None:
        """Take each step for all requests of this turn of the event loop, and then the next step.

        The processor's nearest cache has room for one step, not for all: this saves a sixth. Of
        many requests a first half is passed on, to be stored while the second is handled.
        """
        requests, self._taken = self._taken, []
        for some in _parts_of(requests):
            going_on = some
            for step in (self._read, self._record):
                going_on = [request for request in going_on if self._goes_on(step, request)]
            self._deps.journal.flush()

    def _goes_on(self, step: "Callable[[_Request], None]", request: "_Request") -> bool:
        """Take a step, and return whether the request was not refused; else it is answered."""
        try:
            step(request)
        except AskfirstError as error:
            self._refuse(request, error)
            return False
        except Exception as error:
            log.exception("internal_error", where="intake", why=type(error).__name__)
            self._refuse(request, AskfirstError("Something went wrong here; it is logged."))
            return False
        return True

    def _refuse(self, request: "_Request", error: AskfirstError) -> None:
        try:
            request.answered(self._refusal(error, request.arrival, request.site))
        except Exception as failure:  # the others of this turn must still be handled
            log.exception("internal_error", where="answer", why=type(failure).__name__)

    @staticmethod
    def sender(scope: Scope) -> Sender:
        """Return what the head of a request tells of its sender."""
        told: dict[bytes, bytes] = dict(scope["headers"])
        header, client = told.get, scope.get("client")
        return (
            header(b"origin", b"").decode("latin-1"),
            plain_address(client[0] if client else ""),
            header(b"user-agent", b"").decode("latin-1")[:512],
            header(b"accept-language", b"").decode("latin-1"),
            header(b"sec-gpc") is not None and global_privacy_control(Headers(scope=scope)),
            _hint_headers(header),
            not _PURPOSES.isdisjoint(told) and fetches_ahead(Headers(scope=scope)),
        )

    def _read(self, request: "_Request") -> None:
        self._deps.journal.refuse_if_full()  # before work that would be in vain
        request.payload = read_payload(request.body, self._most_events)
        request.site = self._deps.book.find(request.payload.site)

    def _record(self, request: "_Request") -> None:
        """Judge and store at once: what there is no room for must not count as sent."""
        self._deps.journal.refuse_if_full()
        self._judge(request)
        self._store(request)

    def _judge(self, request: "_Request") -> None:
        """Find out what the gate takes; raises where it refuses the request."""
        arrival, site, payload = request.arrival, request.site, request.payload
        claims = self._claims_of(payload.token) if payload.token else None
        reason = judge_request(arrival, site, payload.token, claims, self._deps.withdrawn)
        if reason or site is None or claims is None:
            raise refusal(reason or Reason.UNKNOWN_SITE)
        number, languages = len(payload.events), min(len(arrival.accept_language), LONGEST_KEPT)
        size = len(request.body) + number * (len(arrival.user_agent) + languages + OF_AN_EVENT)
        wait = self._limiter.wait_for(claims.visitor_id, arrival.ip, number, size, arrival.now)
        found = judged(payload, arrival, site, claims, self._deps.place_of, wait)
        if found.ruling.refused:
            raise refusal(found.ruling.refused, wait)
        self._limiter.count()
        request.found = found

    def _store(self, request: "_Request") -> None:
        """Store the events, or answer at once where there are none."""
        entries = request.found.entries
        if entries:
            self._deps.journal.put(entries, request.arrival.now, partial(self._stored, request))
        else:
            self._stored(request, None)

    def _stored(self, request: "_Request", error: AskfirstError | None) -> None:
        if error is not None:
            self._refuse(request, error)
            return
        if request.site is not None:
            tally_uncovered(self._deps.tallies, request.site, request.found)
        request.answered(recorded(len(request.found.entries)))

    def _refusal(self, error: AskfirstError, arrival: Arrival, known: Site | None) -> Reply:
        site = known or self._deps.book.by_host(host_of(arrival.origin))
        reason = tallied_as(error.code, arrival.user_agent)
        self._deps.tallies.add(site.id if site else NO_SITE, reason)
        return error_reply(error)


def _parts_of(requests: "list[_Request]") -> "tuple[list[_Request], ...]":
    """Return two halves, or the whole where a half would be too few for a commit of its own."""
    half = len(requests) // 2
    return (requests[:half], requests[half:]) if half >= _FEWEST else (requests,)


class _Request:
    """A request on its way: each step adds what it has found, which the next ones need."""

    __slots__ = ("answered", "arrival", "body", "found", "payload", "site")

    payload: WirePayload
    found: Judged

    def __init__(self, arrival: Arrival, body: bytes, answered: Answered) -> None:
        self.arrival = arrival
        self.body = body
        self.answered = answered
        self.site: Site | None = None


def _hint_headers(header: Callable[..., bytes]) -> tuple[str, ...] | None:
    """Return the client hints, or None where the browser sends none."""
    if not header(_HINTS[0], b"") and not header(_HINTS[2], b""):
        return None
    return tuple(header(name, b"")[:_LONGEST_HINT].decode("latin-1") for name in _HINTS)


def _reply_once(replied: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not replied.done():  # the client may have disconnected
        replied.set_result(reply)
