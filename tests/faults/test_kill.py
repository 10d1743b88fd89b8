"""The process is killed again and again at random moments, under load."""

import asyncio
import os
from pathlib import Path

import pytest

from benchmarks.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, Memory, hold_promises, load, some_seconds

KILLS = int(os.environ.get("FAULTS_KILLS", "200"))
MOST_SECONDS = 0.6
"""Of load before a kill: the time of the kill is spread over a group, a batch and a trim."""

pytestmark = pytest.mark.faults


def test_law_7_two_hundred_kills_lose_nothing_acknowledged_and_double_nothing(tmp_path: Path):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    memory = Memory()
    for _ in range(KILLS):
        port = free_port()
        with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
            asyncio.run(load(server, memory, site, token, some_seconds(MOST_SECONDS)))
    hold_promises(folder, memory)

    assert len(memory.acknowledged) > KILLS
    assert memory.erased or KILLS < 50
