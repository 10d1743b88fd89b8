"""Files while they are made: how far each is, and how it is cancelled."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from askfirst.errors import Malformed, NotFound
from reports.authentication.sessions import Session
from reports.dependencies import Dependencies
from reports.http.forms import Form
from reports.staff.guard import Guard
from reports.tables.progress import Progress, StoppedByReader

MOST_KNOWN = 200
"""Files of which the progress is known; of more the oldest is forgotten."""
FIELD = "making"
"""The field in which the page names a file, so that it can ask how far it is."""
_NAME = re.compile(r"[0-9a-f]{32}")
State = Literal["reading", "writing", "done", "cancelled", "failed"]
_ENDED: tuple[State, ...] = ("done", "cancelled", "failed")

log = structlog.get_logger()


@dataclass
class Making:
    """A file: what is done of it, since when (Unix milliseconds), and whose it is."""

    owner: tuple[str, str]
    began: int
    state: State = "reading"
    progress: Progress = field(default_factory=Progress)
    task: asyncio.Task[Response] | None = None
    """What makes a file that has no rows, and so is cancelled as a whole."""

    def writes(self, rows: int) -> None:
        """Note that so many rows are there to be written."""
        self.state, self.progress.rows, self.progress.of = "writing", 0, rows


class FileResponse(StreamingResponse):
    """Sends a file as it is made; one that is cancelled or fails ends without its end.

    The connection is closed before the last chunk, so that no program takes it for whole.
    """

    def __init__(
        self,
        pieces: Iterator[bytes] | AsyncIterator[bytes],
        making: Making,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._making = making

    async def stream_response(self, send: Send) -> None:
        """Send every piece, and note how it ended."""
        self._making.state = "writing"
        ended: State = "failed"
        try:
            await super().stream_response(send)
            ended = "done"
        except StoppedByReader:
            ended = "cancelled"
            log.info("file_cancelled")
        finally:
            self._making.state = ended


class Makings:
    """The files that are made now, by the random names that their pages gave them."""

    def __init__(self, deps: Dependencies, guard: Guard) -> None:
        self._deps = deps
        self._guard = guard
        self._known: OrderedDict[str, Making] = OrderedDict()

    def routes(self) -> list[Route]:
        """Return the routes that tell how far a file is, and cancel it."""
        path = f"/sites/{{key}}/files/{FIELD}/{{name}}"
        return [
            Route(path, self._guard.page(self._told), methods=["GET"]),
            Route(f"{path}/cancel", self._guard.action(self._cancel), methods=["POST"]),
        ]

    def begin(self, request: Request, session: Session, name: str) -> Making:
        """Return a new file.

        `name` is that of the page, '' where none asks how far it is. One whose file has ended may
        come again, as browsers repeat a download that broke. Raises `Malformed`.
        """
        making = Making(_owner(request, session), self._deps.clock())
        if name and not self._is_free(name, making.owner):
            raise Malformed("It is 32 digits of 0-9 and a-f, new for each file.", field=FIELD)
        if name:
            self._known.pop(name, None)
            self._known[name] = making
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return making

    async def whole(
        self, request: Request, session: Session, made: Coroutine[Any, Any, Response]
    ) -> Response:
        """Return a file that is made at once, and tell for how long; 204 once it is cancelled."""
        try:
            making = self.begin(request, session, request.query_params.get(FIELD, ""))
        except Malformed:
            made.close()
            raise
        making.task = asyncio.create_task(made)
        try:
            answer = await making.task
        except asyncio.CancelledError:
            if not making.progress.stop:
                making.task.cancel()
                raise
            making.state = "cancelled"
            return Response(status_code=204)  # the browser stays where it is
        except BaseException:
            making.state = "failed"
            raise
        making.state = "done"
        return answer

    def _is_free(self, name: str, owner: tuple[str, str]) -> bool:
        known = self._known.get(name)
        repeated = known is None or (known.owner == owner and known.state in _ENDED)
        return repeated and bool(_NAME.fullmatch(name))

    def _of(self, request: Request, session: Session) -> Making:
        making = self._known.get(request.path_params["name"])
        if making is None or making.owner != _owner(request, session):
            raise NotFound("There is no such file.")
        return making

    async def _told(self, request: Request, session: Session) -> Response:
        making = self._of(request, session)
        return JSONResponse(
            {
                "state": making.state,
                "rows": making.progress.rows,
                "of": making.progress.of,
                "ms": self._deps.clock() - making.began,
            }
        )

    async def _cancel(self, request: Request, session: Session, _form: Form) -> Response:
        making = self._of(request, session)
        making.progress.stop = True
        if making.task:
            making.task.cancel()
        return Response(status_code=204)


def _owner(request: Request, session: Session) -> tuple[str, str]:
    return request.path_params["key"], session.email
