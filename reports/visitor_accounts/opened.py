"""Staff open what a visitor has volunteered: with a reason, which the visitor reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.sign_in.email_addresses import tidy_email
from askfirst.sites import Site
from askfirst.store.ledger.accounts.fields import FIELDS, volunteered
from askfirst.store.ledger.accounts.messages import OWN, wanted_by
from askfirst.store.ledger.accounts.places import email_hash, email_place
from askfirst.store.ledger.tables import visitor_accounts
from askfirst.store.ledger.visitor_links import linked_ids
from askfirst.system.sealing import NotSealedHere
from askfirst.visitors import is_visitor_id
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell
from reports.visitor_accounts.accounts import AccountsHandler, Typed
from reports.visitors.account_disclosures import (
    ACCOUNT_OPENED,
    LONGEST_REASON,
    AccountEntry,
    account_joining,
    enter,
)

NO_ACCOUNT = "No account has this address, and no account joins a visitor of this number."
UNREADABLE = "(The key of this server does not open it.)"
NO_REASON = f"Say why, in 1 to {LONGEST_REASON} characters: the visitor reads it."


@dataclass(frozen=True)
class OpenedAccount:
    """An account as staff see it: address, times (ms), what was volunteered and is wanted."""

    email: str
    created_at: int
    fields: Mapping[str, str]
    """What was volunteered, by the field in words."""
    messages: tuple[str, ...]
    """Which of the site's own messages are wanted, in words."""


@dataclass(frozen=True)
class OpenedPage:
    """`opened.html`: what a visitor has volunteered, opened with a reason."""

    shell: Shell
    account: OpenedAccount
    reason: str
    """The reason that was entered."""
    zone: str
    """The site's time zone."""


class OpenedHandler:
    """Serves `/sites/KEY/accounts/open`, a form of the page of accounts and of a visitor's page."""

    def __init__(self, deps: Dependencies, guard: Guard, accounts: AccountsHandler) -> None:
        self._deps = deps
        self._guard = guard
        self._accounts = accounts

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path = "/sites/{key}/accounts/open"
        return [
            Route(path, self._guard.page(self._back), methods=["GET"]),
            Route(path, self._guard.action(self._open), methods=["POST"]),
        ]

    async def _back(self, request: Request, _session: Session) -> Response:
        return RedirectResponse(f"/sites/{self._deps.site(request).key}/accounts", 303)

    async def _open(self, request: Request, session: Session, form: Form) -> Response:
        site, who = self._deps.site(request), form.get("who", "").strip()
        reason = " ".join(form.get("reason", "").split())
        if not (0 < len(reason) <= LONGEST_REASON and reason.isprintable()):
            typed = Typed(who, reason, {"reason": NO_REASON})
            return await self._accounts.shown(request, session, typed=typed)
        now = self._deps.clock()
        entry = AccountEntry(site.id, session.email, ACCOUNT_OPENED, reason, now)
        async with self._deps.ledger.write() as connection:
            account_id = await self._named(connection, site, who)
            if account_id is not None:
                await enter(connection, [account_id], entry)
                act = Act.ACCOUNT_OPENED
                await self._guard.note(request, act, session.email, site.key, connection)
        if account_id is None:
            typed = Typed(who, reason, {"who": NO_ACCOUNT})
            return await self._accounts.shown(request, session, typed=typed)
        return await self._opened(request, session, account_id, reason)

    async def _named(self, connection: AsyncConnection, site: Site, who: str) -> str | None:
        """Return the account of an address, or the one that joins a visitor, or None."""
        if is_visitor_id(who):
            ids = await linked_ids(connection, site.id, who)
            found = await account_joining(connection, site.id, [who, *ids])
            return found if found and await self._opens(connection, found) else None
        account = visitor_accounts.c
        known = email_hash(self._deps.sealing, site.id, tidy_email(who))
        mine = select(account.id).where(account.site_id == site.id, account.email_hash == known)
        asked = mine.where(account.confirmed_at.is_not(None))
        found = (await connection.execute(asked)).scalars().first()
        return found if found and await self._opens(connection, found) else None

    async def _opens(self, connection: AsyncConnection, account_id: str) -> bool:
        """Return whether the key of this server opens an account: nothing is entered otherwise."""
        table = visitor_accounts
        email = await connection.scalar(select(table.c.email).where(table.c.id == account_id))
        try:
            self._deps.sealing.open(email or b"", email_place(account_id))
        except NotSealedHere:
            return False
        return True

    async def _opened(
        self, request: Request, session: Session, account_id: str, reason: str
    ) -> Response:
        site, sealing, table = self._deps.site(request), self._deps.sealing, visitor_accounts
        async with self._deps.ledger.read() as connection:
            asked = select(table.c.email, table.c.created_at).where(table.c.id == account_id)
            row = (await connection.execute(asked)).one()
            found = await volunteered(connection, sealing, account_id)
            wanted = await wanted_by(connection, account_id)
        account = OpenedAccount(
            email=sealing.open(row.email, email_place(account_id)),
            created_at=row.created_at,
            fields={FIELDS[name]: value or UNREADABLE for name, value in found.items()},
            messages=tuple(words for kind, words in OWN.items() if kind in wanted),
        )
        shell = kept_shell(
            site, session, request.query_params, "An account", "accounts", within=True
        )
        context = OpenedPage(shell, account, reason, site.time_zone)
        return self._deps.pages.page("reports/visitor_accounts/opened.html", context)
