"""What the page of an account shows, with a session and without."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.sites import Site
from askfirst.store.ledger.visitor_links import linked_ids
from consent.accounts.account_page.said import NOTHING_SAID, Said
from consent.accounts.accounts import VisitorAccount, VisitorAccounts
from consent.accounts.mails import VisitorMails
from consent.accounts.posted_browser import visitor_of_token
from consent.accounts.sessions import AccountSessions, SignedIn
from consent.dependencies import Dependencies
from consent.http.cookie import ChoiceCookie
from consent.http.language import requested_language
from consent.policy.languages.times import LocalTimes
from consent.policy.my_data_words import filled, words_in
from consent.policy.page_links import LanguageLink, language_links
from consent.policy.wording import wording


@dataclass(frozen=True)
class Frame:
    """What both pages show around their forms."""

    shown: dict[str, Any]
    """The site's wording in force in the page's language."""
    words: Mapping[str, str]
    """The pages' own words in that language."""
    choices: tuple[LanguageLink, ...]
    """The languages of the policy, for the menu."""
    action: str
    """Where the forms are posted to: this page in its language."""


@dataclass(frozen=True)
class MyBrowser:
    """A joined browser: one of its visitor ids, what it is, '' if unknown, and since which day."""

    visitor_id: str
    browser: str
    since: str
    is_this: bool
    """Whether it is the browser that asked for the page, as far as that is shown."""


@dataclass(frozen=True)
class MySession:
    """A session: the name that its form sends, the browser, '' if unknown, and its two days."""

    name: str
    browser: str
    since: str
    seen: str
    is_this: bool


@dataclass(frozen=True)
class MyAccount:
    """What a signed-in visitor sees of the account."""

    email: str
    csrf: str
    has_password: bool
    needs_password: bool
    browsers: tuple[MyBrowser, ...]
    sessions: tuple[MySession, ...]
    ended_by: str = ""
    """Who ended all access the last time, `visitor` or `staff`, else ''."""
    ended: str = ""
    """The day of that."""


@dataclass(frozen=True)
class AccountPage:
    """`account.html`."""

    shown: dict[str, Any]
    words: Mapping[str, str]
    choices: tuple[LanguageLink, ...]
    action: str
    token: str
    """The token of the browser that came from its own page, which signing in joins, or ''."""
    registers_first: bool
    """Whether making an account comes before signing in: no account joins that browser."""
    are_offered: bool
    """Whether new accounts can be made and links sent: the server sends mail."""
    said: Said
    mine: MyAccount | None
    """The account; None where nobody is signed in."""


class AccountPages:
    """Arranges the pages of accounts and answers with them."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._accounts = VisitorAccounts(deps)
        self._sessions = AccountSessions(deps)
        self._mails = VisitorMails(deps)

    async def frame(self, request: Request, site: Site) -> Frame:
        """Return the words of a request's page and its languages."""
        policy = self._deps.book.policy(site)
        shown = await wording(self._deps.book, policy, site, requested_language(request))
        path = f"/account/{site.key}?lang="
        words = filled(
            words_in(shown["language"]),
            name=shown["name"],
            contact=shown["controller"]["contact"],
        )
        choices = language_links(policy, path, shown["language"])
        return Frame(shown, words, choices, path + shown["language"])

    async def answer(
        self,
        request: Request,
        site: Site,
        signed: SignedIn | None,
        said: Said = NOTHING_SAID,
        token: str = "",
    ) -> Response:
        """Answer with the page of who is signed in, or with that on which visitors sign in."""
        frame = await self.frame(request, site)
        here = await self._here(request, site, token)
        context = AccountPage(
            shown=frame.shown,
            words=frame.words,
            choices=frame.choices,
            action=frame.action,
            token=token,
            registers_first=bool(token) and await self._has_no_account(site, here),
            are_offered=self._mails.are_sent,
            said=said,
            mine=await self._mine(site, signed, frame, here) if signed else None,
        )
        template = "consent/accounts/account_page/account.html"
        return self._deps.pages.page(template, context, said.status, {"Cache-Control": "no-store"})

    async def _here(self, request: Request, site: Site, token: str) -> Sequence[str]:
        """Return the visitor ids of the browser that asks, by its token; none where it has none."""
        shown = token or ChoiceCookie(site, self._deps.tokens).read(request)
        visitor_id = await visitor_of_token(self._deps, site, shown)
        async with self._deps.ledger.read() as connection:
            return await linked_ids(connection, site.id, visitor_id) if visitor_id else []

    async def _has_no_account(self, site: Site, here: Sequence[str]) -> bool:
        return await self._accounts.of_visitor(site.id, here) is None

    async def _mine(
        self, site: Site, signed: SignedIn, frame: Frame, here: Sequence[str]
    ) -> MyAccount:
        account = signed.account
        times = LocalTimes(frame.shown["language"], site.time_zone)
        if account.needs_password:
            ended = _ended(account, times)
            return MyAccount("", signed.csrf, False, True, (), (), **ended)
        joined = await self._accounts.joined(account.id)
        living = await self._sessions.living(account.id)

        def arranged() -> MyAccount:
            return MyAccount(
                email=account.email,
                csrf=signed.csrf,
                has_password=account.has_password,
                needs_password=False,
                browsers=tuple(
                    MyBrowser(
                        visitor_id=one.visitor_id,
                        browser=_in_words(one.browser, frame.words),
                        since=times.day(one.joined_at),
                        is_this=one.visitor_id in here,
                    )
                    for one in joined
                ),
                sessions=tuple(
                    MySession(
                        name=one.name,
                        browser=_in_words(one.browser, frame.words),
                        since=times.day(one.created_at),
                        seen=times.day(one.seen_at),
                        is_this=one.name == signed.id_hash.hex(),
                    )
                    for one in living
                ),
                **_ended(account, times),
            )

        return await asyncio.to_thread(arranged)


def _in_words(browser: str, words: Mapping[str, str]) -> str:
    """Return what is stored of a browser, e.g. `Firefox on Linux`, as the page's language has it.

    Names of browsers and systems are the same everywhere; '' where the browser is unknown.
    """
    name, on, system = browser.rpartition(" on ")
    facts = {"browser": name, "os": system}
    return words["account_browser_on"].format_map(facts) if on else browser


def _ended(account: VisitorAccount, times: LocalTimes) -> dict[str, str]:
    """Return by whom and on which day all access was ended the last time."""
    if account.access_ended_at is None:
        return {}
    return {"ended_by": account.access_ended_by, "ended": times.day(account.access_ended_at)}
