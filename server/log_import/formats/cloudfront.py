"""Lines of CloudFront's standard logs: fields that the line `#Fields:` names, divided by tabs.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from askfirst.web.ip_addresses import plain_address
from server.log_import.formats.times import time_of
from server.log_import.line import BrokenLine, LogLine, said, status_of, text_of

FIELDS = b"#Fields:"


def field_names(directive: bytes) -> tuple[str, ...]:
    """Return the names in a line that begins with `#Fields:`."""
    return tuple(text_of(directive.removeprefix(FIELDS)).split())


def read_cloudfront(content: bytes, names: Sequence[str]) -> LogLine:
    """Read a line without its end; raises `BrokenLine`."""
    values = text_of(content).split("\t")
    if len(values) != len(names):
        raise BrokenLine("It has another number of fields than #Fields names.")
    return read_fields(dict(zip(names, values, strict=True)))


def read_fields(fields: Mapping[str, str]) -> LogLine:
    """Read the fields of a line by their names; raises `BrokenLine`."""

    def field(name: str) -> str:
        return said(fields.get(name, ""))

    path, query = field("cs-uri-stem"), field("cs-uri-query")
    return LogLine(
        time=time_of(f"{field('date')}T{field('time')}Z"),
        method=field("cs-method"),
        target=f"{path}?{query}" if query else path,
        status=status_of(field("sc-status")),
        scheme=field("cs-protocol"),
        host=field("x-host-header") or field("cs(Host)"),
        ip=plain_address(field("c-ip")),
        referrer=_plain(field("cs(Referer)")),
        user_agent=_agent(field("cs(User-Agent)")),
        cookies=_plain(field("cs(Cookie)")),
    )


def _plain(text: str) -> str:
    """Undo the percent-encoding of what a browser never encodes: blanks, quotation marks."""
    return text if "%" not in text else unquote(text, errors="replace")


def _agent(text: str) -> str:
    """Undo the encoding of a user agent, which older logs encode twice (`%2520`)."""
    once = _plain(text)
    return _plain(once) if "%20" in once and " " not in once else once
