"""The gate: pure decisions on what may be recorded; a refusal is a value with its reason."""

from collections.abc import Container

import msgspec

from askfirst.consents import Claims, Reason
from askfirst.events import PURPOSE
from askfirst.sites import Site, host_of
from collector.payload import OLDEST_MS, WireEvent


class Arrival(msgspec.Struct, frozen=True):
    """What the server itself saw of a request. `now` is milliseconds since the epoch."""

    now: int
    origin: str
    ip: str
    user_agent: str
    accept_language: str
    gpc: bool = False


def judge_request(
    arrival: Arrival,
    site: Site | None,
    token: str,
    claims: Claims | None,
    withdrawn: Container[str],
) -> Reason | None:
    """Tell why a request may not be recorded, or None when it may.

    `claims` are those of a token whose signature is right; `withdrawn` holds consent ids.
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
    if claims.policy_version < site.asked_version:
        return Reason.OUTDATED
    if PURPOSE not in claims.purposes:
        return Reason.OTHER_PURPOSE
    return None


def judge_event(event: WireEvent, site: Site, claims: Claims, now: int) -> Reason | None:
    """Tell why one event of an allowed request may not be recorded, or None when it may."""
    if event.age > OLDEST_MS:
        return Reason.TOO_OLD
    if now - event.age < claims.given_at:
        return Reason.BEFORE_CONSENT
    if not site.allows(host_of(event.url)):
        return Reason.BAD_ORIGIN
    return None
