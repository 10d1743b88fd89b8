"""The redo log, by which a commit of several statements is done as a whole, and once.

1. One row with the operations and the next number is inserted into `redo`. The number is the
   token of the insertion, so only one row can ever have it, whoever inserts it and however late.
2. Each operation is carried out so that it may be repeated (see `operations`), in an order in
   which readers see nothing or all of it (see `steps` and `snapshots`).
3. Its number is inserted into `redo_done`. A row of `redo` with a number above all of these is
   open: it is carried out before anything else is read or written.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.committing.operations import Carrier, check, joined
from askfirst.store.warehouse.clickhouse.committing.steps import in_steps
from askfirst.store.warehouse.engine import Operation

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client
    from askfirst.store.warehouse.clickhouse.committing.snapshots import Snapshots

_REMEMBERED = 1_000  # tokens of the last commits
_SHARE = 100  # numbers in a partition of redo
_SHARE_DONE = 10_000


class RedoLog:
    """The log of one writer, which calls it from one thread at a time."""

    def __init__(self, client: Client, carrier: Carrier, snapshots: Snapshots) -> None:
        self._client = client
        self._carrier = carrier
        self._snapshots = snapshots
        self._last: int | None = None
        self._tokens: set[str] = set()

    def settle(self) -> bool:
        """Carry out a commit that is open, and return whether there was one."""
        if self._last is not None:
            return False
        done = self._client.rows(
            "SELECT number, token FROM redo_done ORDER BY number DESC LIMIT $most",
            {"most": _REMEMBERED},
        )
        last = max((row["number"] for row in done), default=0)
        self._tokens = {row["token"] for row in done}
        self._snapshots.show(last)
        found = self._finish(last + 1)
        self._last = last + 1 if found else last
        return found

    def commit(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out all operations or none, once for a token.

        Raises `Unavailable` if another commit had to be carried out first, because these
        operations were computed without it, and `ValueError` for rows that no table can take.
        """
        check(operations)
        operations = joined(operations)
        was_open = self.settle()
        if token in self._tokens:
            return
        if was_open:
            raise _overtaken()
        number = (self._last or 0) + 1
        attempt = uuid.uuid4().hex
        self._last = None  # until all is done
        self._note(number, token, attempt, operations)
        if self._attempt(number) != attempt:
            self.settle()
            if token in self._tokens:
                return
            raise _overtaken()
        self._carry_out(number, operations)
        self._mark(number, token)
        self._prune(number)
        self._last = number

    def forget(self) -> None:
        """Remove the bytes of the operations of all commits, which are done."""
        self.settle()
        self._client.run("TRUNCATE TABLE redo")

    def _note(self, number: int, token: str, attempt: str, operations: Sequence[Operation]) -> None:
        import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

        from askfirst.store.warehouse.clickhouse.committing.packing import packed  # noqa: PLC0415

        row = {
            "number": pa.array([number], pa.uint64()),
            "token": [token],
            "attempt": [attempt],
            "operations": pa.array([packed(operations)], pa.binary()),
        }
        self._client.insert("redo", pa.table(row), f"redo:{number}")

    def _attempt(self, number: int) -> str | None:
        """Return which attempt has a number; None if its row was removed, so it is long done."""
        found = self._client.rows("SELECT attempt FROM redo WHERE number = $n", {"n": number})
        return str(found[0]["attempt"]) if found else None

    def _finish(self, number: int) -> bool:
        from askfirst.store.warehouse.clickhouse.committing.packing import unpacked  # noqa: PLC0415

        sql = "SELECT token, base64Encode(operations) AS operations FROM redo WHERE number = $n"
        found = self._client.rows(sql, {"n": number})
        if not found:
            return False
        self._carry_out(number, unpacked(base64.b64decode(found[0]["operations"])))
        self._mark(number, found[0]["token"])
        return True

    def _carry_out(self, number: int, operations: Sequence[Operation]) -> None:
        """Carry out what readers do not see yet, show it, and then delete what it replaces."""
        steps = in_steps(operations)
        for place in (*steps.unseen, *steps.shared):
            self._carrier.carry_out(operations[place], number, place)
        self._snapshots.show(number, steps.deletes)
        for place in steps.after:
            self._carrier.carry_out(operations[place], number, place)
        if steps.deletes:
            self._snapshots.wait()
        for place, delete in steps.deletes:
            self._carrier.carry_out(delete, number, place)

    def _mark(self, number: int, token: str) -> None:
        import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

        row = {"number": pa.array([number], pa.uint64()), "token": [token]}
        self._client.insert("redo_done", pa.table(row), f"done:{number}")
        self._tokens.add(token)
        self._snapshots.show(number)

    def _prune(self, number: int) -> None:
        if number % _SHARE == 0 and number > _SHARE:
            self._client.run(f"ALTER TABLE redo DROP PARTITION ID '{number // _SHARE - 2}'")
        if number % _SHARE_DONE == 0 and number > _SHARE_DONE:
            self._client.run(
                f"ALTER TABLE redo_done DROP PARTITION ID '{number // _SHARE_DONE - 2}'"
            )


def _overtaken() -> Unavailable:
    return Unavailable("Another write to ClickHouse was carried out first; try again.")
