"""The stream of the page "Now": the part that says who is here, sent again when it has changed."""

import asyncio
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.errors import NotFound
from reports.dependencies import Dependencies
from reports.now.stream import EventStream, Listeners, stream
from reports.now.watch import MINUTES, Now, Watch
from reports.staff.guard import Guard


@dataclass(frozen=True)
class HerePage:
    """`here.html`: the part of the page that the stream sends."""

    now: Now
    """Who is here."""
    minutes: int
    """The minutes that count as now."""


class HereHandler:
    """Serves `/sites/KEY/now/events`."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._watch = Watch(deps)
        self._listeners = Listeners()

    def routes(self) -> list[Route]:
        """Return the route of the stream."""
        return [Route("/sites/{key}/now/events", self._events, methods=["GET"])]

    async def _events(self, request: Request) -> Response:
        """Answer with the stream, or with 204, after which a browser does not try again."""
        session = await self._guard.session(request)
        if session is None or await self._shown(request) is None:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        self._listeners.take(session.id_hash)
        stopping = getattr(request.state, "stopping", None) or asyncio.Event()
        events = stream(partial(self._shown, request), stopping)
        return EventStream(events, partial(self._listeners.give_back, session.id_hash))

    async def _shown(self, request: Request) -> str | None:
        """Return the part of the page; None where the session has ended or the site is deleted."""
        if await self._guard.session(request) is None:
            return None
        try:
            site = self._deps.site(request)
        except NotFound:
            return None
        part = HerePage(await self._watch.look(site), MINUTES)
        return self._deps.pages.text("reports/now/here.html", part)
