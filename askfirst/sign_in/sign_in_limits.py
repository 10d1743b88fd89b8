"""Limits tries at passwords: by an address, against an account, and by a known browser."""

from collections.abc import Callable
from dataclasses import dataclass

from askfirst.clock import Clock
from askfirst.errors import TooFast
from askfirst.rate_limits import HOUR_MS, MINUTE_MS, AddressRateLimiter, Limit, Usage
from askfirst.sign_in.client import ClientKey
from askfirst.sign_in.try_limiter import TryLimiter
from askfirst.web.ip_addresses import limit_key, shortened_address

WIDE = 10
"""Times as many wrong passwords as one address may try, that strangers together may try against an
account in a minute before it is guarded."""
GUARDED_TRIES = 3
"""Wrong passwords an hour that guarded accounts accept from each network (IPv4 by 24 bits, IPv6 by
48): strangers keep out nobody at another network, and gain few tries with each network."""


@dataclass(frozen=True)
class Try:
    """A permitted try at a password; `give_back` returns it.

    Call that where the password is right or was not checked: only failures count. The try is
    spent before the check, so that simultaneous tries get no more than consecutive ones.
    """

    client_key: ClientKey
    give_back: Callable[[], None]


class SignInLimits:
    """Decides whether somebody may try a password now.

    A browser that is known to the account has a count of its own: neither strangers who try the
    account nor others at its address hold it up. Once its own count is used up, it counts as a
    stranger. Strangers are counted by address, and with IPv6 also by network.
    """

    def __init__(self, tries_per_minute: int, clock: Clock) -> None:
        self._clock = clock
        self._addresses = AddressRateLimiter(Limit(tries_per_minute, MINUTE_MS))
        self._guarded = AddressRateLimiter(Limit(GUARDED_TRIES, HOUR_MS))
        self._browsers = TryLimiter(tries_per_minute, clock)
        self._accounts = TryLimiter(tries_per_minute * WIDE, clock)

    def take(self, address: str, email: str, browser: str | None) -> Try:
        """Spend a try of an address, or of a known browser; raises `TooFast`."""
        key = limit_key(address) or "unknown"
        if browser is not None and self._browsers.passes(browser):
            return Try(ClientKey(key, known=True), lambda: self._browsers.give_back(browser))
        now = self._clock()
        spent = [_spend(self._addresses, address, now)]
        guarded = not self._accounts.passes(email)
        if guarded:
            spent.append(_spend(self._guarded, shortened_address(address), now))

        def give_back() -> None:
            for one in spent:
                one.add(-1)
            if not guarded:
                self._accounts.give_back(email)

        return Try(ClientKey(shortened_address(address) or key), give_back)


def _spend(limiter: AddressRateLimiter, address: str, now: int) -> Usage:
    usage = limiter.usage_of(address, now)
    if not usage.fits():
        wait = limiter.seconds_left(now)
        raise TooFast("There were too many tries. Wait a little.", retry_after=wait)
    usage.add()
    return usage
