"""One line of an access log as its format says it, and what is wrong with lines that are broken."""

from collections.abc import Sequence

import msgspec

NOTHING = ("", "-")
"""How formats write that there is nothing."""


class LogLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says of one request; '' is what it does not say.

    `time` is milliseconds since the epoch; `target` the path with its query, or a whole address;
    `cookies` the header of that name, `token` the value of the choice cookie where it is logged
    alone. `asks_for` is what the browser wants it for (the header Sec-Fetch-Dest).
    """

    time: int
    method: str
    target: str
    status: int
    scheme: str = ""
    host: str = ""
    ip: str = ""
    referrer: str = ""
    user_agent: str = ""
    accept_language: str = ""
    cookies: str = ""
    token: str = ""
    gpc: bool = False
    prefetch: bool = False
    asks_for: str = ""
    hint_headers: tuple[str, ...] | None = None
    """Client hints, as `Arrival` has them."""


class BrokenLine(ValueError):
    """A line is not what its format says; the message is a sentence and repeats nothing of it."""


class UnknownForm(BrokenLine):
    """A line has not the form of the format as which it is read."""


def text_of(content: bytes) -> str:
    """Decode bytes of a line: UTF-8, or Latin-1 where they are not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


def said(text: str) -> str:
    """Return a text, or '' for what stands for nothing."""
    return "" if text in NOTHING else text


def request_of(line: str) -> tuple[str, str]:
    """Return method and target of a request line such as `GET /page HTTP/1.1`.

    Both are '' for what is none: browsers do not send such, but logs are full of it.
    """
    method, _, rest = line.partition(" ")
    target, _, protocol = rest.rpartition(" ")
    return (method, target) if target and protocol.startswith("HTTP/") else ("", "")


def status_of(text: str) -> int:
    """Read an HTTP status."""
    if len(text) != 3 or not (text.isascii() and text.isdigit()):
        raise BrokenLine("The status is no number of three digits.")
    return int(text)


def choice_of(cookies: str, names: Sequence[str]) -> list[str]:
    """Return the values of the cookies with these names, as browsers send them (RFC 6265, 5.4)."""
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
    return [value for name, _, value in pairs if name in names and value]
