"""The baseline: a Starlette route that reads the body and answers 202, and stores nothing."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def event(request: Request) -> Response:
    """Read the body and answer."""
    await request.body()
    return Response(b'{"recorded":1}', 202, media_type="application/json")


app = Starlette(routes=[Route("/event", event, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="warning")
