"""The address of a ClickHouse database, read from a URL and checked in one place."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote

from askfirst.errors import Misconfigured
from askfirst.web.urls import split_address

SCHEME = "clickhouse"
PASSWORD_VARIABLE = "CLICKHOUSE_PASSWORD"  # noqa: S105 - a variable's name

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_FLAGS = {"1": True, "true": True, "0": False, "false": False}
_SHAPE = "clickhouse://USER@HOST:PORT/DATABASE"


@dataclass(frozen=True)
class Address:
    """Where a ClickHouse database is, and how it is reached."""

    host: str
    database: str
    port: int = 8123
    user: str = "default"
    password: str = field(default="", repr=False)
    secure: bool = False
    verify: bool = True
    ca_cert: str = ""
    cluster: str = ""
    """The cluster that its tables are spread over, '' for a single node."""
    connect_timeout: int = 10
    timeout: int = 60
    """Seconds after which a request is given up."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}://{host}:{self.port}/{self.database}"


def is_clickhouse(url: str) -> bool:
    """Return whether a setting names a ClickHouse database."""
    return url.split(":", 1)[0].strip().lower() == SCHEME


def address_of(url: str, environment: Mapping[str, str] = os.environ) -> Address:
    """Read the address from `clickhouse://USER:PASSWORD@HOST:PORT/DATABASE?secure=1&...`.

    The options are `secure`, `verify`, `ca_cert`, `cluster`, `password_file`, `connect_timeout`
    and `timeout` (seconds). A password that stands neither in the URL nor in a file comes from
    the variable CLICKHOUSE_PASSWORD. Raises `Misconfigured` without repeating the URL.
    """
    parts, port = _split(url)
    options = _options(parts.query)
    secure = _flag(options, "secure", default=False)
    return Address(
        host=parts.hostname or "",
        port=port or (8443 if secure else 8123),
        database=_name("database", unquote(parts.path.removeprefix("/"))),
        user=unquote(parts.username or "") or "default",
        password=_password(parts, options, environment),
        secure=secure,
        verify=_flag(options, "verify", default=True),
        ca_cert=options.get("ca_cert", ""),
        cluster=_name("cluster", options["cluster"]) if "cluster" in options else "",
        connect_timeout=_seconds(options, "connect_timeout", 10),
        timeout=_seconds(options, "timeout", 60),
    )


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = split_address(url)
        port = parts.port
    except ValueError as error:
        raise _wrong(f"it must look like {_SHAPE}") from error.with_traceback(None)
    if parts.scheme.lower() != SCHEME or not parts.hostname or parts.fragment or port == 0:
        raise _wrong(f"it must look like {_SHAPE}")
    return parts, port


_OPTIONS = (
    "secure", "verify", "ca_cert", "cluster", "password_file", "connect_timeout", "timeout",
)  # fmt: skip


def _options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _OPTIONS:
            raise _wrong(f"its options are {', '.join(_OPTIONS)}")
        if name in options:
            raise _wrong(f"its option {name} stands there twice")
        options[name] = value
    return options


def _flag(options: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = options.get(name)
    if value is None:
        return default
    if value.lower() not in _FLAGS:
        raise _wrong(f"its option {name} must be 0 or 1")
    return _FLAGS[value.lower()]


def _seconds(options: Mapping[str, str], name: str, default: int) -> int:
    value = options.get(name, str(default))
    if not (value.isascii() and value.isdigit() and 1 <= len(value) <= 4 and int(value)):
        raise _wrong(f"its option {name} must be a number of seconds from 1 to 9999")
    return int(value)


def _name(what: str, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise _wrong(f"its {what} must be a name of letters, digits, _ and -")
    return value


def _password(
    parts: SplitResult, options: Mapping[str, str], environment: Mapping[str, str]
) -> str:
    if "password_file" in options:
        if parts.password is not None:
            raise _wrong("it has both a password and an option password_file")
        return _from_file(options["password_file"])
    if parts.password is not None:
        return unquote(parts.password)
    return environment.get(PASSWORD_VARIABLE, "")


def _from_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise _wrong("its password_file cannot be read") from error


def _wrong(why: str) -> Misconfigured:
    return Misconfigured(f"The address of the warehouse is wrong: {why}.", field="warehouse")
