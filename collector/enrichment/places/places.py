"""The place of an IP address, looked up in a file that may be swapped while the server runs."""

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache

import maxminddb
import structlog

from askfirst.clock import Clock, system_clock
from askfirst.web.ip_addresses import plain_address
from collector.enrichment.places.files import PlacesFile, opened, provider_of
from collector.enrichment.places.records import (
    UNKNOWN,
    IPAddress,
    Place,
    place_of,
    place_without_record,
)

log = structlog.get_logger()

_LOOK_EVERY_MS = 1000

_Version = tuple[PlacesFile, int, int, int]
"""A file with its inode, time and size, which change when it is swapped."""


class Places:
    """Looks up the place of an address in the first of some files that exists.

    Once a second it looks whether that is another file by now, which is then read from that lookup
    on. Where a file is missing or damaged, the one before is used, or else every place is unknown,
    which is logged once.
    """

    def __init__(self, files: Sequence[PlacesFile], clock: Clock = system_clock) -> None:
        self._files = files
        self._clock = clock
        self._looked_at = clock()
        self._version = next(filter(None, map(_version_of, files)), None)
        self._lookup = _Lookup(self._open(), self._warn)

    def place(self, ip: str) -> Place:
        """Return the place of an address; of what is no address, or not in the file, `UNKNOWN`."""
        now = self._clock()
        if not 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            self._looked_at = now
            self._take_up()
        return self._lookup.place(ip)

    def country(self, ip: str) -> str:
        """Return the country of an address: ISO 3166-1 alpha-2, `local`, or '' if unknown."""
        return self.place(ip).country

    def provider(self) -> str:
        """Return whose data the file has: `DB-IP`, `MaxMind`, or '' where that is not known."""
        return self._lookup.provider

    def close(self) -> None:
        """Close the file."""
        self._lookup.close()

    def _take_up(self) -> None:
        version = next(filter(None, map(_version_of, self._files)), None)
        if version == self._version:
            return
        self._version = version
        if reader := self._open():
            before, self._lookup = self._lookup, _Lookup(reader, self._warn)
            before.close()

    def _open(self) -> maxminddb.Reader | None:
        try:
            return opened(self._version[0] if self._version else self._files[-1])
        except Exception as error:  # noqa: BLE001 - a damaged file may raise anything at all
            self._warn(error)
            return None

    def _warn(self, error: Exception) -> None:
        file = self._version[0] if self._version else self._files[-1]
        log.warning("geoip_unavailable", file=str(file.path), why=type(error).__name__)


def _version_of(file: PlacesFile) -> _Version | None:
    try:
        found = file.path.stat()
    except OSError:
        return None
    return file, found.st_ino, found.st_mtime_ns, found.st_size


class _Lookup:
    """An open file, and the places that were found in it."""

    def __init__(self, reader: maxminddb.Reader | None, warn: Callable[[Exception], None]) -> None:
        self._reader = reader
        self._warn = warn
        self._warned = False
        self.provider = provider_of(reader.metadata().database_type) if reader else ""
        self.place = lru_cache(maxsize=65_536)(self._place)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _place(self, ip: str) -> Place:
        plain = plain_address(ip)
        if not plain:
            return UNKNOWN
        address = ipaddress.ip_address(plain)
        place = self._recorded(address)
        return place_without_record(address) if place == UNKNOWN else place

    def _recorded(self, address: IPAddress) -> Place:
        reader = self._reader
        if reader is None or reader.metadata().ip_version < address.version:
            return UNKNOWN
        try:
            return place_of(reader.get(address))
        except Exception as error:  # noqa: BLE001 - a damaged file may raise anything at all
            if not self._warned:
                self._warn(error)
            self._warned = True
            return UNKNOWN
