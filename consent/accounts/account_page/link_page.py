"""`/account/{site}/link`: what the link of a mail opens.

Opening it does nothing, for programs that check mails open links too; its button does it, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from askfirst.sign_in.posted_forms import check_same_origin
from askfirst.sites import Site
from consent.accounts.account_page.arrivals import Arrivals
from consent.accounts.account_page.context import AccountPages
from consent.accounts.account_page.passwords import Passwords
from consent.accounts.account_page.said import BAD_INPUT
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.entrance import Entrance
from consent.accounts.links import AccountLinks, Link
from consent.accounts.opened_links import LinkIsOver, OpenedLinks, Opener
from consent.accounts.posted_browser import AskingBrowser
from consent.accounts.sessions import AccountSessions
from consent.choice.endpoint import unavailable_on_store_error
from consent.dependencies import Dependencies
from consent.receipts.posted_form import read_form

_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "strict-origin"}
"""No referrer has the code, and the form still says where it comes from."""
GONE = 410


@dataclass(frozen=True)
class LinkPage:
    """`link.html`."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The page's own words in that language."""
    action: str
    """Where the form is posted to: this page in its language, without the code."""
    account: str
    """The page on which visitors sign in, in that language."""
    what: str
    """What the link does; `bad` where it does nothing, `half` and `moved` after a change."""
    code: str
    """What the form carries on as proof, or ''."""
    asks_password: bool
    """Whether the password is to be typed that was chosen when the account was made."""
    of_email: str
    """The address of the account, of which only the first letter and the host are shown, or ''."""
    joins: Literal["", "this", "other"]
    """Whether this browser joins the account, or `other`: it was asked for in another, which does
    not; '' where no browser was shown when it was asked for."""
    error_key: str
    """The key of the words that say what is wrong with a password, or ''."""


class LinkPageHandler:
    """Serves `/account/{site}/link`."""

    def __init__(
        self,
        deps: Dependencies,
        pages: AccountPages,
        arrivals: Arrivals,
        entrance: Entrance,
        passwords: Passwords,
    ) -> None:
        self._deps = deps
        self._pages = pages
        self._arrivals = arrivals
        self._passwords = passwords
        self._accounts = VisitorAccounts(deps)
        self._links = AccountLinks(deps)
        self._sessions = AccountSessions(deps)
        self._browsers = AskingBrowser(deps)
        self._opened = OpenedLinks(deps, entrance)

    async def show(self, request: Request) -> Response:
        """Answer `GET /account/{site}/link` with a button; nothing is done."""
        site = self._deps.book.get(request.path_params["site"])
        code = request.query_params.get("code", "")
        return await self._page(request, site, await self._read(site, code), code)

    async def press(self, request: Request) -> Response:
        """Answer `POST /account/{site}/link`: do what the link does, once."""
        site = self._deps.book.get(request.path_params["site"])
        # a form of another website could sign a visitor in to an account of theirs
        check_same_origin(request, self._deps.settings)
        form = await read_form(request, self._deps.settings.max_body_bytes)
        code = form.get("code", "")
        link = await self._read(site, code)
        if link is None:
            return await self._page(request, site, None, "")
        try:
            async with unavailable_on_store_error():
                return await self._done(request, site, link, form)
        except LinkIsOver:
            return await self._page(request, site, None, "")

    async def _read(self, site: Site, code: str) -> Link | None:
        async with self._deps.ledger.read() as connection:
            return await self._links.read(connection, site, code)

    async def _done(
        self, request: Request, site: Site, link: Link, form: Mapping[str, str]
    ) -> Response:
        if link.what in ("old_email", "new_email"):
            moved = await self._opened.move(site, link, await self._opener(request, site))
            return await self._page(request, site, None, "", what="moved" if moved else "half")
        if error := await self._wrong(request, site, link, form):
            return await self._page(request, site, link, form["code"], error=error)
        secret = await self._signed_in(request, site, link, form)
        said = {"confirm": "confirmed", "password": "password"}.get(link.what, "")
        return await self._arrivals.entered(request, site, secret, said)

    async def _opener(self, request: Request, site: Site) -> Opener:
        signed = await self._sessions.signed_in(request, site, before_password=True)
        return Opener(
            browser=await self._arrivals.browser(request),
            visitor_id=await self._browsers.visitor(request, site),
            session=signed.id_hash if signed else b"",
        )

    async def _wrong(
        self, request: Request, site: Site, link: Link, form: Mapping[str, str]
    ) -> str:
        """Return the key of the words that say what is wrong with a typed password, or ''."""
        if link.what == "password":
            account = await self._accounts.by_id(link.account_id)
            email = account.email if account else ""
            return await self._passwords.fault(form.get("new_password", ""), email)
        known = link.detail.password_hash
        if link.what != "confirm" or not known:
            return ""
        name, typed = link.code_hash.hex(), form.get("password", "")
        fits = await self._passwords.fits(request, site, name, known, typed)
        return "" if fits else "account_password_no_fit"

    async def _signed_in(
        self, request: Request, site: Site, link: Link, form: Mapping[str, str]
    ) -> str:
        opener = await self._opener(request, site)
        if link.what == "confirm":
            return await self._opened.confirm(link, opener)
        if link.what == "sign_in":
            return await self._opened.sign_in(link, opener)
        hashed = await self._passwords.hash(request, form.get("new_password", ""))
        return await self._opened.set_password(site, link, hashed, opener)

    async def _page(
        self,
        request: Request,
        site: Site,
        link: Link | None,
        code: str,
        *,
        what: str = "bad",
        error: str = "",
    ) -> Response:
        frame = await self._pages.frame(request, site)
        language = frame.shown["language"]
        context = LinkPage(
            shown=frame.shown,
            words=frame.words,
            action=f"/account/{site.key}/link?lang={language}",
            account=frame.action,
            what=link.what if link else what,
            code=code if link else "",
            asks_password=bool(link and link.what == "confirm" and link.detail.password_hash),
            of_email=await self._of_email(link),
            joins=await self._joins(request, site, link),
            error_key=error,
        )
        status = BAD_INPUT if error else GONE if context.what == "bad" else 200
        template = "consent/accounts/account_page/link.html"
        return self._deps.pages.page(template, context, status, _PRIVATE)

    async def _of_email(self, link: Link | None) -> str:
        """Return the address of a link's account, as far as the page shows it."""
        account = await self._accounts.by_id(link.account_id) if link else None
        return masked(account.email) if account else ""

    async def _joins(
        self, request: Request, site: Site, link: Link | None
    ) -> Literal["", "this", "other"]:
        if link is None or not link.detail.visitor_id:
            return ""
        shown = await self._browsers.visitor(request, site)
        return "this" if shown == link.detail.visitor_id else "other"


def masked(email: str) -> str:
    """Return an address with the first letter of its mailbox alone: `m…@example.org`."""
    mailbox, _, host = email.rpartition("@")
    return f"{mailbox[:1]}\N{HORIZONTAL ELLIPSIS}@{host}"
