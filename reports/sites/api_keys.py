"""The page about a site's keys of the API: made, shown once, switched off and on, revoked."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from askfirst.errors import Malformed, NotFound
from askfirst.sites import Site
from askfirst.store.ledger.api_keys import EVENTS, MOST_KEYS, SCOPES, ApiKey, ApiKeys
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import BAD_INPUT, Form
from reports.http.outcome import outcome, outcome_of
from reports.shell import Shell
from reports.staff.audit_log import Act
from reports.staff.guard import Guard
from reports.url.kept import kept_shell

LONGEST_NAME = 64
NO_NAME = "Say where the key will be used, in at most 64 characters."
_SWITCHED = {"on": Act.API_KEY_ON, "off": Act.API_KEY_OFF}
TOO_MANY = f"A site has at most {MOST_KEYS} keys. Revoke one first."


@dataclass(frozen=True)
class ApiKeysPage:
    """`api_keys.html`: the keys of a site, and the form for a new one."""

    shell: Shell
    keys: tuple[ApiKey, ...]
    """The site's keys, the newest first."""
    name: str
    """What the field holds."""
    scope: str
    """Which scope is chosen: `events` or `reports`."""
    errors: Mapping[str, str]
    """What is wrong, by the field's name; empty at first."""
    secret: str
    """The key that was made just now, which is shown this once, or ''."""
    done: str
    """What was done just now: `revoked`, `off`, `on`, or ''."""
    endpoint: str
    """Where events are sent."""
    reports: str
    """Below which address reports are read."""


class ApiKeysHandler:
    """Serves `/sites/KEY/api-keys` and its forms."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._keys = ApiKeys(deps.ledger, deps.clock)

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        path, action = "/sites/{key}/api-keys", self._guard.action
        return [
            Route(path, self._guard.page(self._page), methods=["GET"]),
            Route(path, action(self._make), methods=["POST"]),
            Route(f"{path}/revoke", action(self._revoke), methods=["POST"]),
            Route(f"{path}/switch", action(self._switch), methods=["POST"]),
        ]

    async def _page(self, request: Request, session: Session) -> Response:
        done = outcome_of(request, "switched") or outcome(request, "revoked")
        return await self._shown(request, session, done=done)

    async def _make(self, request: Request, session: Session, form: Form) -> Response:
        site, name = self._deps.site(request), " ".join(form.get("name", "").split())
        scope = form.get("scope", EVENTS)
        if scope not in SCOPES:
            raise Malformed(f"A key is for one of {', '.join(SCOPES)}.", field="scope")
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            return await self._shown(request, session, typed=(name, scope), error=NO_NAME)
        async with self._deps.ledger.write() as connection:
            secret = await self._keys.make(connection, site.id, name, scope)
            if secret:
                done = Act.API_KEY_MADE
                await self._guard.note(request, done, session.email, site.key, connection)
        if secret is None:
            return await self._shown(request, session, typed=(name, scope), error=TOO_MANY)
        return await self._shown(request, session, secret=secret)

    async def _revoke(self, request: Request, session: Session, form: Form) -> Response:
        site, number = self._deps.site(request), _number(form)
        async with self._deps.ledger.write() as connection:
            if await self._keys.revoke(connection, site.id, number):
                done = Act.API_KEY_REVOKED
                await self._guard.note(request, done, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/api-keys?revoked", 303)

    async def _switch(self, request: Request, session: Session, form: Form) -> Response:
        """Switch a key to what the form says, which a second click does not turn round."""
        site, number, to = self._deps.site(request), _number(form), form.get("to", "")
        if to not in _SWITCHED:
            raise Malformed("A key is switched to on or off.", field="to")
        async with self._deps.ledger.write() as connection:
            if await self._keys.switch(connection, site.id, number, on=to == "on"):
                done = _SWITCHED[to]
                await self._guard.note(request, done, session.email, site.key, connection)
        return RedirectResponse(f"/sites/{site.key}/api-keys?switched={to}", 303)

    async def _shown(
        self,
        request: Request,
        session: Session,
        *,
        typed: tuple[str, str] = ("", EVENTS),
        error: str = "",
        secret: str = "",
        done: str = "",
    ) -> Response:
        site = self._deps.site(request)
        context = ApiKeysPage(
            shell=_shell(request, session, site),
            keys=await self._keys.of(site.id),
            name=typed[0],
            scope=typed[1],
            errors={"name": error} if error else {},
            secret=secret,
            done=done,
            endpoint=f"{self._base(request)}/api/v1/events",
            reports=f"{self._base(request)}/api/v1/sites/{site.key}/reports",
        )
        status = BAD_INPUT if error else 200
        return self._deps.pages.page("reports/sites/api_keys.html", context, status)

    def _base(self, request: Request) -> str:
        return self._deps.settings.public_url or str(request.base_url).rstrip("/")


def _number(form: Form) -> int:
    """Return the number of the key that a form is about; raises `NotFound`."""
    number = form.get("id", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("There is no such key.")
    return int(number)


def _shell(request: Request, session: Session, site: Site) -> Shell:
    title = "Keys of the API"
    return kept_shell(site, session, request.query_params, title, "settings", within=True)
