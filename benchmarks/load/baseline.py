"""The baselines: a Starlette route and a bare application that read the body and answer 202.

    python -m benchmarks.load.baseline PORT route|bare

They store nothing: `route` is what a web framework costs by itself, `bare` the server under it.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

_ANSWER = b'{"recorded":1}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]


async def event(request: Request) -> Response:
    """Read the body and answer."""
    await request.body()
    return Response(_ANSWER, 202, media_type="application/json")


async def bare(_scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body and answer, without a framework."""
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 202, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


APPS: dict[str, ASGIApp] = {
    "route": Starlette(routes=[Route("/event", event, methods=["POST"])]),
    "bare": bare,
}


def command(name: str, port: int) -> list[str]:
    """Return the command that serves a baseline."""
    return [sys.executable, "-m", "benchmarks.load.baseline", str(port), name]


if __name__ == "__main__":
    uvicorn.run(
        APPS[sys.argv[2]],
        port=int(sys.argv[1]),
        access_log=False,
        log_level="warning",
        lifespan="off",
    )
