"""How often passwords may be tried: by an address, against an account, and by a known browser."""

from dataclasses import dataclass

from reports.comers import Comer
from reports.throttle import Throttle

WIDE = 10
"""How many times more wrong passwords an account takes a minute, from all strangers together, than
one address may try: a stranger locks nobody out, and many strangers are still slowed down."""


@dataclass(frozen=True)
class Try:
    """A try at a password that may be made; `count` and `name` say where it was spent."""

    comer: Comer
    count: Throttle
    name: str

    def give_back(self) -> None:
        """Give the try back: failures alone count against an account or a browser."""
        self.count.give_back(self.name)


class SignInLimits:
    """Says who may try a password now.

    A browser that is known to the account has a count of its own and is held up neither by what
    strangers do to the account nor by who else comes from its address; once its own count is used
    up, it is a stranger.
    """

    def __init__(self, tries_per_minute: int) -> None:
        self._addresses = Throttle(tries_per_minute)
        self._browsers = Throttle(tries_per_minute)
        self._accounts = Throttle(tries_per_minute * WIDE)

    def take(self, key: str, email: str, browser: str | None) -> Try:
        """Spend a try of an address's `key`, or of a known browser; raises `TooFast`."""
        if browser is not None and self._browsers.passes(browser):
            return Try(Comer(key, known=True), self._browsers, browser)
        self._addresses.take(key)
        self._accounts.take(email)
        return Try(Comer(key), self._accounts, email)
