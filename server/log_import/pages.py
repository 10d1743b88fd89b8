"""Which lines are page views: what a browser asked for to show it, and where that page is."""

import re

from askfirst.sites import host_of
from server.log_import.line import LogLine

SHOWN = frozenset({200, 304, 404})
"""The statuses of pages that are seen: there, still the same, and not found."""
ASSETS = frozenset(
    {
        "7z", "apk", "atom", "avif", "avi", "bmp", "bz2", "css", "csv", "dmg", "doc", "docx",
        "eot", "exe", "flac", "flv", "gif", "gz", "ico", "iso", "jpeg", "jpg", "js", "json",
        "m3u8", "m4a", "m4v", "map", "mid", "mjs", "mov", "mp3", "mp4", "mpeg", "mpg", "msi",
        "odp", "ods", "odt", "ogg", "ogv", "otf", "pdf", "png", "ppt", "pptx", "rar", "rss",
        "rtf", "svg", "svgz", "tar", "tgz", "tif", "tiff", "ts", "ttf", "txt", "wasm", "wav",
        "webm", "webmanifest", "webp", "wmv", "woff", "woff2", "xls", "xlsx", "xml", "xsl",
        "xz", "zip", "zst",
    }
)  # fmt: skip
"""The endings of what is no page but belongs to one, or is downloaded."""
_SEEN_AS_PAGE = ("", "document", "iframe", "frame")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,12})$")
_PATH = re.compile(r"/[^\x00-\x20\x7f]*")
_SCHEMES = {":80": "http", ":443": "https"}
"""The schemes of which ports are the default."""


def is_page_view(line: LogLine) -> bool:
    """Return whether a line is of a page that a browser showed."""
    if line.method != "GET" or line.status not in SHOWN or line.asks_for not in _SEEN_AS_PAGE:
        return False
    path = _target_of(line).partition("?")[0]
    ending = _ENDING.search(path)
    return _PATH.fullmatch(path) is not None and (not ending or ending[1].lower() not in ASSETS)


def page_address(line: LogLine, host: str) -> str:
    """Return the address of the page; `host` is the site's where the line names none.

    Where the line does not say the scheme, a default port does, as in Apache's `%v:%p`; else it is
    https: the address is recorded without its scheme.
    """
    named = (_host_in_target(line) or line.host or host).lower()
    bare, colon, port = named.rpartition(":")
    of_port = _SCHEMES.get(colon + port, "")
    scheme = line.scheme if line.scheme in _SCHEMES.values() else of_port or "https"
    return f"{scheme}://{bare if scheme == of_port else named}{_target_of(line)}"


def _target_of(line: LogLine) -> str:
    """Return the path with its query; a proxy is asked for whole addresses (RFC 9112, 3.2.2)."""
    if not _host_in_target(line):
        return line.target.partition("#")[0]
    _, _, behind = line.target.partition("://")
    _, slash, path = behind.partition("#")[0].partition("/")
    return f"{slash or '/'}{path}"


def _host_in_target(line: LogLine) -> str:
    return host_of(line.target) or "" if "://" in line.target[:8] else ""
