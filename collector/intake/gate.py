"""The gate: the one file that decides which events are recorded, and why others are not.

Its functions are pure: what has to be looked up or counted is passed in as a value, and a refusal
is a value with its reason. Whether there is room for what it takes is decided in `admission.py`.
"""

from collections.abc import Container, Sequence

import msgspec

from askfirst.consents import Claims, Reason
from askfirst.events import PURPOSE
from askfirst.sites import Site, host_of
from askfirst.web.recorded_urls import web_host
from collector.intake.payload import OLDEST_MS
from collector.intake.wire_events import WireEvent


class Arrival(msgspec.Struct, frozen=True):
    """What the server itself sees of a request. `now` is milliseconds since the epoch."""

    now: int
    origin: str
    ip: str
    user_agent: str
    accept_language: str
    """The header as it came; how much of it is kept is decided for an event that is taken."""
    gpc: bool = False
    hint_headers: tuple[str, ...] | None = None
    """The client hints of the browser, in the order of `HEADERS` in `agents/hints.py`."""
    prefetch: bool = False
    """Whether the browser says that it fetches ahead, when nobody may see the page."""
    from_browser: bool = True
    """Whether the user agent is that of what sent the events: a site's backend may not tell it."""


def judge_request(
    arrival: Arrival,
    site: Site | None,
    token: str,
    claims: Claims | None,
    withdrawn: Container[str],
) -> Reason | None:
    """Return why a request may not be recorded, or None when it may.

    `claims` are those of a token with a valid signature; `withdrawn` contains consent ids.
    """
    if site is None:
        return Reason.UNKNOWN_SITE
    if not site.allows(host_of(arrival.origin)):
        return Reason.BAD_ORIGIN
    if claims is None:
        return Reason.BAD_TOKEN if token else Reason.NO_CONSENT
    if arrival.gpc and not claims.gpc:
        return Reason.SIGNAL
    return _judge_consent(claims, site, withdrawn, arrival.now)


def _judge_consent(
    claims: Claims, site: Site, withdrawn: Container[str], now: int
) -> Reason | None:
    if claims.site_id != site.id:
        return Reason.OTHER_SITE
    if claims.consent_id in withdrawn:
        return Reason.WITHDRAWN
    if now >= claims.valid_until:
        return Reason.EXPIRED
    if claims.policy_version < site.min_policy_version:
        return Reason.OUTDATED
    if PURPOSE not in claims.purposes:
        return Reason.OTHER_PURPOSE
    return None


class Ruling(msgspec.Struct, frozen=True):
    """The decision on a request's events: all of them refused, or `taken` except for some.

    `left_out` are those that the consent does not cover (`OTHER_PURPOSE`). `wait` is the number of
    seconds after which events that came too fast may be sent again.
    """

    refused: Reason | None = None
    taken: Sequence[WireEvent] = ()
    left_out: Sequence[WireEvent] = ()
    wait: int = 0


def judge_events(  # noqa: PLR0913 - every fact that counts is named
    events: Sequence[WireEvent],
    site: Site,
    claims: Claims,
    now: int,
    *,
    declared_bot: bool,
    kinds: Container[str],
    wait: int,
) -> Ruling:
    """Decide on the events of a request that `judge_request` allows.

    `declared_bot` says whether the sender names itself as a crawler, which cannot have said yes;
    `kinds` are the kinds of events that the consent covers; `wait` is 0 unless events come too
    fast. The first reason in this order refuses all the events: bot, a reason of one event
    (`judge_event`), too fast.
    """
    if declared_bot:
        return Ruling(Reason.BOT)
    for event in events:
        if reason := judge_event(event, site, claims, now):
            return Ruling(reason)
    if wait:
        return Ruling(Reason.TOO_FAST, wait=wait)
    taken = [event for event in events if event.kind in kinds]
    if len(taken) == len(events):
        return Ruling(taken=taken)
    return Ruling(taken=taken, left_out=[event for event in events if event.kind not in kinds])


def judge_event(event: WireEvent, site: Site, claims: Claims, now: int) -> Reason | None:
    """Return why one event of an allowed request may not be recorded, or None when it may.

    Its page is on a host of the site as it is recorded: `https://evil.test\\@example.org` is on
    `evil.test`, as browsers read it.
    """
    if event.age > OLDEST_MS:
        return Reason.TOO_OLD
    if now - event.age < claims.given_at:
        return Reason.BEFORE_CONSENT
    if not site.allows(web_host(event.url)):
        return Reason.BAD_ORIGIN
    return None
