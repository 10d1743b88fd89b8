"""`POST /event`: bytes, payload, gate, journal, answer; nothing slow happens here."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
import structlog
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from askfirst.clock import Clock, http_date
from askfirst.consents import REASON_SENTENCES, Claims, Reason, Tokens
from askfirst.errors import AskfirstError, Malformed, NotAllowed, Refused, TooFast, TooLarge
from askfirst.events import JournalEntry
from askfirst.privacy_control import global_privacy_control
from askfirst.settings import Settings
from askfirst.sites import Site, host_of
from askfirst.store.site_book import SiteBook
from askfirst.store.tallies import NO_SITE, Tallies
from askfirst.store.withdrawn import Withdrawn
from collector.coverage import Coverage, campaign_only, coverage_of
from collector.enrich import client_of, shown_ip
from collector.gate import Arrival, judge_event, judge_request
from collector.journal import Journal
from collector.pace import Pace
from collector.payload import WireEvent, WirePayload, read_payload

log = structlog.get_logger()

_HEADERS = [
    (b"content-type", b"application/json"),
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]
_ERROR_HEADERS = [*_HEADERS, (b"access-control-expose-headers", b"retry-after")]


@dataclass(frozen=True)
class Parts:
    """What the collector is handed by the front door."""

    settings: Settings
    clock: Clock
    book: SiteBook
    tokens: Tokens
    withdrawn: Withdrawn
    journal: Journal
    tallies: Tallies
    country_of: Callable[[str], str]
    """The country of an address, e.g. `GB`, or ''."""


class Intake:
    """The endpoint as a bare ASGI application, which costs half of what a routed one does."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._most_bytes = parts.settings.max_body_bytes
        self._most_events = parts.settings.max_events_per_request
        self._claims_of = lru_cache(maxsize=16_384)(parts.tokens.read_provable)
        self._pace = Pace(parts.settings.events_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever is refused is tallied by its reason."""
        if scope["method"] != "POST":
            await _answer_error(send, NotAllowed("Events are sent by POST."))
            return
        arrival = self._arrival(scope)
        asked: list[Site] = []  # the site that the body names, once it is read
        try:
            body = await _read_body(scope, receive, self._most_bytes)
            recorded = await self._take(arrival, body, asked)
        except AskfirstError as error:
            await self._refuse(send, error, arrival, asked)
        except Exception as error:
            log.exception("fault", why=type(error).__name__)
            await _answer_error(send, AskfirstError("Something went wrong here; it is logged."))
        else:
            await _answer(send, 202, _HEADERS, b'{"recorded":%d}' % recorded)

    def _arrival(self, scope: Scope) -> Arrival:
        header = dict(scope["headers"]).get
        client = scope.get("client")
        return Arrival(
            self._parts.clock(),
            header(b"origin", b"").decode("latin-1"),
            _address(client[0] if client else ""),
            header(b"user-agent", b"").decode("latin-1")[:512],
            header(b"accept-language", b"").decode("latin-1")[:256],
            header(b"sec-gpc") is not None and global_privacy_control(Headers(scope=scope)),
        )

    async def _take(self, arrival: Arrival, body: bytes, asked: list[Site]) -> int:
        payload = read_payload(body, self._most_events)
        site = self._parts.book.find(payload.site)
        asked.extend([site] if site else [])
        claims = self._claims_of(payload.token) if payload.token else None
        reason = judge_request(arrival, site, payload.token, claims, self._parts.withdrawn)
        if reason or site is None or claims is None:
            raise _refused(reason or Reason.UNKNOWN_SITE)
        if client_of(arrival.user_agent).bot:
            raise _refused(Reason.BOT)
        entries = self._entries(payload, site, claims, arrival)
        if wait := self._pace.wait_for(claims.visitor_id, len(entries), arrival.now):
            raise TooFast(REASON_SENTENCES[Reason.TOO_FAST], retry_after=wait)
        if entries:
            await self._parts.journal.append(entries, arrival.now)
        return len(entries)

    def _entries(
        self, payload: WirePayload, site: Site, claims: Claims, arrival: Arrival
    ) -> list[JournalEntry]:
        for event in payload.events:
            if reason := judge_event(event, site, claims, arrival.now):
                raise _refused(reason)
        coverage = coverage_of(claims, site)
        taken = self._covered(payload.events, site, coverage)
        country = self._parts.country_of(arrival.ip)
        entries = (_entry(event, site, claims, arrival, country) for event in taken)
        return [coverage.minimized(entry, site.hosts) for entry in entries]

    def _covered(self, events: list[WireEvent], site: Site, coverage: Coverage) -> list[WireEvent]:
        if coverage.takes_clicks:
            return events
        taken = [event for event in events if event.kind != "link_click"]
        if len(taken) < len(events):
            self._parts.tallies.add(site.id, Reason.OTHER_PURPOSE, len(events) - len(taken))
        return taken

    async def _refuse(
        self, send: Send, error: AskfirstError, arrival: Arrival, asked: list[Site]
    ) -> None:
        site = asked[0] if asked else self._parts.book.by_host(host_of(arrival.origin))
        self._parts.tallies.add(site.id if site else NO_SITE, error.code)
        await _answer_error(send, error)


def _refused(reason: Reason) -> Refused:
    return Refused(reason, REASON_SENTENCES[reason])


def _shown(url: str, site: Site) -> str:
    """Cut the query of an address within the site, for the same reason."""
    return url.partition("?")[0] if "?" in url and site.allows(host_of(url)) else url


def _entry(
    event: WireEvent, site: Site, claims: Claims, arrival: Arrival, country: str
) -> JournalEntry:
    """Make an entry; the address is shortened here, by the policy that lets the event in."""
    return JournalEntry(
        event_id=event.id,
        site_id=claims.site_id,
        visitor_id=claims.visitor_id,
        consent_id=claims.consent_id,
        policy_version=claims.policy_version,
        kind=event.kind,
        happened_at=arrival.now - event.age,
        url=campaign_only(event.url),
        referrer=_shown(event.referrer, site),
        link_url=_shown(event.link_url or "", site),
        link_kind=event.link_kind or "",
        ip=shown_ip(arrival.ip, site.ip_mode),
        user_agent=arrival.user_agent,
        accept_language=arrival.accept_language,
        country=country,
    )


@lru_cache(maxsize=16_384)
def _address(text: str) -> str:
    """Give an address in its plain form, or '' for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


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


async def _answer_error(send: Send, error: AskfirstError) -> None:
    headers = [(k.lower().encode(), v.encode()) for k, v in error.headers().items()]
    body = msgspec.json.encode(error.body())
    await _answer(send, error.status, [*_ERROR_HEADERS, *headers], body)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    own = ((b"content-length", b"%d" % len(body)), (b"date", http_date().encode()))
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *own]}
    await send(start)
    await send({"type": "http.response.body", "body": body})
