"""The country of an IP address, from a MaxMind or DB-IP file; the only user of `maxminddb`."""

import ipaddress
import lzma
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
import structlog

from askfirst.system.assets import asset_path
from askfirst.system.durable_files import write_durably

log = structlog.get_logger()

SHIPPED = "data/dbip-country.mmdb.xz"


class Countries:
    """Looks up the country of an address as ISO 3166-1 alpha-2, e.g. `GB`, or '' if unknown.

    Where the file is missing or damaged, every country is unknown, which is logged once. The file
    is read by the library's Python code: its C code crashes the process on some damaged files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._warned = False
        self._reader = self._opened()
        self.country = lru_cache(maxsize=65_536)(self._country)

    def _opened(self) -> maxminddb.Reader | None:
        try:
            return maxminddb.open_database(self._path, maxminddb.MODE_MMAP)
        except Exception as error:  # noqa: BLE001 - a damaged file may raise anything at all
            self._warn(error)
            return None

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            log.warning("geoip_unavailable", file=str(self._path), why=type(error).__name__)
        self._warned = True

    def _country(self, ip: str) -> str:
        address = _address(ip)
        if self._reader is None or address is None:
            return ""
        if address.version == 6 and self._reader.metadata().ip_version == 4:
            return ""
        try:
            return _code(self._reader.get(address))
        except Exception as error:  # noqa: BLE001 - a damaged file may raise anything at all
            self._warn(error)
            return ""

    def close(self) -> None:
        """Close the file."""
        if self._reader is not None:
            self._reader.close()


def _address(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(ip)
    except ValueError:
        return None


def _code(record: Any) -> str:
    """Read the country from a flat record (`country_code`) or a nested one (`country.iso_code`)."""
    if not isinstance(record, dict):
        return ""
    nested = record.get("country")
    code = nested.get("iso_code") if isinstance(nested, dict) else nested
    code = code or record.get("country_code") or ""
    return code.upper() if isinstance(code, str) and len(code) == 2 and code.isalpha() else ""


def shipped_countries(folder: Path) -> Path:
    """Unpack the shipped country file into a folder, once, and return its path."""
    packed = asset_path(SHIPPED)
    target = folder / f"{packed.stem}-{packed.stat().st_size}"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_durably(target, lzma.decompress(packed.read_bytes()))
    return target
