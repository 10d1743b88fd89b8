"""`/sites/KEY/accounts`: what visitors with an account are asked and offered, and who wants it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.clock import as_iso
from askfirst.errors import Malformed
from askfirst.sites import Site
from askfirst.store.ledger.accounts.fields import FIELDS, ask, asked_of
from askfirst.store.ledger.accounts.messages import (
    OWN,
    POLICY,
    addresses_wanting,
    offer,
    offered_by,
    stop_token,
)
from askfirst.store.ledger.tables import account_messages, visitor_accounts
from askfirst.text.spreadsheets import as_table
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.visitor_accounts.settings_form import SettingsForm, form_of, read_settings
from reports.visitors.account_disclosures import (
    ADDRESSES_EXPORTED,
    LONGEST_REASON,
    AccountEntry,
    enter,
)

_COLUMNS = ("address", "turn_off")


@dataclass(frozen=True)
class Typed:
    """What stands in the form that opens an account, and what is wrong with it, by field."""

    who: str
    reason: str
    errors: Mapping[str, str]


NOTHING_TYPED = Typed("", "", {})


@dataclass(frozen=True)
class AccountsPage:
    """`accounts.html`: what visitors are asked and offered, and how many accounts there are."""

    shell: Shell
    fields: Mapping[str, str]
    """Each field that can be asked, in words."""
    kinds: Mapping[str, str]
    """Each kind of messages that can be offered, in words."""
    form: SettingsForm
    errors: Mapping[str, str]
    """What is wrong in any form, by the field's name."""
    accounts: int
    """How many confirmed accounts the site has."""
    wanted: Mapping[str, int]
    """How many of them want each kind of message."""
    typed: Typed
    longest: int
    """How many characters a reason for opening an account has at most."""
    sends: bool
    """Whether a mail server is set, without which no account is offered."""
    saved: bool


class AccountsHandler:
    """Serves the page, its settings, and the addresses of those who want a message."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path, action = "/sites/{key}/accounts", self._guard.action
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, action(self._save), methods=["POST"]),
            Route(f"{path}/addresses", action(self._addresses), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        return await self.shown(request, session)

    async def _save(self, request: Request, session: Session, form: Form) -> Response:
        site, read = self._deps.site(request), read_settings(form)
        if read.errors:
            return await self.shown(request, session, read)
        async with self._deps.ledger.write() as connection:
            await ask(connection, site.id, read.fields)
            await offer(connection, site.id, read.offered)
            act = Act.ACCOUNTS_CHANGED
            await self._guard.note(request, act, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/accounts?saved", 303)

    async def _addresses(self, request: Request, session: Session, form: Form) -> Response:
        """Answer with the addresses of those who want a kind, once that is entered for each."""
        site, kind = self._deps.site(request), form.get("kind", "")
        if kind not in OWN:
            raise Malformed(f"A kind of messages is one of {', '.join(OWN)}.", field="kind")
        now, sealing = self._deps.clock(), self._deps.sealing
        entry = AccountEntry(site.id, session.email, ADDRESSES_EXPORTED, OWN[kind], now)
        async with self._deps.ledger.write() as connection:
            found = await addresses_wanting(connection, sealing, site.id, kind)
            await enter(connection, list(found), entry)
            act = Act.ADDRESSES_EXPORTED
            await self._guard.note(request, act, session.email, site.key, connection)
        base = f"{self._deps.settings.public_url}/account/{site.key}/messages/"
        rows = (
            {"address": email, "turn_off": base + stop_token(sealing, account, kind)}
            for account, email in found.items()
        )
        name = f"addresses-{kind}-{site.key}-{as_iso(now)[:10]}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        body = "".join(as_table(_COLUMNS, rows))
        return Response(body, media_type="text/csv; charset=utf-8", headers=headers)

    async def shown(
        self,
        request: Request,
        session: Session,
        form: SettingsForm | None = None,
        typed: Typed = NOTHING_TYPED,
    ) -> Response:
        """Answer with the page; what was typed and is wrong stands in its forms."""
        site = self._deps.site(request)
        errors = {**(form.errors if form else {}), **typed.errors}
        context = AccountsPage(
            shell=kept_shell(site, session, request.query_params, "Accounts", "accounts"),
            fields=FIELDS,
            kinds=OWN,
            form=form or await self._form(site),
            errors=errors,
            accounts=await self._accounts(site),
            wanted=await self._wanted(site),
            typed=typed,
            longest=LONGEST_REASON,
            sends=bool(self._deps.settings.smtp_url),
            saved=bool(outcome(request, "saved")),
        )
        status = BAD_INPUT if errors else 200
        return self._deps.pages.page("reports/visitor_accounts/accounts.html", context, status)

    async def _form(self, site: Site) -> SettingsForm:
        async with self._deps.ledger.read() as connection:
            asked = {one.field: one.reason for one in await asked_of(connection, site.id)}
            return form_of(asked, await offered_by(connection, site.id))

    async def _accounts(self, site: Site) -> int:
        account = visitor_accounts.c
        known = (account.site_id == site.id) & account.confirmed_at.is_not(None)
        async with self._deps.ledger.read() as connection:
            counted = select(func.count()).select_from(visitor_accounts).where(known)
            return int((await connection.execute(counted)).scalar_one())

    async def _wanted(self, site: Site) -> dict[str, int]:
        wish, account = account_messages.c, visitor_accounts.c
        asked = (
            select(wish.kind, func.count().label("accounts"))
            .join(visitor_accounts, wish.account_id == account.id)
            .where(account.site_id == site.id, account.confirmed_at.is_not(None))
            .group_by(wish.kind)
        )
        async with self._deps.ledger.read() as connection:
            found = {row.kind: row.accounts for row in await connection.execute(asked)}
        return {kind: found.get(kind, 0) for kind in (POLICY, *OWN)}
