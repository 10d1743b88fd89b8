"""Lines of JSON: fields that nginx is told to write, those of Caddy, those of CloudFront."""

from collections.abc import Mapping
from typing import Any

import msgspec

from askfirst.web.browser_signals import fetches_ahead, says_control
from askfirst.web.ip_addresses import plain_address
from collector.enrichment.agents.hints import HEADERS
from server.log_import.formats.cloudfront import read_fields
from server.log_import.formats.times import seconds_of, time_of
from server.log_import.line import BrokenLine, LogLine, request_of, said, status_of, text_of

_TIMES = ("ts", "msec", "time_iso8601", "time", "time_local", "timestamp", "@timestamp")
_ADDRESSES = ("client_ip", "remote_addr", "remote_ip", "ip")
_METHODS = ("method", "request_method")
_TARGETS = ("request_uri", "uri", "path")
_HOSTS = ("host", "http_host", "server_name")
_REFERRERS = ("http_referer", "http_referrer", "referer", "referrer")
_AGENTS = ("http_user_agent", "user_agent")
_LANGUAGES = ("http_accept_language", "accept_language")
_COOKIES = ("http_cookie", "cookie", "cookies")


def read_json(content: bytes, cookie: str) -> LogLine:
    """Read a line without its end; raises `BrokenLine`.

    `cookie` is the name of the choice cookie, which may be a field of its own: with that name, or
    with `cookie_` before it.
    """
    try:
        found = msgspec.json.decode(text_of(content))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise BrokenLine("It begins like JSON, and is none.") from error
    if not isinstance(found, dict):
        raise BrokenLine("It is no JSON object.")
    if "cs-method" in found:
        return read_fields({name: _text(value) for name, value in found.items()})
    inner = found.get("request")
    request = inner if isinstance(inner, dict) else {}
    headers = _header_fields(found) | _headers(request.get("headers"))
    hints = tuple(headers.get(name, "") for name in HEADERS)
    fields = {**found, **request}
    method, target = _first(fields, _METHODS), _first(fields, _TARGETS)
    if isinstance(inner, str):
        method, target = request_of(inner)
    return LogLine(
        time=_time(found),
        method=method,
        target=target,
        status=status_of(_text(found.get("status"))),
        scheme=_first(fields, ("scheme",)),
        host=_first(fields, _HOSTS) or headers.get("host", ""),
        ip=plain_address(_first(fields, _ADDRESSES)),
        referrer=_first(fields, _REFERRERS) or headers.get("referer", ""),
        user_agent=_first(fields, _AGENTS) or headers.get("user-agent", ""),
        accept_language=_first(fields, _LANGUAGES) or headers.get("accept-language", ""),
        cookies=_first(fields, _COOKIES) or headers.get("cookie", ""),
        token=_first(fields, (cookie, f"cookie_{cookie}")),
        gpc=says_control([headers.get("sec-gpc", "")]),
        prefetch=fetches_ahead(headers),
        asks_for=headers.get("sec-fetch-dest", ""),
        hint_headers=hints if any(hints) else None,
    )


def _time(found: Mapping[str, Any]) -> int:
    value = next((found[name] for name in _TIMES if name in found), None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return seconds_of(_number(value))
    return time_of(_text(value))


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise BrokenLine("There is no such time.") from error


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first of these fields that says something."""
    return next((text for name in names if (text := said(_text(fields.get(name))))), "")


def _text(value: Any) -> str:
    """Return a text, a number as text, or ''."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and 0 <= value < 10**18 else ""


def _header_fields(found: Mapping[str, Any]) -> dict[str, str]:
    """Return headers that are fields of their own, as nginx calls them: `http_sec_gpc`."""
    return {
        name.removeprefix("http_").replace("_", "-"): said(_text(value))
        for name, value in found.items()
        if name.startswith("http_")
    }


def _headers(value: Any) -> dict[str, str]:
    """Return headers by their names in lower case; Caddy has a list of values for each."""
    if not isinstance(value, dict):
        return {}
    joined = {
        name.lower(): ("; " if name.lower() == "cookie" else ", ").join(map(_text, values))
        for name, values in value.items()
        if isinstance(values, list)
    }
    plain = {name.lower(): text for name, text in value.items() if isinstance(text, str)}
    return joined | plain
