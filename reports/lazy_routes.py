"""A route whose pages are loaded when one of them is first asked for, so that a start is quick."""

import asyncio
import re
from collections.abc import Callable, Sequence

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Receive, Scope, Send

from askfirst.errors import Unavailable

log = structlog.get_logger()

UNDER_A_SITE = re.compile(r"/sites/[^/]+")


class LazyRoutes(BaseRoute):
    """Stands for the routes that `load` gives, at the addresses of a site.

    `load` is called once, in a thread: it imports libraries that take seconds.
    """

    def __init__(self, load: Callable[[], Sequence[BaseRoute]]) -> None:
        self._load = load
        self._router: Router | None = None
        self._loading = asyncio.Lock()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match in part only, so that every other route comes first."""
        mine = scope["type"] == "http" and UNDER_A_SITE.match(scope["path"])
        return (Match.PARTIAL if mine else Match.NONE), {}

    def url_path_for(self, name: str, /, **_parameters: object) -> URLPath:
        """Return no address: the pages are not known yet."""
        raise NoMatchFound(name, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load what is missing and pass the request on."""
        async with self._loading:
            if self._router is None:
                self._router = Router(await self._loaded())
        await self._router(scope, receive, send)

    async def _loaded(self) -> Sequence[BaseRoute]:
        """Load, and say in the log what cannot be loaded; the next request tries again."""
        try:
            return await run_in_threadpool(self._load)
        except Exception as error:
            log.exception("reports_not_loaded", why=type(error).__name__)
            raise Unavailable(
                "The reports cannot be loaded; the server's log says why.", retry_after=60
            ) from error
