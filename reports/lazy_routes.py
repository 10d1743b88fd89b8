"""Routes that are imported by the first request for one of them, so that a start is quick."""

import asyncio
import re
from collections.abc import Callable, Sequence

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Router
from starlette.types import Receive, Scope, Send

from askfirst.errors import Unavailable
from reports.http.admission import Admission

log = structlog.get_logger()

LOADED = re.compile(r"/sites/[^/]+|/across$|/share/|/vega/|/api/v1/(?:sites|reports)/")


_READING = frozenset({"GET", "HEAD"})


class LazyRoutes(BaseRoute):
    """Stands in for the routes of reports until `load` has imported and returned them.

    They lie below `/sites/KEY`, `/share` and `/vega`, and at `/across`. `load` runs once, in a
    thread, for the imports take seconds. Requests that come meanwhile wait.
    """

    def __init__(self, load: Callable[[], Sequence[BaseRoute]], admission: Admission) -> None:
        self._load = load
        self._admission = admission
        self._router: Router | None = None
        self._loading = asyncio.Lock()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match addresses of reports, but only in part: Starlette tries every other route first."""
        is_ours = scope["type"] == "http" and LOADED.match(scope["path"])
        return (Match.PARTIAL if is_ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **_parameters: object) -> URLPath:
        """Raise `NoMatchFound`: the routes may not be loaded yet."""
        raise NoMatchFound(name, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Load the routes unless they are loaded, and pass the request on to them.

        What only reads waits for its turn; what acts, such as an erasure, does not.
        """
        async with self._loading:
            if self._router is None:
                self._router = Router(await self._loaded())
        if scope["method"] not in _READING:
            await self._router(scope, receive, send)
            return
        async with self._admission.place(scope, send) as told:
            await self._router(scope, receive, told)

    async def _loaded(self) -> Sequence[BaseRoute]:
        """Load the routes; raises `Unavailable` where that fails: the next request tries again."""
        try:
            return await run_in_threadpool(self._load)
        except Exception as error:
            log.exception("reports_not_loaded", why=type(error).__name__)
            raise Unavailable(
                "The reports cannot be loaded; the server's log says why.", retry_after=60
            ) from error
