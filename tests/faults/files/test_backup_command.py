"""`askfirst backup`, `restore` and `check` beside a server that is being sent events."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from benchmarks.load.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, ClientLog, stored

pytestmark = pytest.mark.faults


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    code = "from server.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=False,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_law_7_a_backup_beside_a_running_server_restores_to_what_was_acknowledged(tmp_path: Path):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    before: set[str] = set()

    async def act(address: str) -> list[subprocess.CompletedProcess[str]]:
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            sending = [
                asyncio.create_task(client_log.send_on(client, site, token)) for _ in range(4)
            ]
            while len(client_log.acknowledged) < 50:  # noqa: ASYNC110 - a server rings no bell
                await asyncio.sleep(0.05)
            before.update(client_log.acknowledged)
            target = tmp_path / "backup.tar"
            backup = await asyncio.to_thread(run, "backup", target, "--data", folder)
            check = await asyncio.to_thread(run, "check", folder)
            for task in sending:
                task.cancel()
            await asyncio.gather(*sending, return_exceptions=True)
        return [backup, check]

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        ended = asyncio.run(act(server.address))
    ended.append(run("restore", tmp_path / "backup.tar", tmp_path / "again"))
    ended.append(run("check", tmp_path / "again"))
    ids = stored(tmp_path / "again")

    assert [one.returncode for one in ended] == [0, 0, 0, 0], [one.stderr for one in ended]
    assert before <= set(ids) <= client_log.sent
    assert len(ids) == len(set(ids))
    assert list(folder.glob("backup-*")) == []
    assert (tmp_path / "backup.tar").stat().st_mode & 0o077 == 0
