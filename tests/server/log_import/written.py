"""Lines of access logs, as nginx, Apache, Caddy and CloudFront write them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import msgspec

from server.log_import.line import LogLine
from tests.factories import NOON

COOKIE = "askfirst_0123456789abcdef"
SHOP = LogLine(
    time=NOON,
    method="GET",
    target="/shop?utm_source=mail",
    status=200,
    host="example.org",
    ip="192.0.2.7",
    referrer="https://www.google.com/",
)
"""A page view from a search, by nobody yet."""
CLOUDFRONT_FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)"
    " cs(User-Agent) cs-uri-query cs(Cookie) x-host-header cs-protocol"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def nginx(line: LogLine, east: int = 0) -> bytes:
    """`combined` with `"$cookie_askfirst_KEY"` behind it; nginx escapes by \\xHH."""
    return _combined(line, east, lambda text: re.sub(rb'["\\\x00-\x1f\x7f-\xff]', _hex, text))


def apache(line: LogLine, east: int = 0) -> bytes:
    """`combined` with `\\"%{askfirst_KEY}C\\"` behind it; Apache escapes by backslashes."""

    def escaped(text: bytes) -> bytes:
        text = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        return re.sub(rb"[\x00-\x1f\x7f-\xff]", _hex, text.replace(b"\t", b"\\t"))

    return _combined(line, east, escaped)


def nginx_json(line: LogLine) -> bytes:
    fields = {
        "time": datetime.fromtimestamp(line.time // 1000, UTC).isoformat(),
        "remote_addr": line.ip,
        "method": line.method,
        "uri": line.target,
        "host": line.host,
        "status": str(line.status),
        "referer": line.referrer,
        "user_agent": line.user_agent,
        "accept_language": line.accept_language,
        COOKIE: line.token,
    }
    return msgspec.json.encode(fields)


def caddy(line: LogLine) -> bytes:
    headers = {
        "Referer": [line.referrer],
        "User-Agent": [line.user_agent],
        "Accept-Language": [line.accept_language],
    }
    request: dict[str, Any] = {
        "remote_ip": "192.0.2.99",
        "client_ip": line.ip,
        "proto": "HTTP/2.0",
        "method": line.method,
        "host": line.host,
        "uri": line.target,
        "headers": headers,
    }
    fields = {"level": "info", "ts": line.time / 1000, "logger": "http.log.access.log0"}
    return msgspec.json.encode(
        {**fields, "request": request, "status": line.status, COOKIE: line.token}
    )


def cloudfront(line: LogLine) -> bytes:
    moment = datetime.fromtimestamp(line.time // 1000, UTC)
    path, _, query = line.target.partition("?")
    cookie = f"{COOKIE}={line.token}" if line.token else ""
    values = [
        moment.strftime("%Y-%m-%d"),
        moment.strftime("%H:%M:%S"),
        "FRA2-C1",
        "1045619",
        line.ip,
        line.method,
        "d111111abcdef8.cloudfront.net",
        path,
        str(line.status),
        quote(line.referrer, safe=":/?&=") or "-",
        quote(line.user_agent, safe="/();:,.") or "-",
        query or "-",
        quote(cookie, safe="=;. ") or "-",
        line.host or "-",
        "https",
    ]
    return "\t".join(values).encode()


def _combined(line: LogLine, east: int, escaped: Any) -> bytes:
    zone = timezone(timedelta(minutes=east))
    moment = datetime.fromtimestamp(line.time // 1000, zone)
    named = f"{moment:%d}/{_MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S %z}"
    request = escaped(f"{line.method} {line.target} HTTP/1.1".encode())
    quoted = [escaped(one.encode()) or b"-" for one in (line.referrer, line.user_agent, line.token)]
    host = f"{line.host} ".encode() if line.host else b""
    start = b"%s%s - - [%s]" % (host, line.ip.encode(), named.encode())
    return b'%s "%s" %d 512 "%s" "%s" "%s"' % (start, request, line.status, *quoted)


def _hex(found: re.Match[bytes]) -> bytes:
    return b"\\x%02X" % found[0][0]
