"""A worker process is killed under load, and then the server, again and again."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest

from askfirst.sites import Site
from benchmarks.load.serving import Serving, askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, ClientLog, hold_promises
from tests.worker_processes import serving_workers

KILLS = max(1, int(os.environ.get("FAULTS_KILLS", "200")) // 8)
MOST_SECONDS = 2.0  # a worker is begun anew after one, and takes events again

pytestmark = pytest.mark.faults


async def act(
    server: Serving, client_log: ClientLog, asked: tuple[Site, str], *, erasing: bool
) -> int:
    """Send and decide while a worker is killed, until the server is; return the worker.

    `asked` is the site and the token of a visitor. Where `erasing`, the server first answers an
    erasure, which takes seconds after a start, and longer on a busy machine.
    """
    site, token = asked
    over, erased = asyncio.Event(), len(client_log.erased)

    async def strike() -> int:
        await asyncio.sleep(random.uniform(0, MOST_SECONDS / 4))
        worker = random.choice(serving_workers(server))
        os.kill(worker, signal.SIGKILL)
        async with asyncio.timeout(300):
            while erasing and len(client_log.erased) == erased:  # noqa: ASYNC110 - as in acting
                await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, MOST_SECONDS))
        server.process.send_signal(signal.SIGKILL)
        over.set()
        return worker

    async def again(acting: Callable[[], Awaitable[None]]) -> None:
        while not over.is_set():
            await acting()  # until a connection breaks, which the end of a worker is no more than
            await asyncio.sleep(0.01)

    async with httpx2.AsyncClient(base_url=server.address, timeout=30) as client:
        senders = [again(lambda: client_log.send_on(client, site, token)) for _ in range(8)]
        deciding = again(lambda: client_log.decide_on(client, site))
        worker, *_ = await asyncio.gather(strike(), deciding, *senders)
    return worker


def test_law_7_kills_of_workers_and_of_their_server_lose_and_double_nothing(tmp_path: Path):
    folder = tmp_path / "data"
    asked = prepared(folder)
    client_log, killed = ClientLog(), []
    for number in range(KILLS):
        port, workers = free_port(), number % 2 + 1
        said = {**ENVIRONMENT, "ASKFIRST_WORKERS": str(workers)}
        with serving(askfirst_command(folder, port), port, **said) as server:
            while len(serving_workers(server)) < workers:
                time.sleep(0.05)
            erasing = number % 4 < 2  # with one worker and with two
            killed.append(asyncio.run(act(server, client_log, asked, erasing=erasing)))
    hold_promises(folder, client_log)

    assert len(set(killed)) == KILLS
    assert len(client_log.acknowledged) > 10 * KILLS
    assert len(client_log.erased) >= KILLS // 4
