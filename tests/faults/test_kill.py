"""The process is killed again and again at random moments, under load."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, Memory, hold_promises, load, some_seconds

KILLS = 200

pytestmark = pytest.mark.faults


def test_law_7_two_hundred_kills_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    memory = Memory()
    for _ in range(KILLS):
        port = free_port()
        with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
            asyncio.run(load(server, memory, site, token, some_seconds(2)))
    hold_promises(folder, memory)

    assert len(memory.acknowledged) > KILLS
    assert memory.erased
