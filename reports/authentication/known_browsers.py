"""Browsers in which somebody has signed in before, known by a signed cookie of an account.

OWASP calls it a device cookie: such a browser has its own count of wrong passwords, so that
strangers who use up the account's count lock out nobody who has signed in here before.
"""

import secrets

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response

from askfirst.clock import DAY_MS, Clock
from askfirst.settings import Settings
from askfirst.sign_in.cookies import PrivateCookie
from reports.authentication.accounts import Account

LIFE_DAYS = 180
_SALT = "askfirst known browser"


class KnownBrowsers:
    """Sets the cookie of known browsers and reads it.

    The key of the signature is the account's password hash, which is random and never leaves the
    ledger: a new password ends every cookie of the account.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._cookie = PrivateCookie("askfirst_browser", LIFE_DAYS * DAY_MS // 1000, settings)

    def set_cookie(self, request: Request, response: Response, account: Account) -> None:
        """Make a browser known to an account, under a new random name each time."""
        facts = f"{account.id}.{self._clock()}.{secrets.token_urlsafe(12)}"
        self._cookie.set_cookie(request, response, _signer(account).sign(facts).decode())

    def name(self, request: Request, account: Account) -> str | None:
        """Return the random name of a browser that is known to an account, or None."""
        try:
            signed = _signer(account).unsign(self._cookie.read(request)).decode()
        except BadSignature:
            return None
        whose, made_at, name = signed.split(".")
        fresh = self._clock() - int(made_at) < LIFE_DAYS * DAY_MS
        return name if fresh and whose == str(account.id) else None


def _signer(account: Account) -> Signer:
    return Signer(account.password_hash, salt=_SALT, key_derivation="hmac")
