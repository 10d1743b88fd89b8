"""`GET /tag.js` and `GET /banner.js`: the visitor's scripts, joined, hashed and compressed once."""

import gzip
import hashlib
import re
from collections.abc import Sequence

import brotli
from starlette.requests import Request
from starlette.responses import Response

from askfirst.assets import asset_path

_NEVER = re.compile(r";\s*q=0(\.0*)?\s*$").search  # a weight of nothing (RFC 9110)

TAG_PARTS = ("choice", "control", "send", "tracker")
BANNER_PARTS = ("banner", "preferences")


class Script:
    """One joined script, ready in every encoding a browser may ask for."""

    def __init__(self, parts: Sequence[str]) -> None:
        texts = [asset_path(f"static/js/{part}.js").read_bytes() for part in parts]
        self.bytes = b"\n".join(texts)
        self.etag = f'"{hashlib.sha256(self.bytes).hexdigest()[:20]}"'
        self.encoded = {
            "br": brotli.compress(self.bytes),
            "gzip": gzip.compress(self.bytes, mtime=0),
        }

    async def __call__(self, request: Request) -> Response:
        """Answer with the script, or 304 when the browser has it."""
        headers = {
            "ETag": self.etag,
            "Cache-Control": "public, max-age=3600",
            "Vary": "Accept-Encoding",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        encoding = self._encoding(request.headers.get("accept-encoding", ""))
        if encoding:
            headers["Content-Encoding"] = encoding
        body = self.encoded.get(encoding, self.bytes)
        return Response(body, headers=headers, media_type="text/javascript")

    def _encoding(self, accepted: str) -> str:
        wanted = {part.split(";")[0].strip() for part in accepted.split(",") if not _NEVER(part)}
        return next((name for name in self.encoded if name in wanted), "")
