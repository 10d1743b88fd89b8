"""A server whose warehouse is locked, fails or is slow, and a withdrawal that events race with."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from askfirst.settings import Settings
from benchmarks.load.serving import askfirst_command, free_port, prepared, serving
from server.services import open_services
from tests.factories import MAXMIND, a_view
from tests.faults.acting import (
    ENVIRONMENT,
    FAILING_ENVIRONMENT,
    ClientLog,
    failing_command,
    hold_promises,
    send,
    wait_until,
)
from tests.world import Browser

pytestmark = pytest.mark.faults

SECONDS = float(os.environ.get("FAULTS_WAREHOUSE_SECONDS", "10"))
"""Seconds for which the warehouse fails; the docs promise that ten minutes do no harm."""


def waiting(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "journal.db", timeout=60)) as connection:
        return int(connection.execute("SELECT count(*) FROM waiting").fetchone()[0])


@pytest.mark.parametrize("trouble", ["fails", "slow"])
def test_law_7_a_troubled_warehouse_stops_no_collecting_and_is_caught_up_with(
    tmp_path: Path, trouble: str
):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    file, took = tmp_path / "trouble", list[float]()
    command = failing_command(folder, port, trouble, str(file))
    with serving(command, port, **FAILING_ENVIRONMENT) as server:
        send(server, client_log, site, token, 5)
        file.touch()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            took += send(server, client_log, site, token, 20)
            time.sleep(SECONDS / 100)
        file.unlink()
        wait_until(lambda: waiting(folder) == 0)
    hold_promises(folder, client_log)

    assert client_log.turned_away == 0
    assert sorted(took)[len(took) // 2] < 0.5


def test_a_warehouse_that_another_process_holds_stops_the_start_with_a_sentence(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    prepared(folder)
    path = folder / "warehouse.duckdb"
    code = f"import duckdb; held = duckdb.connect({str(path)!r}); print(1, flush=True); input()"
    holder = [sys.executable, "-c", code]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout is not None
        held.stdout.readline()
        ended = subprocess.run(
            askfirst_command(folder, port),
            check=False,
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            text=True,
            timeout=120,
        )
        held.communicate(b"\n")

    assert ended.returncode == 2
    assert "warehouse" in ended.stderr
    assert "Traceback" not in ended.stderr


async def rows_and_withdrawals(folder: Path) -> list[tuple[int, int | None]]:
    """Return when each stored event happened, and when its consent was withdrawn."""
    async with open_services(Settings(data_folder=folder, places_file=MAXMIND)) as services:
        await services.shipper.ship_all()
        rows = services.warehouse.events()
        happened = rows["time"].astype("datetime64[ms]").astype("int64")
        pairs = zip(happened, rows["consent_id"], strict=True)
        return [(int(at), services.withdrawn.since(consent)) for at, consent in pairs]


def test_law_3_no_event_that_happened_after_a_withdrawal_is_stored_under_load(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, _ = prepared(folder)
    refused: list[int] = []

    async def send_until_refused(browser: Browser) -> None:
        status = 202
        while status in (202, 429):
            view = a_view()
            client_log.sent.add(view["id"])
            status = (await browser.send(view)).status_code
        refused.append(status)

    async def visit(client: httpx2.AsyncClient) -> None:
        browser = Browser(client, site)
        await browser.accept()
        sending = [asyncio.create_task(send_until_refused(browser)) for _ in range(4)]
        await asyncio.sleep(1.5)  # some are shipped, some wait, some are on their way
        assert (await browser.withdraw()).status_code == 200
        await asyncio.gather(*sending)

    async def act(address: str) -> None:
        async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
            await asyncio.gather(*(visit(client) for _ in range(10)))

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        asyncio.run(act(server.address))
    times = asyncio.run(rows_and_withdrawals(folder))
    hold_promises(folder, client_log)

    assert refused == [403] * 40
    assert times
    assert all(withdrawn is not None and happened < withdrawn for happened, withdrawn in times)
