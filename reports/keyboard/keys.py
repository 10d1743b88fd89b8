"""The list of keys: what each does on a report."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.shell import Shell
from reports.staff.guard import Guard
from reports.url.links import KEYS
from reports.url.periods import PERIODS

_OTHERS = (
    ("D", "Any days: opens the menu of periods"),
    ("X", "Compare with the period before, or with nothing"),
    ("F", "Add a filter"),
    ("?", "This list"),
)


@dataclass(frozen=True)
class KeysPage:
    """`keys.html`: the keys of the reports."""

    shell: Shell
    keys: tuple[tuple[str, str], ...]
    """Each key and what it does."""


class KeysHandler:
    """Serves `/keys`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard

    def routes(self) -> list[Route]:
        """Return the route of the list."""
        return [Route("/keys", self._guard.page(self._page), methods=["GET"])]

    async def _page(self, _request: Request, session: Session) -> Response:
        named = tuple((key, PERIODS[name]) for name, key in KEYS.items())
        context = KeysPage(
            shell=Shell("Keys", session.email, session.csrf, tab="account", within=True),
            keys=(*named, *_OTHERS),
        )
        return self._deps.pages.page("reports/keyboard/keys.html", context)
