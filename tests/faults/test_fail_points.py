"""The process ends between two instructions that matter, and goes on where it was."""

import asyncio
import sys
from pathlib import Path

import httpx2
import pytest

from benchmarks.serving import free_port, prepared, serving
from tests.faults import failing
from tests.faults.acting import ENVIRONMENT, Memory, hold_promises

pytestmark = pytest.mark.faults


async def act(address: str, memory: Memory, site, token: str) -> None:
    async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
        senders = [memory.send_on(client, site, token) for _ in range(4)]
        await asyncio.gather(memory.decide_on(client, site), *senders)


def failing_command(folder: Path, port: int, point: str, turn: int) -> list[str]:
    command = [sys.executable, failing.__file__, point, str(turn)]
    return [*command, "serve", "--data", str(folder), "--port", str(port)]


@pytest.mark.parametrize("point", failing.POINTS)
def test_law_7_an_end_at_an_instruction_that_matters_loses_and_doubles_nothing(
    tmp_path: Path, point: str
):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    memory = Memory()
    turns = (2, 7) if "rewrite" not in point and "fresh" not in point else (1, 2)
    for turn in turns:
        port = free_port()
        command = failing_command(folder, port, point, turn)
        environment = {**ENVIRONMENT, "PYTHONPATH": str(Path(__file__).parents[2])}
        with serving(command, port, **environment) as server:
            asyncio.run(act(server.address, memory, site, token))
            assert server.process.wait(60) == failing.STATUS
    hold_promises(folder, memory)

    assert memory.sent
