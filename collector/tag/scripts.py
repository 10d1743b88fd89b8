"""The visitor's scripts as they are served: joined, minified, hashed and compressed once."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import minify
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from askfirst.system.assets import asset_path
from askfirst.web.content_encodings import ENCODINGS, best_encoding, encoded

TAG_PARTS = ("tag/choice", "tag/control", "tag/send", "tag/views")
LOADED_PARTS = {
    "granted": ("granted/events", "granted/tracker"),
    "banner": ("asking/granting", "asking/banner", "asking/order"),
    "preferences": ("asking/preferences",),
    "gates": ("granted/gates",),
    "managers": ("asking/managers",),
    "tabs": ("asking/tabs",),
    "earlier": ("on_demand/earlier",),
    "labels": ("on_demand/labels",),
}
"""What `control.js` loads beside the tag, each only when it is needed, and its sources."""

Answer = Callable[[Request], Awaitable[Response]]

_STYLE = re.compile(r"style\(`([^`]*)`\)")
_LOOSE = re.compile(r"""("[^"]*")|;?\s*(})\s*|\s*([{;,])\s*|(:)\s+""")
"""What the minifier leaves in nested rules: blanks beside punctuation; what is quoted stays."""
_STRICT = '"use strict";'
_EVERY_LOAD = "no-cache"  # the browser asks each time, and is mostly told to keep what it has
_AN_HOUR = "public, max-age=3600"
_RELEASE = ".js?0"


def script_routes(counting: Callable[[Answer], Answer]) -> list[BaseRoute]:
    """Return the routes of `tag.js`, of the parts that it loads, and of all their sources.

    `counting` wraps what answers for `tag.js`: every page load asks for it, to be told 304 mostly.
    """
    tag = Script(TAG_PARTS, _EVERY_LOAD)
    loaded = [Route(f"/{name}.js", Script(parts).__call__) for name, parts in LOADED_PARTS.items()]
    names = [*TAG_PARTS, *(name for parts in LOADED_PARTS.values() for name in parts)]
    sources = [Route(f"/source/{Path(name).name}.js", _source_of(name)) for name in names]
    return [Route("/tag.js", counting(tag.__call__)), *loaded, *sources]


def _source_of(name: str) -> Answer:
    """Serve a source as it was written; few ask for one, so it is compressed for the first."""

    async def answer(request: Request) -> Response:
        built = await run_in_threadpool(build, (name,), minified=False)
        return _answer(request, built, _AN_HOUR)

    return answer


class Script:
    """One script, ready in every encoding a browser may ask for."""

    def __init__(self, parts: Sequence[str], cache_control: str = _AN_HOUR) -> None:
        self._built = build(tuple(parts))
        self._cache_control = cache_control

    async def __call__(self, request: Request) -> Response:
        """Answer with the script, or 304 when the browser has it."""
        return _answer(request, self._built, self._cache_control)


@dataclass(frozen=True)
class Built:
    """A script's bytes, plain and by encoding, and the tag by which a browser knows them."""

    plain: bytes
    etag: str
    encoded: dict[str, bytes]


def _answer(request: Request, built: Built, cache_control: str) -> Response:
    headers = {
        "ETag": built.etag,
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if built.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = best_encoding(request.headers.get("accept-encoding", ""))
    if encoding:
        headers["Content-Encoding"] = encoding
    body = built.encoded.get(encoding, built.plain)
    return Response(body, headers=headers, media_type="text/javascript")


@cache
def build(parts: tuple[str, ...], *, minified: bool = True) -> Built:
    """Join, minify and compress scripts of static/js, e.g. `tag/choice`."""
    joined = _joined(parts)
    content = (_minified(joined).replace(_RELEASE, _release()) if minified else joined).encode()
    forms = {name: encoded(content, name) for name in ENCODINGS}
    return Built(content, f'"{hashlib.sha256(content).hexdigest()[:20]}"', forms)


def _joined(parts: Sequence[str]) -> str:
    texts = [asset_path(f"static/js/{part}.js").read_text(encoding="utf-8") for part in parts]
    return "\n".join(texts)


@cache
def _release() -> str:
    """Return the end of the addresses of the loaded parts: three characters of their hash."""
    parts = _joined([name for sources in LOADED_PARTS.values() for name in sources])
    digest = hashlib.sha256(parts.encode()).digest()
    return f".js?{base64.b32encode(digest).decode().lower()[:3]}"


def _minified(text: str) -> str:
    """Minify a script and the style sheets in it; one directive makes the whole file strict."""
    styled = _STYLE.sub(lambda found: f"style(`{_minified_css(found[1])}`)", text)
    return str(minify.string("text/javascript", _STRICT + styled.replace(_STRICT, "")))


def _minified_css(css: str) -> str:
    said = str(minify.string("text/css", css))
    return _LOOSE.sub(lambda found: next(filter(None, found.groups())), said)
