"""Which server writes into the warehouse: one, by a lease that it renews while it runs.

Each claim is a row with the next generation, whose insertion has the generation as its token: of
two servers that claim at once, one succeeds. Time is that of the ClickHouse server.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.store.warehouse.engine import Value

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

LEASE_SECONDS = 60

_NEWEST = """
SELECT generation, server, host, until > now64(3) AS runs,
       formatDateTime(until, '%H:%i:%S', 'UTC') AS ends
FROM owner ORDER BY generation DESC LIMIT 1
"""
_CLAIM = """
INSERT INTO owner SELECT toUInt64($generation), $server, $host,
                         now64(3, 'UTC') + toIntervalSecond($seconds)
"""
_WINNER = "SELECT server FROM owner WHERE generation = $generation"
_SHARE = 10_000  # generations in a partition


class Ownership:
    """The lease of one server, `server`: a name that it keeps when it is started again."""

    def __init__(self, client: Client, server: str, seconds: int = LEASE_SECONDS) -> None:
        self._client = client
        self._server = server
        self._seconds = seconds
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._generation: int | None = None
        self._sure_until = 0.0

    def claim(self) -> None:
        """Take the lease, or renew it. Raises `Misconfigured` while another server holds it."""
        with self._lock:
            begun = time.monotonic()
            found = self._newest()
            if found and found["server"] != self._server and found["runs"]:
                raise _taken(found)
            generation = (found["generation"] if found else 0) + 1
            self._insert(generation, self._seconds)
            winner = self._client.rows(_WINNER, {"generation": generation})
            if [row["server"] for row in winner] != [self._server]:
                raise _taken(self._newest() or {})
            self._generation = generation
            self._sure_until = begun + self._seconds / 2
        self._prune(generation)

    def check(self) -> None:
        """Raise `Misconfigured` if another server has taken the lease, which had run out."""
        if self.is_held():
            return
        found = self._newest()
        if not found or found["server"] != self._server or not found["runs"]:
            self.claim()

    def is_held(self) -> bool:
        """Return whether no other server can have taken the lease; this asks nobody."""
        return time.monotonic() < self._sure_until

    def keep(self) -> None:
        """Renew the lease from now on, three times as often as it runs out."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._renew, name="warehouse", daemon=True)
            self._thread.start()

    def stop(self, seconds: float | None = None) -> bool:
        """Renew the lease no more, and return whether it has ended what it began, in seconds."""
        self._stop.set()
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def release(self) -> None:
        """End the lease, which is renewed no more, so that another server may start at once."""
        if self._generation is not None:
            with suppress(AskfirstError):  # then it runs out
                found = self._newest()
                if found and found["server"] == self._server:
                    self._insert(found["generation"] + 1, 0)

    def _renew(self) -> None:
        while not self._stop.wait(self._seconds / 3):
            with suppress(AskfirstError):  # a commit will say so
                self.claim()

    def _newest(self) -> dict[str, Any] | None:
        rows = self._client.rows(_NEWEST)
        return rows[0] if rows else None

    def _insert(self, generation: int, seconds: int) -> None:
        values: dict[str, Value] = {
            "generation": generation,
            "server": self._server,
            "host": socket.gethostname(),
            "seconds": seconds,
        }
        self._client.run(_CLAIM, values, token=f"owner:{generation}")

    def _prune(self, generation: int) -> None:
        if generation % _SHARE == 0 and generation > _SHARE:
            old = generation // _SHARE - 2
            self._client.run(f"ALTER TABLE owner DROP PARTITION ID '{old}'")


def _taken(row: dict[str, Any]) -> Misconfigured:
    return Misconfigured(
        f"Another Askfirst server, on {row.get('host', 'another machine')!r}, writes into this"
        " ClickHouse database. Only one may: stop it, or, if it has crashed, wait until"
        f" {row.get('ends', 'a minute from now')} UTC.",
        field="warehouse",
    )
