"""Packing of staff's pages and of text files, for whoever takes it and could not be attacked by it.

Who watches a connection and can have its browser send requests of their choice learns secrets of a
packed page from its length (BREACH). So a page is packed only where the browser says that the
request came from this server's own pages or from nobody's (`Sec-Fetch-Site`), which no other
website can have it say, and for programs that send a key. Nothing is held back: what the page sends
first leaves first. Events, the tag and everything for visitors pass by.
"""

import re
import zlib
from collections.abc import Callable

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from askfirst.web.content_encodings import best_encoding

_STAFF = re.compile(
    r"/$|/(?:sites|share|across|account|definitions|keys)\b|/api/v1/(?:sites|reports)\b"
)
_TEXTS = ("text/html", "text/csv", "application/json", "application/x-ndjson", "image/svg+xml")
_SAFE = ("same-origin", "none")
_SMALLEST = 1_400
"""Bytes that one packet takes, so that packing saves nothing."""
_EFFORT = {"br": 4, "gzip": 5}
"""As fast as the page is read: more would save little and hold up other requests."""
_GZIP = 16 + zlib.MAX_WBITS

Pack = Callable[[bytes], bytes]


class PackedForStaff:
    """Packs the answers to requests of staff."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and pack its answer where that is safe and wanted."""
        is_staffs = (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")  # the two have the same headers
            and _STAFF.match(scope["path"])
        )
        packing = _Packing(send, Headers(scope=scope)) if is_staffs else None
        await self._app(scope, receive, packing.send if packing else send)


class _Packing:
    """One answer on its way."""

    def __init__(self, send: Send, asked: Headers) -> None:
        self._send = send
        self._encoding = best_encoding(asked.get("accept-encoding", "")) if _is_safe(asked) else ""
        self._start: Message | None = None
        self._pack: Pack | None = None
        self._flush: Callable[[], bytes] = bytes
        self._finish: Callable[[], bytes] = bytes

    async def send(self, message: Message) -> None:
        """Send a message of the application, packed."""
        if message["type"] == "http.response.start":
            self._start = message if self._begin(message) else None
            if self._start is None:
                await self._send(message)
        elif self._pack is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            await self._send_body(message)

    async def _send_body(self, message: Message) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        assert self._pack is not None  # noqa: S101 - asked by the caller
        if self._start is not None:
            await self._send(self._start)
            self._start = None
        packed = self._pack(body) + (self._flush() if more else self._finish())
        if packed or not more:
            await self._send({**message, "body": packed})

    def _begin(self, start: Message) -> bool:
        """Return whether an answer is packed; its headers say so then."""
        headers = MutableHeaders(scope=start)
        if headers.get("content-type", "").partition(";")[0] not in _TEXTS:
            return False
        headers.add_vary_header("Accept-Encoding, Sec-Fetch-Site")
        is_small = int(headers.get("content-length", _SMALLEST)) < _SMALLEST
        if not self._encoding or is_small or "content-encoding" in headers:
            return False
        headers["Content-Encoding"] = self._encoding
        del headers["content-length"]
        if self._encoding == "br":
            brotli_stream = brotli.Compressor(quality=_EFFORT["br"])
            self._pack, self._flush = brotli_stream.process, brotli_stream.flush
            self._finish = brotli_stream.finish
        else:
            stream = zlib.compressobj(_EFFORT["gzip"], wbits=_GZIP)
            self._pack, self._finish = stream.compress, stream.flush
            self._flush = lambda: stream.flush(zlib.Z_SYNC_FLUSH)
        return True


def _is_safe(asked: Headers) -> bool:
    """Return whether no other website can have had this request sent."""
    site = asked.get("sec-fetch-site")
    # A browser sends a password for a proxy by itself, with whatever request; a key it never does.
    has_key = asked.get("authorization", "").lower().startswith("bearer ")
    return site in _SAFE or (site is None and has_key)
