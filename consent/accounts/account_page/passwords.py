"""Passwords of visitors: new ones by the rules, typed ones against an account, with limits."""

import asyncio

from starlette.requests import Request

from askfirst.sign_in.client import ClientKey
from askfirst.sign_in.password_hashes import PasswordHashes
from askfirst.sign_in.passwords import Fault, password_fault
from askfirst.sign_in.sign_in_limits import SignInLimits
from askfirst.sites import Site
from askfirst.web.ip_addresses import address_of, shortened_address
from consent.dependencies import Dependencies

_WORDS: dict[Fault, str] = {
    "short": "account_password_short",
    "long": "account_password_long",
    "own": "account_password_own",
    "easy": "account_password_easy",
}


class Passwords:
    """Checks and hashes passwords; wrong ones are limited by network and by account."""

    def __init__(self, deps: Dependencies) -> None:
        self._hashes = PasswordHashes()
        self._limits = SignInLimits(deps.settings.sign_ins_per_minute, deps.clock)

    async def fits(
        self, request: Request, site: Site, name: str, known: str | None, password: str
    ) -> bool:
        """Return whether a password has a hash, in the same time where there is none.

        `name` is what wrong passwords are counted by, beside the network. Raises `TooFast`, and
        `Unavailable` where too many wait.
        """
        one_try = self._limits.take(address_of(request), f"{site.id}:{name}", None)
        wrong = False
        try:
            wrong = not await self._hashes.fits(known, password, one_try.client_key)
        finally:  # also where so many wait that it was not even looked at
            if not wrong:
                one_try.give_back()
        return not wrong

    async def fault(self, password: str, email: str) -> str:
        """Return the key of the words that say what is wrong with a new password, or ''."""
        fault = await asyncio.to_thread(password_fault, password, email)
        return _WORDS[fault] if fault else ""

    async def hash(self, request: Request, password: str) -> str:
        """Return the argon2id hash of a new password; raises `Unavailable` where too many wait."""
        network = shortened_address(address_of(request)) or "unknown"
        return await self._hashes.hash(password, ClientKey(network))
