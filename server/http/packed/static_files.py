"""The shipped files under `/static`: packed for whoever takes it, and kept by browsers."""

import asyncio
from functools import lru_cache

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from askfirst.system.assets import BUNDLES, asset_bytes, asset_hash, asset_path
from askfirst.web.content_encodings import best_encoding, encoded

_PACKED = (".css", ".js", ".svg")
_KEPT = "public, max-age=31536000, immutable"


class ShippedFiles(StaticFiles):
    """Serves the folder `static`.

    Nothing in it is secret, so that packing tells nothing (`staff_pages.py` says when pages of
    staff, which hold secrets beside text from outside, are packed). An address with the hash of its
    content, as `static_url` makes it, names the same bytes for ever.
    """

    def __init__(self) -> None:
        super().__init__(directory=asset_path("static"))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file; raises `HTTPException` for one that there is not."""
        answer = await self._whole(path, scope)
        if answer.status_code != 200:
            return answer
        if QueryParams(scope["query_string"]).get("v") == asset_hash(f"static/{path}"):
            answer.headers["Cache-Control"] = _KEPT
        encoding = best_encoding(Headers(scope=scope).get("Accept-Encoding", ""))
        if not path.endswith(_PACKED):
            return answer
        answer.headers["Vary"] = "Accept-Encoding"
        return await _packed(path, answer, encoding) if encoding else answer

    async def _whole(self, path: str, scope: Scope) -> Response:
        if f"static/{path}" not in BUNDLES or scope["method"] not in ("GET", "HEAD"):
            return await super().get_response(path, scope)
        media_type = "text/css" if path.endswith(".css") else "text/javascript"
        return Response(asset_bytes(f"static/{path}"), media_type=media_type)


async def _packed(path: str, whole: Response, encoding: str) -> Response:
    names = ("Content-Type", "Cache-Control", "Vary")
    headers = {name: whole.headers[name] for name in names if name in whole.headers}
    body = await asyncio.to_thread(_body, path, encoding)
    return Response(body, headers={**headers, "Content-Encoding": encoding})


@lru_cache(maxsize=256)
def _body(path: str, encoding: str) -> bytes:
    return encoded(asset_bytes(f"static/{path}"), encoding)
