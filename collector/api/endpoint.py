"""The endpoint `POST /api/v1/events`: key, body, gate, journal, answer."""

import asyncio
from functools import lru_cache

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from askfirst.consents import Reason
from askfirst.errors import AskfirstError, BadKey, NotAllowed, TooFast
from askfirst.events import JournalEntry
from askfirst.rate_limits import MINUTE_MS, AddressRateLimiter, Limit
from askfirst.sites import Site
from askfirst.store.ledger.api_keys import ApiKeys, KnownKey
from askfirst.store.ledger.tallies import NO_SITE
from askfirst.web.accept_language import LONGEST_KEPT
from askfirst.web.ip_addresses import address_of, plain_address
from collector.api.payload import ApiPayload, Recorded, read_api_payload
from collector.intake.bodies import read_body
from collector.intake.bot_rules import tallied_as
from collector.intake.endpoint import Dependencies
from collector.intake.gate import Arrival, judge_request
from collector.intake.judging import Judged, judged, refusal, tally_uncovered
from collector.intake.rate_limit import OF_AN_EVENT, by_key

log = structlog.get_logger()

WRONG_KEYS_A_MINUTE = 60
"""Requests with a wrong key from one address; more are not looked up."""
_LONGEST_AGENT = 512
_SCHEME = "bearer "


class EventsApi:
    """Takes the events of backends: what differs from a browser is who says what browser it is.

    The visitor's consent token is asked for and judged like everybody's (law 2).
    """

    def __init__(self, deps: Dependencies, keys: ApiKeys) -> None:
        self._deps = deps
        self._keys = keys
        self._claims_of = lru_cache(maxsize=16_384)(deps.tokens.read_provable)
        self._limiter = by_key(deps.settings)
        self._wrong_keys = AddressRateLimiter(Limit(WRONG_KEYS_A_MINUTE, MINUTE_MS))

    async def answer(self, request: Request) -> Response:
        """Answer one request; events are durable then, and a refusal is counted (laws 7 and 8)."""
        found = _Found()
        try:
            number = await self._record(request, found)
        except AskfirstError as error:
            reason = tallied_as(error.code, found.user_agent)
            self._deps.tallies.add(found.site.id if found.site else NO_SITE, reason)
            return _refused(error)
        except Exception as error:
            log.exception("internal_error", where="api", why=type(error).__name__)
            internal = AskfirstError("Something went wrong here; it is logged.")
            self._deps.tallies.add(found.site.id if found.site else NO_SITE, internal.code)
            return _refused(internal)
        return Response(msgspec.json.encode(Recorded(number)), 202, _HEADERS)

    async def _record(self, request: Request, found: "_Found") -> int:
        if request.method != "POST":
            raise NotAllowed("Events are sent by POST.")
        key = await self._key(request)
        site = found.site = self._deps.book.by_id(key.site_id)
        if site is None:
            raise _no_key()
        if key.is_off:
            raise refusal(Reason.KEY_OFF)
        self._deps.journal.refuse_if_full()
        body = await read_body(request.scope, request.receive, self._deps.settings.max_body_bytes)
        payload = read_api_payload(body, self._deps.settings.max_events_per_request)
        found.user_agent = payload.user_agent[:_LONGEST_AGENT]
        judged = self._judged(payload, site, key, len(body))
        if judged.entries:
            await self._stored(judged.entries)
        tally_uncovered(self._deps.tallies, site, judged)
        return len(judged.entries)

    async def _key(self, request: Request) -> KnownKey:
        """Return the key of a request; raises `BadKey`, and `TooFast` after many wrong ones."""
        address, now = plain_address(address_of(request)), self._deps.clock()
        tries = self._wrong_keys.usage_of(address, now)
        if not tries.fits():
            wait = self._wrong_keys.seconds_left(now)
            raise TooFast("There were too many requests with a wrong key.", retry_after=wait)
        said = request.headers.get("authorization", "")
        secret = said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
        key = await self._keys.find(secret)
        if key is None:
            tries.add()
            raise _no_key()
        return key

    def _judged(self, payload: ApiPayload, site: Site, key: KnownKey, size: int) -> Judged:
        """Return what becomes of the events; raises where the request is refused."""
        arrival = _arrival(payload, self._deps.clock())
        claims = self._claims_of(payload.token) if payload.token else None
        reason = judge_request(arrival, site, payload.token, claims, self._deps.withdrawn)
        if reason or claims is None:
            raise refusal(reason or Reason.NO_CONSENT)
        number = len(payload.events)
        headers = len(arrival.user_agent) + min(len(arrival.accept_language), LONGEST_KEPT)
        size += number * (headers + OF_AN_EVENT)
        wait = self._limiter.wait_for(claims.visitor_id, str(key.id), number, size, arrival.now)
        wire = payload.of_site(site.key)
        found = judged(wire, arrival, site, claims, self._deps.place_of, wait)
        if found.ruling.refused:
            raise refusal(found.ruling.refused, wait)
        self._limiter.count()
        return found

    async def _stored(self, entries: list[JournalEntry]) -> None:
        """Store entries and return when they are durable; raises where they cannot be stored."""
        stored: asyncio.Future[AskfirstError | None] = asyncio.get_running_loop().create_future()

        def on_stored(error: AskfirstError | None) -> None:
            if not stored.done():
                stored.set_result(error)

        self._deps.journal.put(entries, self._deps.clock(), on_stored)
        if error := await stored:
            raise error


class _Found:
    """What is known of a request so far."""

    site: Site | None = None
    user_agent = ""


def _arrival(payload: ApiPayload, now: int) -> Arrival:
    """Return what is known of the visitor's request; its page is the origin of the events."""
    return Arrival(
        now,
        payload.events[0].url,
        plain_address(payload.ip),
        payload.user_agent[:_LONGEST_AGENT],
        payload.accept_language,
        payload.gpc,
        from_browser=False,
    )


_HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def _refused(error: AskfirstError) -> Response:
    headers = {**_HEADERS, **error.headers()}
    if isinstance(error, NotAllowed):
        headers["Allow"] = "POST"
    return Response(msgspec.json.encode(error.body()), error.status, headers)


def _no_key() -> BadKey:
    return BadKey("There is no such key, or it was revoked.")
