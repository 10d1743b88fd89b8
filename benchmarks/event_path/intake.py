"""The steps before the journal: JSON, signature and gate, in this process."""

import asyncio
import itertools
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from askfirst.consents import Claims, Tokens
from askfirst.settings import Settings
from askfirst.sites import Site
from benchmarks.load.generated_events import ADDRESS, AGENT, event_id, journal_entry
from benchmarks.load.serving import add_site, consenting
from benchmarks.load.timing import Timing, timed
from collector.enrichment.enrich import client_of
from collector.intake.bot_rules import is_declared_bot
from collector.intake.column_filter import column_filter_of
from collector.intake.gate import Arrival, judge_events, judge_request
from collector.intake.payload import read_payload
from collector.intake.rate_limit import EventRateLimiter
from server.services import open_services

_AGAIN = 200
_MANY = 10
_NOT_SEEN = 2000
_UNLIMITED = Settings(
    events_per_minute=10**12,
    address_events_per_minute=10**12,
    address_bytes_per_minute=10**12,
)


def intake_stations(folder: Path, seconds: float) -> dict[str, Timing]:
    """Time the steps from the body to the journal entry, in a data folder of their own."""
    site, tokens, claims, now = asyncio.run(_prepared(folder))
    token = tokens.sign(claims)
    known = lru_cache(tokens.read_provable)
    one, ten = _body(site, token, 1), _body(site, token, _MANY)
    entry = journal_entry(1, now)
    works: dict[str, tuple[Callable[[], object], int]] = {
        "decoding": (lambda: read_payload(one, 50), 1),
        "decoding_ten": (lambda: read_payload(ten, 50), _MANY),
        "signature_new": (_new_tokens(tokens, claims), 1),
        "signature_known": (lambda: known(token), 1),
        "gate": (_gate(site, claims, one, now), 1),
        "agent_new": (_new_agents(), 1),
        "encoding": (lambda: msgspec.json.encode(entry), 1),
    }
    return {name: timed(work, seconds, of, _AGAIN) for name, (work, of) in works.items()}


async def _prepared(folder: Path) -> tuple[Site, Tokens, Claims, int]:
    async with open_services(Settings(data_folder=folder)) as services:
        site = await add_site(services)
        return site, services.tokens, await consenting(services, site), services.clock()


def _body(site: Site, token: str, events: int) -> bytes:
    view = {"kind": "page_view", "age": 0, "url": ADDRESS, "referrer": "https://example.org/"}
    written: list[dict[str, Any]] = [{"id": event_id(n), **view} for n in range(events)]
    return msgspec.json.encode({"site": site.key, "token": token, "events": written})


def _new_tokens(tokens: Tokens, claims: Claims) -> Callable[[], object]:
    signed = [
        tokens.sign(msgspec.structs.replace(claims, visitor_id=f"{n:032x}"))
        for n in range(_NOT_SEEN)
    ]
    following = itertools.cycle(signed)
    return lambda: tokens.read_provable(next(following))


def _gate(site: Site, claims: Claims, body: bytes, now: int) -> Callable[[], object]:
    """Return the gate's decision as the intake makes it, a second after the consent."""
    arrival = Arrival(now + 1000, "https://example.org", "192.0.2.1", AGENT, "en-GB,en;q=0.8")
    events, size = read_payload(body, 50).events, len(body)
    columns = column_filter_of(claims, site)
    limiter, withdrawn = EventRateLimiter(_UNLIMITED), frozenset[str]()

    def judge() -> None:
        refused = judge_request(arrival, site, "token", claims, withdrawn)
        ruling = judge_events(
            events,
            site,
            claims,
            arrival.now,
            declared_bot=is_declared_bot(AGENT),
            kinds=columns.kinds,
            wait=limiter.wait_for(claims.visitor_id, arrival.ip, 1, size, arrival.now),
        )
        if refused or ruling.refused:
            raise AssertionError(refused or ruling.refused)

    return judge


def _new_agents() -> Callable[[], object]:
    numbers = itertools.count()
    return lambda: client_of(f"{AGENT} {next(numbers)}")
