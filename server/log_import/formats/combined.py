"""Lines of the combined format of nginx and Apache, with the choice cookie as the last field.

https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#examples; the name of the virtual host may
stand before it (`vhost_combined`), and further fields behind it.
"""

import re

from askfirst.web.ip_addresses import plain_address
from server.log_import.formats.times import time_of
from server.log_import.line import (
    BrokenLine,
    LogLine,
    UnknownForm,
    request_of,
    said,
    status_of,
    text_of,
)

_QUOTED = rb'"((?>(?:[^"\\]|\\.)*))"'
_TIME = re.compile(rb'\[([^\[\]"]{1,40})\] (?=")')
_REQUEST = re.compile(_QUOTED + rb" (\d{3}) (?:\d+|-)(?= |$)", re.DOTALL)
_FIELD = re.compile(rb" (?:" + _QUOTED + rb'|[^" ]+)', re.DOTALL)
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CHOICES = ("eyJ", "no")
"""How the value of the choice cookie begins: a token of claims, or a no.

Other formats end with other fields, such as the addresses of proxies.
"""
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"v": b"\v", b"f": b"\f"}


def read_combined(content: bytes) -> LogLine:
    """Read a line without its end; raises `BrokenLine`."""
    time = _TIME.search(content)
    request = _REQUEST.match(content, time.end()) if time else None
    if time is None or request is None:
        raise UnknownForm("It is no line of the combined format.")
    host, ip = _sender(content[: time.start()])
    referrer, user_agent, *more = [*_quoted_behind(content, request.end()), "", ""]
    method, target = request_of(_unescaped(request[1]))
    last = more[-3] if len(more) > 2 else ""
    return LogLine(
        time=time_of(text_of(time[1])),
        method=method,
        target=target,
        status=status_of(text_of(request[2])),
        host=host,
        ip=ip,
        referrer=said(referrer),
        user_agent=said(user_agent),
        cookies=said(last) if "=" in last else "",
        token=last if last.startswith(_CHOICES) else "",
    )


def _quoted_behind(content: bytes, place: int) -> list[str]:
    """Return the quoted fields behind the request; others are passed over."""
    found = []
    while place < len(content):
        field = _FIELD.match(content, place)
        if field is None:
            raise BrokenLine("A field is cut off, or has a quotation mark in it.")
        if field[1] is not None:
            found.append(_unescaped(field[1]))
        place = field.end()
    return found


def _sender(start: bytes) -> tuple[str, str]:
    """Return the virtual host, if one stands first, and the address, if it is one."""
    first, second, *_ = [*text_of(start).split(" "), "", ""]
    if ip := plain_address(first):
        return "", ip
    ip = plain_address(second)
    return (first, ip) if ip else ("", "")


def _unescaped(content: bytes) -> str:
    r"""Undo the escapes of nginx (`\x22`) and Apache (`\"`, `\\`, `\t`)."""
    return text_of(_ESCAPE.sub(_meant, content) if b"\\" in content else content)


def _meant(escape: re.Match[bytes]) -> bytes:
    what = escape[1]
    return bytes([int(what[1:], 16)]) if len(what) == 3 else _LETTERS.get(what, what)
