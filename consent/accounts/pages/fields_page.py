"""`/account/{site}/fields`: what a visitor volunteers to the site, each field optional."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from askfirst.errors import Malformed
from askfirst.sign_in.posted_forms import check_csrf
from askfirst.sites import Site
from askfirst.store.ledger.accounts.fields import FIELDS, asked_of, keep_field, volunteered
from consent.accounts.fields import ANSWERS, LINES, LONGEST, Typed, read_typed
from consent.accounts.pages.frame import BAD_INPUT, PRIVATE, Frame, frame_of, to
from consent.accounts.pages.looks import AccountLook, looks_at
from consent.accounts.sessions import AccountSessions, SessionOver, SignedIn
from consent.choice.endpoint import unavailable_on_store_error
from consent.dependencies import Dependencies
from consent.policy.page_links import LanguageLink
from consent.receipts.posted_form import read_form

_FORM_BYTES = 65_536
_FORM_FIELDS = 16
_NOTHING_TYPED = Typed({}, {})
_COMPLETIONS = {
    "name": "name",
    "address": "street-address",
    "telephone": "tel",
    "postal_code": "postal-code",
    "gender": "sex",
}
"""What browsers may fill in, by field."""


@dataclass(frozen=True)
class AskedEntry:
    """A field of the form: its label, why it is asked, what it holds, and what is wrong."""

    field: str
    label: str
    reason: str
    value: str
    problem: str
    is_unreadable: bool
    """Whether it holds a value that this server's key does not open."""
    answers: Mapping[str, str]
    """The answers to choose from, in words; none where it is typed."""
    longest: int
    """How many characters it takes."""
    has_lines: bool
    autocomplete: str


@dataclass(frozen=True)
class OldEntry:
    """What an account still has though the site no longer asks for it."""

    field: str
    label: str
    value: str | None
    """What was typed; None where this server's key does not open it."""


@dataclass(frozen=True)
class FieldsPage:
    """`fields.html`."""

    shown: dict[str, Any]
    words: Mapping[str, str]
    choices: tuple[LanguageLink, ...]
    action: str
    account: str
    csrf: str
    """The secret of the session, which the forms carry."""
    asked: tuple[AskedEntry, ...]
    """The fields that the site asks for."""
    old: tuple[OldEntry, ...]
    """What was volunteered before and is no longer asked."""
    looks: tuple[AccountLook, ...]
    """Who opened it, newest first."""
    is_saved: bool
    """Whether it was saved just now."""


class FieldsHandler:
    """Serves the page and its forms to who is signed in; others are sent to sign in."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps
        self._sessions = AccountSessions(deps)

    async def show(self, request: Request) -> Response:
        """Answer `GET /account/{site}/fields`."""
        site = self._deps.book.get(request.path_params["site"])
        frame = await frame_of(self._deps, request, site, "fields")
        signed = await self._sessions.signed_in(request, site)
        if signed is None:
            return to(frame.account)
        return await self._page(request, site, signed, frame)

    async def act(self, request: Request) -> Response:
        """Answer `POST /account/{site}/fields`: save all fields, or remove one."""
        site = self._deps.book.get(request.path_params["site"])
        form = await read_form(request, _FORM_BYTES, _FORM_FIELDS)
        frame = await frame_of(self._deps, request, site, "fields")
        signed = await self._sessions.signed_in(request, site)
        if signed is None:
            return to(frame.account)
        check_csrf(form, signed.csrf)
        try:
            async with unavailable_on_store_error():
                typed = await self._carry_out(site, signed, form)
        except SessionOver:
            return to(frame.account)
        if typed.problems:
            return await self._page(request, site, signed, frame, typed)
        saved = to(f"{frame.action}&saved")
        self._sessions.outcomes(site).keep(request, saved)
        return saved

    async def _carry_out(self, site: Site, signed: SignedIn, form: Mapping[str, str]) -> Typed:
        """Do what the pressed button says; nothing is stored where anything is wrong."""
        if form.get("do") == "save":
            return await self._save(site, signed, form)
        if form.get("do") != "remove" or form.get("field") not in FIELDS:
            raise Malformed("No button of the page was pressed.", field="do")
        await self._store(signed, {form["field"]: ""})
        return _NOTHING_TYPED

    async def _save(self, site: Site, signed: SignedIn, form: Mapping[str, str]) -> Typed:
        async with self._deps.ledger.read() as connection:
            asked = await asked_of(connection, site.id)
        typed = read_typed(form, [one.field for one in asked])
        if not typed.problems:
            await self._store(signed, typed.values)
        return typed

    async def _store(self, signed: SignedIn, values: Mapping[str, str]) -> None:
        now = self._deps.clock()
        async with self._sessions.acting(signed) as (connection, account):
            for what in values.items():
                await keep_field(connection, self._deps.sealing, account.id, what, now)

    async def _page(
        self,
        request: Request,
        site: Site,
        signed: SignedIn,
        frame: Frame,
        typed: Typed = _NOTHING_TYPED,
    ) -> Response:
        ledger, words = self._deps.ledger, frame.words
        outcomes = self._sessions.outcomes(site)
        is_saved = outcomes.led_to(request)
        async with ledger.read() as connection:
            asked = await asked_of(connection, site.id)
            kept = await volunteered(connection, self._deps.sealing, signed.account.id)
        names = {one.field for one in asked}
        tag = frame.shown["language"]
        context = FieldsPage(
            shown=frame.shown,
            words=words,
            choices=frame.choices,
            action=frame.action,
            account=frame.account,
            csrf=signed.csrf,
            asked=tuple(_entry(one.field, one.reason, kept, typed, words) for one in asked),
            old=tuple(
                OldEntry(name, words[f"field_{name}"], value and _said(name, value, words))
                for name, value in kept.items()
                if name not in names
            ),
            looks=await looks_at(ledger, site, signed.account.id, words, tag),
            is_saved=is_saved,
        )
        status = BAD_INPUT if typed.problems else 200
        template = "consent/accounts/pages/fields.html"
        response = self._deps.pages.page(template, context, status, PRIVATE)
        if is_saved:
            outcomes.take_back(request, response)
        return response


def _entry(
    name: str, reason: str, kept: Mapping[str, str | None], typed: Typed, words: Mapping[str, str]
) -> AskedEntry:
    problem = words[typed.problems[name]] if name in typed.problems else ""
    longest = LONGEST.get(name, 0)
    return AskedEntry(
        field=name,
        label=words[f"field_{name}"],
        reason=reason,
        value=typed.values.get(name, kept.get(name) or ""),
        problem=problem.replace("{number}", str(longest)),
        is_unreadable=name in kept and kept[name] is None,
        answers={one: _said(name, one, words) for one in ANSWERS.get(name, ())},
        longest=longest,
        has_lines=name in LINES,
        autocomplete=_COMPLETIONS.get(name, "off"),
    )


def _said(name: str, value: str, words: Mapping[str, str]) -> str:
    """Return a value as the page shows it: answers in words, ages with a dash."""
    if name == "gender":
        return words.get(f"field_gender_{value}", value)
    return value.replace("-", "\N{EN DASH}") if name == "age_band" else value
