"""The chart library: made once from vl-convert, kept in the data folder, served from here."""

import asyncio
import gzip
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from askfirst.durable import write_durably
from askfirst.memory import is_scarce
from reports.access import Access
from reports.parts import Parts

PATH = "/reports/chart-library.js"
_FOREVER = "private, max-age=31536000, immutable"


@cache
def bundle_url() -> str:
    """Give the address of the chart library, with its version."""
    return f"{PATH}?v={version('vl-convert-python')}"


class Bundle:
    """Serves Vega-Embed, Vega-Lite and Vega as one script, compressed and kept by browsers."""

    def __init__(self, parts: Parts, access: Access) -> None:
        name = f"charts-{version('vl-convert-python')}.js.gz"
        self._file = parts.settings.data_folder / "assets" / name
        self._access = access
        self._making = asyncio.Lock()

    def routes(self) -> list[Route]:
        """Give the route of the script."""
        return [Route(PATH, self._script, methods=["GET"])]

    async def _script(self, request: Request) -> Response:
        if await self._access.sessions.find(request) is None:
            return Response(status_code=401)
        packed = await self._packed()
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            packed = await asyncio.to_thread(gzip.decompress, packed)
        return Response(packed, media_type="text/javascript", headers=headers)

    async def _packed(self) -> bytes:
        async with self._making:
            return await asyncio.to_thread(_kept, self._file)


def _kept(file: Path) -> bytes:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_durably(file, gzip.compress(_made(), 9, mtime=0))
    return file.read_bytes()


_MAKING = """
import sys, vl_convert
sys.stdout.buffer.write(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode())
"""


def _made() -> bytes:
    # The converter takes a hundred megabytes, once: most starts find the file and never need it.
    if is_scarce():
        with suppress(OSError, subprocess.SubprocessError):
            return _made_apart()
    import vl_convert  # noqa: PLC0415

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.encode()


def _made_apart() -> bytes:
    """Make it in a process that gives the memory back."""
    command = [sys.executable, "-c", _MAKING]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
