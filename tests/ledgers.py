"""A ledger with sites, made once in a process and copied for each test that begins with it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.site_book import SiteBook


class NewSite(NamedTuple):
    """What a site is added with."""

    name: str
    hosts: Sequence[str]
    zone: str
    content: dict[str, Any]


_made: dict[tuple[bytes, int], bytes] = {}
"""The bytes of ledgers by their sites and the time at which these were added."""


async def place_ledger(path: Path, clock: Clock, *sites: NewSite) -> None:
    """Write a ledger with sites as a new file, for its owner alone.

    Creating its tables and adding a site are some two hundred steps of another thread, which take
    longer than most tests.
    """
    key = (msgspec.msgpack.encode(sites), clock())  # of fifty languages: JSON takes 2 ms a site
    if key not in _made:
        _made[key] = await _made_with(clock, sites)
    _write(path, _made[key])


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(content)


async def _made_with(clock: Clock, sites: Sequence[NewSite]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        ledger = await Ledger.open(sqlite_url(path))
        book = SiteBook(ledger, clock)
        for site in sites:
            await book.add(*site)
        await ledger.close()
        assert not path.with_name("ledger.db-wal").exists()
        return path.read_bytes()
