"""A full disk, a disk that is read-only, and a folder that is no longer ours."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from benchmarks.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import ENVIRONMENT, Memory, hold_promises
from tests.world import Browser

pytestmark = pytest.mark.faults


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 24 MB in memory; skip where that is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("No disk can be mounted here.")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return filler


def test_law_7_a_full_disk_answers_503_and_goes_on_when_there_is_room(small_disk: Path):
    folder = small_disk / "data"
    site, token = prepared(folder)
    memory, port = Memory(), free_port()

    async def act(address: str) -> list[bool]:
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            browser = Browser(client, site)
            browser.token = token
            taken = [await memory.send(browser) for _ in range(20)]
            filler = fill(small_disk)
            full = [await memory.send(browser, events=50) for _ in range(400)]
            filler.unlink()
            await asyncio.sleep(2)
            after = [await memory.send(browser) for _ in range(20)]
            return [all(taken), all(full), all(after)]

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        taken, full, after = asyncio.run(act(server.address))
    hold_promises(folder, memory)

    assert taken
    assert not full
    assert after


def test_law_7_a_disk_that_becomes_read_only_acknowledges_nothing_more(small_disk: Path):
    folder = small_disk / "data"
    site, token = prepared(folder)
    memory, port = Memory(), free_port()

    async def send(address: str, times: int) -> list[bool]:
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            browser = Browser(client, site)
            browser.token = token
            return [await memory.send(browser) for _ in range(times)]

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        before = asyncio.run(send(server.address, 10))
        # A lazy remount fails while files are open for writing, as an error of the disk does not.
        remount = ["mount", "-o", "remount,ro", str(small_disk)]
        if subprocess.run(remount, check=False, capture_output=True).returncode:
            pytest.skip("The disk cannot be made read-only while it is in use.")
        during = asyncio.run(send(server.address, 5))
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
        after = asyncio.run(send(server.address, 5))
    hold_promises(folder, memory)

    assert all(before)
    assert not any(during)
    assert all(after)


def test_a_read_only_folder_stops_the_start_with_a_sentence(small_disk: Path):
    folder = small_disk / "data"
    prepared(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ended = subprocess.run(
        askfirst_command(folder, free_port()),
        check=False,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
