"""The process is killed again and again at random moments, under load."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.load.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, ClientLog, hold_promises, load

KILLS = int(os.environ.get("FAULTS_KILLS", "200"))

pytestmark = pytest.mark.faults


def warehouse_changed(folder: Path) -> Callable[[], bool]:
    """Return a function that says whether something was shipped since this call."""

    def newest() -> int:
        return max(path.stat().st_mtime_ns for path in folder.glob("warehouse.duckdb*"))

    before = newest()
    return lambda: newest() > before


def grown(events: set[str]) -> Callable[[], bool]:
    before = len(events)
    return lambda: len(events) > before


def test_law_7_two_hundred_kills_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    client_log, shipped = ClientLog(), 0
    for n in range(KILLS):
        moved, port = warehouse_changed(folder), free_port()
        # Soon after the start, the first acknowledged event, the first batch, the first erasure.
        moments = (lambda: True, grown(client_log.acknowledged), moved, grown(client_log.erased))
        with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
            asyncio.run(load(server, client_log, (site, token), moments[n % 4]))
        shipped += moved()
    hold_promises(folder, client_log)

    assert len(client_log.acknowledged) > KILLS
    assert shipped >= KILLS // 4
    assert len(client_log.erased) >= KILLS // 4
