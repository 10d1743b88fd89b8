"""The form that asks for the password of a share link, and the limits of tries at it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from askfirst.sign_in.client import ClientKey, key_of
from askfirst.sign_in.posted_forms import check_same_origin
from askfirst.sign_in.try_limiter import TryLimiter
from reports.authentication.accounts import Account
from reports.dependencies import Dependencies
from reports.http.forms import read_form
from reports.saved.share_links import ShareLink
from reports.sharing.passed import PassedBrowsers
from reports.shell import Shell
from reports.staff.guard import Guard, private

WRONG = "This is not the password of this report."
WIDE = 10
"""Times as many tries as one address has, that all together have against a link in a minute."""
UNAUTHORIZED = 401


@dataclass(frozen=True)
class SharePasswordPage:
    """`share_password.html`: the form for the password of a share link."""

    shell: Shell
    action: str
    """Where the form is sent: the address of the link."""
    error: str
    """Why the last try failed, or ''."""


class PasswordHandler:
    """Asks for passwords of share links; they are stored and checked as those of accounts are."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._passed = PassedBrowsers(deps.settings, deps.clock)
        tries = deps.settings.sign_ins_per_minute
        self._addresses = TryLimiter(tries, deps.clock)
        self._of_links = TryLimiter(tries * WIDE, deps.clock)

    def has_passed(self, request: Request, link: ShareLink) -> bool:
        """Return whether the password was typed in this browser within the last hours."""
        return self._passed.has(request, link)

    def form(self, request: Request, _link: ShareLink, error: str = "") -> Response:
        """Answer with the form.

        The page's address is told to this server alone, and not to nobody: without a referrer
        browsers do not say either where a form comes from, over plain HTTP.
        """
        context = SharePasswordPage(Shell("Password"), request.scope["path"], error)
        status = UNAUTHORIZED if error else 200
        answer = self._deps.pages.page("reports/sharing/share_password.html", context, status)
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        return private(answer)

    async def post(self, request: Request, link: ShareLink) -> Response:
        """Check the password of a posted form; raises `TooFast` after too many tries."""
        check_same_origin(request, self._deps.settings)
        typed = (await read_form(request)).get("password", "")
        key = key_of(request)
        self._addresses.take(key)
        self._of_links.take(str(link.id))
        stored = Account(0, "", link.password_hash)
        if not await self._guard.accounts.fits(stored, typed, ClientKey(key)):
            return self.form(request, link, WRONG)
        self._addresses.give_back(key)
        self._of_links.give_back(str(link.id))
        answer = RedirectResponse(request.scope["path"], 303)
        self._passed.set_cookie(request, answer, link)
        return private(answer)
