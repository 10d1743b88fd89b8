"""Runs the command line with a fail point, at which the process ends as by a loss of power.

`python failing.py POINT TURN serve ...` ends the process when POINT is reached for the TURNth time;
`python failing.py fails FILE serve ...` makes the warehouse fail while FILE exists, and
`python failing.py slow FILE serve ...` makes it take two seconds for each batch.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from askfirst.consents import Tokens
from askfirst.store.ledger.database import Ledger
from askfirst.store.personal_data import ConsentRecordsHolder, PersonalData, WarehouseHolder
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.shared_connection import SharedConnection
from askfirst.store.warehouse.warehouse import Warehouse
from collector.journal.group_commit import GroupCommit
from collector.journal.journal import Journal
from collector.journal.personal_data import JournalHolder
from consent.rights.erasure import Eraser
from server.site_deletion import SiteDeletion

STATUS = 77
POINTS: dict[str, tuple[type, str, str]] = {
    "before the journal's commit": (GroupCommit, "_insert", "before"),
    "after the journal's commit": (GroupCommit, "_insert", "after"),
    "before the answer": (GroupCommit, "_end", "before"),
    "before the warehouse's commit": (SharedConnection, "transaction", "inside"),
    "after the warehouse's commit": (Warehouse, "append", "after"),
    "before the journal's trim": (Journal, "trim", "before"),
    "after the journal's trim": (Journal, "trim", "after"),
    "before the token's reply": (Tokens, "sign", "after"),
    "after the erasure's request": (Eraser, "_carry_out", "before"),
    "after the journal's erasure": (JournalHolder, "erase", "after"),
    "after the warehouse's erasure": (WarehouseHolder, "erase", "after"),
    "after the records' erasure": (ConsentRecordsHolder, "erase", "after"),
    "before the receipt": (PersonalData, "erase", "after"),
    "before the ledger's checkpoint": (Ledger, "checkpoint", "before"),
    "after the fresh warehouse": (DuckDBEngine, "_copy", "after"),
    "after the rewrite": (Warehouse, "rewrite", "after"),
    "before retention's commit": (SharedConnection, "transaction", "inside"),
    "after retention's delete": (Warehouse, "delete_before", "after"),
    "before retention's rewrite": (Warehouse, "rewrite", "before"),
    "after retention's copy": (DuckDBEngine, "_copy", "after"),
    "after retention's rewrite": (Warehouse, "rewrite", "after"),
    "before the deletion's first step": (SiteDeletion, "_carry_out", "before"),
    "after the deletion of a site from the journal": (Journal, "erase_site", "after"),
    "after the deletion of a site from the warehouse": (Warehouse, "delete_site", "after"),
    "after the deletion's visitors": (SiteDeletion, "_forget_visitors", "after"),
    "after the deletion's rows": (SiteDeletion, "_carry_out", "after"),
    "before the deletion's rewrite": (Warehouse, "rewrite", "before"),
    "after the deletion's rewrite": (Warehouse, "rewrite", "after"),
}


class Point:
    """Counts how often the point is reached, and ends the process at the chosen time."""

    def __init__(self, turn: int) -> None:
        self.left = turn

    def reached(self) -> None:
        self.left -= 1
        if self.left <= 0:
            os._exit(STATUS)


def before(original: Callable[..., Any], point: Point) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        point.reached()
        return original(*args, **kwargs)

    return failing


def after(original: Callable[..., Any], point: Point) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        if hasattr(result, "__await__"):
            return awaited(result, point)
        point.reached()
        return result

    return failing


async def awaited(result: Any, point: Point) -> Any:
    value = await result
    point.reached()
    return value


def inside(original: Callable[..., Any], point: Point) -> Callable[..., Any]:
    @contextmanager
    def failing(*args: Any, **kwargs: Any) -> Iterator[Any]:
        with original(*args, **kwargs) as opened:
            yield opened
            point.reached()

    return failing


def troubled(original: Callable[..., Any], trouble: str, file: Path) -> Callable[..., Any]:
    def failing(*args: Any, **kwargs: Any) -> Any:
        if file.exists():
            if trouble == "fails":
                raise duckdb.IOException("The disk is gone.")
            time.sleep(2)
        return original(*args, **kwargs)

    return failing


WRAPPERS = {"before": before, "after": after, "inside": inside}

if __name__ == "__main__":
    name, detail = sys.argv[1:3]
    if name in POINTS:
        owner, method, where = POINTS[name]
        setattr(owner, method, WRAPPERS[where](getattr(owner, method), Point(int(detail))))
    else:
        Warehouse.append = troubled(Warehouse.append, name, Path(detail))  # type: ignore[method-assign]
    from server.cli import main

    sys.argv[1:] = sys.argv[3:]
    main()
