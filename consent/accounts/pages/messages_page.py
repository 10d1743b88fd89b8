"""`/account/{site}/messages`: which messages a visitor wants, each off at first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.sign_in.posted_forms import check_csrf
from askfirst.sites import Site
from askfirst.store.ledger.accounts.messages import (
    OWN,
    POLICY,
    choose,
    offered_by,
    read_stop_token,
    turn_off,
    wanted_by,
)
from consent.accounts.accounts import VisitorAccounts
from consent.accounts.pages.frame import PRIVATE, Frame, frame_of, to
from consent.accounts.sessions import AccountSessions, SessionOver, SignedIn
from consent.choice.endpoint import unavailable_on_store_error
from consent.dependencies import Dependencies
from consent.policy.page_links import LanguageLink
from consent.receipts.posted_form import read_form

_FORM_BYTES = 8192
_GONE = 404


@dataclass(frozen=True)
class MessageKind:
    """A kind of messages: its name, what it is called, the owner's words, and whether it is on."""

    kind: str
    label: str
    text: str
    is_on: bool


@dataclass(frozen=True)
class MessagesPage:
    """`messages.html`."""

    shown: dict[str, Any]
    words: Mapping[str, str]
    choices: tuple[LanguageLink, ...]
    action: str
    account: str
    csrf: str
    """The secret of the session, which the form carries."""
    policy: MessageKind
    """News about the policy, which Askfirst sends."""
    own: tuple[MessageKind, ...]
    """What the site sends itself."""
    is_saved: bool
    """Whether it was saved just now."""


@dataclass(frozen=True)
class StopMessagePage:
    """`stop_message.html`: the button behind the link in a message, or that it is off."""

    shown: dict[str, Any]
    words: Mapping[str, str]
    label: str
    """What the message is called; '' for a link that does not work."""
    action: str
    """Where the button is posted to."""
    account: str
    is_on: bool
    """Whether there is anything to turn off."""


class MessagesHandler:
    """Serves the page to who is signed in, and the links in messages to everybody."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._sessions = AccountSessions(deps)
        self._accounts = VisitorAccounts(deps)

    async def show(self, request: Request) -> Response:
        """Answer `GET /account/{site}/messages`."""
        site = self._deps.book.get(request.path_params["site"])
        frame = await frame_of(self._deps, request, site, "messages")
        signed = await self._sessions.signed_in(request, site)
        return await self._page(request, site, signed, frame) if signed else to(frame.account)

    async def save(self, request: Request) -> Response:
        """Answer `POST /account/{site}/messages`: what is ticked is on, all else is off."""
        site = self._deps.book.get(request.path_params["site"])
        form = await read_form(request, _FORM_BYTES)
        frame = await frame_of(self._deps, request, site, "messages")
        signed = await self._sessions.signed_in(request, site)
        if signed is None:
            return to(frame.account)
        check_csrf(form, signed.csrf)
        try:
            async with unavailable_on_store_error():
                await self._save(site, signed, form)
        except SessionOver:
            return to(frame.account)
        saved = to(f"{frame.action}&saved")
        self._sessions.outcomes(site).keep(request, saved)
        return saved

    async def _save(self, site: Site, signed: SignedIn, form: Mapping[str, str]) -> None:
        async with self._sessions.acting(signed) as (connection, account):
            on = await wanted_by(connection, account.id)
            offered = {POLICY, *await offered_by(connection, site.id), *on}
            wanted = {kind for kind in offered if kind in form}
            await choose(connection, account.id, wanted, self._deps.clock())

    async def ask_to_stop(self, request: Request) -> Response:
        """Answer `GET /account/{site}/messages/{token}`: nothing is turned off by it.

        Mail programs and scanners open links.
        """
        return await self._stop_page(request)

    async def stop(self, request: Request) -> Response:
        """Answer `POST /account/{site}/messages/{token}`, also of a mail program (RFC 8058).

        Whoever has the link may turn this message off and nothing else, so that the form is not
        checked for where it comes from.
        """
        site = self._deps.book.get(request.path_params["site"])
        if named := await self._named(request, site):
            async with unavailable_on_store_error(), self._deps.ledger.write() as connection:
                await turn_off(connection, *named)
        return await self._stop_page(request)

    async def _named(self, request: Request, site: Site) -> tuple[str, str] | None:
        """Return account and kind of a link; None where it is not of this site."""
        named = read_stop_token(self._deps.sealing, request.path_params["token"])
        account = await self._accounts.by_id(named[0]) if named else None
        return named if account is not None and account.site_id == site.id else None

    async def _stop_page(self, request: Request) -> Response:
        site = self._deps.book.get(request.path_params["site"])
        named = await self._named(request, site)
        token = request.path_params["token"] if named else ""
        frame = await frame_of(self._deps, request, site, f"messages/{token}")
        is_on = False
        if named:
            async with self._deps.ledger.read() as connection:
                is_on = named[1] in await wanted_by(connection, named[0])
        context = StopMessagePage(
            shown=frame.shown,
            words=frame.words,
            label=frame.words[f"message_{named[1]}"] if named else "",
            action=frame.action,
            account=frame.account,
            is_on=is_on,
        )
        template = "consent/accounts/pages/stop_message.html"
        return self._deps.pages.page(template, context, 200 if named else _GONE, PRIVATE)

    async def _page(self, request: Request, site: Site, signed: SignedIn, frame: Frame) -> Response:
        async with self._deps.ledger.read() as connection:
            on = await wanted_by(connection, signed.account.id)
            offered = await offered_by(connection, site.id)
        words, outcomes = frame.words, self._sessions.outcomes(site)
        is_saved = outcomes.led_to(request)
        kinds = [kind for kind in OWN if kind in offered or kind in on]
        context = MessagesPage(
            shown=frame.shown,
            words=words,
            choices=frame.choices,
            action=frame.action,
            account=frame.account,
            csrf=signed.csrf,
            policy=MessageKind(POLICY, words["message_policy"], "", POLICY in on),
            own=tuple(
                MessageKind(kind, words[f"message_{kind}"], offered.get(kind, ""), kind in on)
                for kind in kinds
            ),
            is_saved=is_saved,
        )
        template = "consent/accounts/pages/messages.html"
        response = self._deps.pages.page(template, context, headers=PRIVATE)
        if is_saved:
            outcomes.take_back(request, response)
        return response
