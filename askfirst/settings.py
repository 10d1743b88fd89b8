"""The settings: each with its name, default and description; a wrong one stops the start."""

import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from askfirst.errors import Misconfigured
from askfirst.sites import host_of, is_web_address
from askfirst.smtp_url import mail_address, smtp_server
from askfirst.web.base_path import base_path

_LEAST_MB = 48
"""Megabytes with which the engine of the file can do its work on a million events."""
PREFIX = "ASKFIRST_"
FILE_NAME = "askfirst.toml"
_WORKERS = re.compile(r"auto|0?[0-9]|[1-5][0-9]|6[0-4]")
_HEADER = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_MAIL = re.compile(r"mailto:[!#-;=?A-Z^-~]+@[A-Za-z0-9.-]+(\?[!#-;=?-~]+)?")
"""An email address as a URI (RFC 6068), without blanks, quotes, brackets and non-ASCII letters."""


def _split(value: object) -> object:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


class Settings(BaseModel):
    """All settings. Precedence: command line, environment (`ASKFIRST_NAME`), file, default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_folder: Path = Field(
        Path("askfirst-data"), description="The folder of ledger, journal, warehouse and keys."
    )
    warehouse: str = Field(
        "",
        max_length=1000,
        repr=False,  # it may hold a password
        description="Where the events are kept: none is the file in the data folder,"
        " clickhouse://USER@HOST:PORT/DATABASE a ClickHouse database.",
    )
    warehouse_memory_mb: int = Field(
        0, ge=0, description="Megabytes that the engine of the file may use; 0 is by the machine."
    )
    warehouse_threads: int = Field(
        0, ge=0, le=256, description="Threads of the engine of the file; 0 is by the machine."
    )
    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(
        8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one."
    )
    workers: Literal["auto"] | Annotated[int, Field(ge=0, le=64)] = Field(
        "auto",
        description="Processes that take events beside the server's own; auto is one of them"
        " where the machine has room, else none.",
    )
    public_url: str = Field(
        "", description="The address under which browsers reach this server, for the snippet."
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        (), description="Addresses or networks of proxies, which are believed who the client is."
    )
    client_ip_header: str = Field(
        "",
        max_length=64,
        description="The one header in which they name the client, e.g. Forwarded or a CDN's own.",
    )
    storage_location: str = Field(
        "", max_length=200, description="Where the data is kept, in words for the receipts."
    )
    security_contact: str = Field(
        "", max_length=200, description="Where weaknesses are reported, by mailto: or https:."
    )
    metrics_token: str = Field(
        "",
        max_length=200,
        repr=False,
        description="The token with which /metrics is read; none closes it.",
    )
    mail_from: str = Field(
        "", max_length=300, description="The sender of mail, e.g. Askfirst <stats@example.org>."
    )
    smtp_tls: Literal["", "required", "never"] = Field(
        "", description="Whether smtp:// needs STARTTLS; none: unless the server is this machine."
    )
    smtp_url: str = Field(
        "",
        max_length=1000,
        repr=False,  # it may hold a password
        description="The mail server: smtp://USER:PASSWORD@HOST:PORT, or smtps:// for TLS at once.",
    )
    font_folder: Path | None = Field(
        None,
        description="Fonts for PDF files in signs such as Chinese; by default the system's.",
    )
    places_file: Path | None = Field(
        None, description="A MaxMind or DB-IP file (.mmdb); by default the one that is shipped."
    )
    places_url: str = Field(
        "",
        max_length=1000,
        repr=False,  # it may hold a licence key
        description="Where askfirst places update fetches such a file; {month} is e.g. 2026-11.",
    )
    choice_days: int = Field(
        180, ge=1, le=183, description="Days a yes is remembered at most; a new site's no as well."
    )
    refusal_days: int = Field(
        393, ge=1, le=393, description="Days a no is remembered at most; the wording says how many."
    )
    retention_months: int = Field(
        25, ge=1, le=25, description="Months after which recorded events are deleted."
    )
    whole_address_days: int = Field(
        0, ge=0, le=760, description="Days after which whole IP addresses are shortened; 0: never."
    )
    visit_minutes: int = Field(30, ge=1, le=240, description="Minutes of silence that end a visit.")
    max_body_bytes: int = Field(65_536, ge=1024, description="The longest body of one request.")
    max_events_per_request: int = Field(50, ge=1, le=1000, description="Events in one request.")
    events_per_minute: int = Field(600, ge=1, description="Events a minute from one visitor.")
    address_events_per_minute: int = Field(
        6_000, ge=1, description="Events a minute from one address; more is answered 429."
    )
    address_bytes_per_minute: int = Field(
        8_388_608, ge=1024, description="Bytes of events a minute from one address."
    )
    key_events_per_minute: int = Field(
        60_000, ge=1, description="Events a minute with one key of the server-side API."
    )
    key_reports_per_minute: int = Field(
        120, ge=1, description="Reports a minute with one key of the API; more is answered 429."
    )
    report_seconds: int = Field(
        30,
        ge=1,
        le=3600,
        description="Seconds in which the warehouse has to answer a report, or is interrupted.",
    )
    site_events_per_day: int = Field(
        10_000_000, ge=1, description="Events a day (UTC) of one site, whoever sends them."
    )
    choices_per_minute: int = Field(
        60,
        ge=1,
        description="Yeses a minute from one address; of each other kind ten times as many.",
    )
    choices_per_hour: int = Field(1_200, ge=1, description="Yeses an hour from one address.")
    choices_per_day: int = Field(6_000, ge=1, description="Yeses a day (UTC) from one address.")
    site_choices_per_day: int = Field(
        100_000, ge=1, description="Yeses a day (UTC) of one site, whoever sends them."
    )
    free_disk_mb: int = Field(
        512, ge=0, description="Megabytes free on the disk below which events and yeses get 503."
    )
    sign_ins_per_minute: int = Field(
        10, ge=1, description="Sign-in tries a minute from one address."
    )
    session_hours: int = Field(12, ge=1, le=720, description="Hours a staff session lasts.")
    smallest_count: int = Field(
        10, ge=1, le=1000, description="Smaller counts of a page or language are not told."
    )
    journal_queue: int = Field(
        10_000, ge=1, description="Requests that may wait for the journal before 503 is answered."
    )

    @field_validator("warehouse")
    @classmethod
    def _engine(cls, value: str) -> str:
        if value and not value.startswith("clickhouse://"):
            raise ValueError("must be empty or begin with clickhouse://")
        return value

    @field_validator("warehouse_memory_mb")
    @classmethod
    def _enough(cls, value: int) -> int:
        if 0 < value < _LEAST_MB:
            raise ValueError(f"must be 0 or at least {_LEAST_MB}")
        return value

    @field_validator("workers", mode="before")
    @classmethod
    def _auto_or_number(cls, value: object) -> object:
        if not _WORKERS.fullmatch(str(value)):
            raise ValueError("must be auto or a number from 0 to 64")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            ipaddress.ip_network(entry, strict=False)
        return value

    @field_validator("client_ip_header")
    @classmethod
    def _header_name(cls, value: str) -> str:
        if value and not _HEADER.fullmatch(value):
            raise ValueError("must be the name of a header: letters, digits and hyphens")
        return value

    @field_validator("security_contact")
    @classmethod
    def _contact(cls, value: str) -> str:
        web = value.startswith("https://") and is_web_address(value)
        plain = value.isascii() and value.isprintable()
        if value and not (plain and (web or _MAIL.fullmatch(value))):
            raise ValueError("must be mailto:NAME@HOST or an address that begins with https://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str) -> str:
        if value:
            mail_address(value)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str, info: ValidationInfo) -> str:
        if value:
            smtp_server(value, info.data.get("smtp_tls", ""))
            needed = ("mail_from", "public_url")
            if missing := [one for one in needed if one in info.data and not info.data[one]]:
                raise ValueError(f"it needs the setting {missing[0]} as well")
        return value

    @field_validator("places_url")
    @classmethod
    def _fetched_from(cls, value: str) -> str:
        if value and not is_web_address(value.replace("{month}", "2026-11")):
            raise ValueError("must be a web address that begins with http:// or https://")
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and host_of(value) is None:
            raise ValueError("must be a web address that begins with http:// or https://")
        base_path(value)
        return value.rstrip("/")

    @property
    def base_path(self) -> str:
        """The path of `public_url` under which the server is reached: `/askfirst`, or ''."""
        return base_path(self.public_url)


def load_settings(
    given: Mapping[str, Any] | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read the settings once.

    `given` has the command line's values by setting name; None means that it names none.
    Raises `Misconfigured` with a sentence that names the first unknown or wrong setting.
    """
    arguments = {name: value for name, value in (given or {}).items() if value is not None}
    variables = _from_environment(environment)
    chosen = {**variables, **arguments}
    folder = Path(chosen.get("data_folder", "askfirst-data"))
    return _checked({**_from_file(folder / FILE_NAME), **chosen})


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    found = {k: v for k, v in environment.items() if k.startswith(PREFIX)}
    for name in found:
        if name.removeprefix(PREFIX).lower() not in Settings.model_fields:
            raise Misconfigured(f"The environment sets {name}, which is not a setting.")
    return {name.removeprefix(PREFIX).lower(): value for name, value in found.items()}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misconfigured(f"The settings file {path} cannot be read: {error}.") from error
    for name in found:
        if name not in Settings.model_fields or name == "data_folder":
            raise Misconfigured(f"The file {path} sets {name}, which is not a setting there.")
    return found


def _checked(values: dict[str, Any]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        why = first["msg"].removeprefix("Value error, ")  # which pydantic adds
        raise Misconfigured(f"The setting {name} is wrong: {why}.") from error
