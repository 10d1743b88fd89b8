"""The page behind the link in every mail that stops it: a button, and no account is needed.

Mail programs post to the same address for their own button (RFC 8058), so that the form is not
checked for where it comes from: whoever has the link may stop the mail, and nothing else.
"""

import hashlib
from dataclasses import dataclass

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from reports.dependencies import Dependencies
from reports.mail.kinds import NAMES
from reports.mail.subscriptions import Subscription, Subscriptions
from reports.shell import Shell
from reports.staff.guard import private

_SALT = "askfirst mail stop"
_DIGITS = 12


@dataclass(frozen=True)
class StopPage:
    """`stop.html`: the button that stops a mail, or that it is stopped."""

    shell: Shell
    name: str
    """What the mail is called: Daily report."""
    site_name: str
    """The site that it is about."""
    is_stopped: bool
    """Whether it is stopped."""
    href: str
    """The page on which it is turned on again."""


class StopHandler:
    """Serves `/mail/stop/TOKEN`."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._subscriptions = Subscriptions(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/mail/stop/{token}"
        return [
            Route(path, self._page, methods=["GET"]),
            Route(path, self._stop, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        return self._shown(await self._named(request))

    async def _stop(self, request: Request) -> Response:
        one = await self._named(request)
        await self._subscriptions.stop(one.id)
        return self._shown(await self._named(request))

    async def _named(self, request: Request) -> Subscription:
        """Return the subscription of the address; raises `NotFound`."""
        number = read_stop_token(self._deps.mail_key, request.path_params["token"])
        one = await self._subscriptions.by_id(number) if number else None
        if one is None:
            raise NotFound("There is no such mail.")
        return one

    def _shown(self, one: Subscription) -> Response:
        site = next(site for site in self._deps.book.all() if site.id == one.site_id)
        context = StopPage(
            shell=Shell("Stop a mail"),
            name=NAMES[one.what],
            site_name=site.name,
            is_stopped=one.stopped_at is not None,
            href=f"/sites/{site.key}/mail",
        )
        answer = self._deps.pages.page("reports/mail/stop.html", context)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return private(answer)


def stop_token(key: bytes, number: int) -> str:
    """Return what a link names a subscription by."""
    return _signer(key).sign(str(number)).decode()


def read_stop_token(key: bytes, token: str) -> int | None:
    """Return the number of the subscription, None for what was not signed with the key."""
    try:
        number = _signer(key).unsign(token.encode("utf-8", "surrogateescape"))
    except BadSignature:
        return None
    return int(number) if number.isdigit() and len(number) <= _DIGITS else None


def _signer(key: bytes) -> Signer:
    return Signer(key, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)
