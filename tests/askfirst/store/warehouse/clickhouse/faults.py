"""A client whose n-th write fails: before it reaches the server, after it, or it lands late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.client import Client

Side = Literal["lost", "answer lost", "late"]


class FaultyClient(Client):
    """Fails once, at the write with the number `at`, counted from when it is `armed`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._left: int | None = None
        self._side: Side = "lost"
        self.late: list[Callable[[], None]] = []

    def arm(self, at: int, side: Side) -> None:
        self._left, self._side = at, side

    @property
    def has_failed(self) -> bool:
        return self._left is not None and self._left < 0

    def run(self, *arguments: Any, **options: Any) -> None:
        self._write(lambda: Client.run(self, *arguments, **options), arguments[0])

    def insert(self, *arguments: Any, **options: Any) -> None:
        self._write(lambda: Client.insert(self, *arguments, **options), arguments[0])

    def _write(self, act: Callable[[], None], what: str) -> None:
        if self._left is None or self._left < 0 or "INTO owner" in what:
            act()
            return
        self._left -= 1
        if self._left >= 0:
            act()
            return
        if self._side == "answer lost":
            act()
        elif self._side == "late":
            self.late.append(act)
        raise Unavailable("The connection was lost (by the test).")
