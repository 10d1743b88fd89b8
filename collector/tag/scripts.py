"""The visitor's scripts: joined, minified, hashed and compressed once, and served."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import minify
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from askfirst.system.assets import asset_path
from askfirst.web.content_encodings import ENCODINGS, best_encoding, encoded
from collector.tag.members import Letters, letters_of, shortened

TAG_PARTS = ("tag/choice", "tag/control", "tag/send", "tag/views")
LOADED_PARTS = {
    "granted": ("granted/page", "granted/events", "granted/vitals", "granted/tracker"),
    "banner": ("asking/granting", "asking/banner", "asking/order"),
    "preferences": ("asking/preferences", "granted/page"),
    "custom": ("granted/custom",),
    "refused": ("granted/refused",),
    "unseen": ("granted/unseen",),
    "past": ("granted/past",),
    "gates": ("granted/gates",),
    "managers": ("asking/managers",),
    "tabs": ("asking/tabs",),
    "earlier": ("on_demand/earlier",),
    "labels": ("on_demand/labels",),
}
"""The scripts that `control.js` loads when it needs them, each with its sources."""

Answer = Callable[[Request], Awaitable[Response]]

_STYLE = re.compile(r"style\(`([^`]*)`\)")
_LOOSE = re.compile(r"""("[^"]*")|;?\s*(})\s*|\s*([{;,])\s*|(:)\s+""")
"""What the minifier leaves in nested rules: blanks beside punctuation; quoted text stays."""
_STRICT = '"use strict";'
_HEAD = re.compile(
    r'^\(\(\) => \{\n  "use strict";\n+'
    r"(?:  const askfirst = window\.askfirst;\n  if \(.+\) return;\n)?",
    re.M,
)
"""How a source begins that other sources of its bundle come before."""
_TAIL = "})();\n"
_TAKEN = re.compile(r"^  const \{ ([\w, ]+) \} = ([.\w]+);\n", re.M)
_NUMBER = re.compile(r"^  const ([A-Z]+) = ([\de]+);.*\n", re.M)
_WITHIN = re.compile(r"^  askfirst\.(?:reading|queue|vitals|tracker) = .+\n", re.M)
"""What only sources of one bundle tell each other, who lie within each other there."""
_PAGES = ("consent", "track")
"""What pages call."""
_PUT = re.compile(r"\b(askfirst[.\w]*) = \{ ([\w, ]+) \}\)?;\n")
_EVERY_LOAD = "no-cache"  # the browser asks each time, and mostly gets a 304
_AN_HOUR = "public, max-age=3600"
_RELEASE = ".js?0"


def script_routes(counting: Callable[[Answer], Answer]) -> list[BaseRoute]:
    """Return the routes of `tag.js`, of the parts that it loads, and of all their sources.

    `counting` wraps the endpoint of `tag.js`: every page load asks for it and mostly gets a 304.
    """
    tag = Script(TAG_PARTS, _EVERY_LOAD)
    loaded = [Route(f"/{name}.js", Script(parts).__call__) for name, parts in LOADED_PARTS.items()]
    names = {*TAG_PARTS, *(name for parts in LOADED_PARTS.values() for name in parts)}
    sources = [Route(f"/source/{Path(name).name}.js", _source_of(name)) for name in names]
    return [Route("/tag.js", counting(tag.__call__)), *loaded, *sources]


def _source_of(name: str) -> Answer:
    """Return the endpoint of a source as it was written; it is compressed at the first request."""

    async def answer(request: Request) -> Response:
        built = await run_in_threadpool(build, (name,), minified=False)
        return _answer(request, built, _AN_HOUR)

    return answer


class Script:
    """One script, ready in every encoding that a browser may accept."""

    def __init__(self, parts: Sequence[str], cache_control: str = _AN_HOUR) -> None:
        self._built = build(tuple(parts))
        self._cache_control = cache_control

    async def __call__(self, request: Request) -> Response:
        """Answer with the script, or with 304 when the browser has it."""
        return _answer(request, self._built, self._cache_control)


@dataclass(frozen=True)
class Built:
    """A script's bytes, plain and by encoding, and their entity tag."""

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


def _nested(text: str) -> str:
    """Put each function of joined sources into the one before it, where it needs no guard again.

    The first source of a bundle looks whether the bundle has run already, and knows `askfirst`.
    What a source takes from `askfirst` is left out where one before it has taken or put it there.
    """
    head, *others = re.split(f"^{re.escape(_TAIL)}", text, flags=re.M)[:-1]
    for other in others:
        taken = partial(_untaken, known=_known(head))
        head += _TAKEN.sub(taken, _HEAD.sub("(() => {\n", other))
    return head + _TAIL * (1 + len(others))


def _untaken(found: re.Match[str], known: set[str]) -> str:
    """Return what is still to be taken of `const { a, b } = askfirst;`."""
    names = [name for name in found[1].split(", ") if f"{found[2]}.{name}" not in known]
    return f"  const {{ {', '.join(names)} }} = {found[2]};\n" if names else ""


def _known(text: str) -> set[str]:
    """Return what the sources have under its own name, such as `askfirst.views.note`."""
    pairs = [*_TAKEN.findall(text), *(found[::-1] for found in _PUT.findall(text))]
    return {f"{whole}.{name}" for names, whole in pairs for name in names.split(", ")}


@cache
def _release() -> str:
    """Return the version of the loaded parts: `.js?` and three characters of their hash."""
    parts = _joined([name for sources in LOADED_PARTS.values() for name in sources])
    digest = hashlib.sha256(parts.encode()).digest()
    return f".js?{base64.b32encode(digest).decode().lower()[:3]}"


@cache
def _letters() -> Letters:
    """Return the letters for the names of all our scripts."""
    parts = {*TAG_PARTS, *(name for sources in LOADED_PARTS.values() for name in sources)}
    return letters_of(_WITHIN.sub("", _joined(sorted(parts))), (*_PAGES, *LOADED_PARTS))


def _minified(text: str) -> str:
    """Minify a script and the style sheets in it; one directive makes the whole file strict."""
    plain = shortened(_WITHIN.sub("", _nested(text).replace(_STRICT, "")), _letters())
    styled = _STYLE.sub(lambda found: f"style(`{_minified_css(found[1])}`)", _inlined(plain))
    short = minify.string("text/javascript", _STRICT + styled)
    return str(short)


def _inlined(text: str) -> str:
    """Write numbers that have a name, such as `TICK`, where they are used."""
    values = {found[1]: found[2] for found in _NUMBER.finditer(text)}
    return re.sub(
        r"\b[A-Z]+\b", lambda found: values.get(found[0], found[0]), _NUMBER.sub("", text)
    )


def _minified_css(css: str) -> str:
    minified = str(minify.string("text/css", css))
    return _LOOSE.sub(lambda found: next(filter(None, found.groups())), minified)
