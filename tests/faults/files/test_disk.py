"""A full disk, a read-only disk, and a folder that belongs to somebody else."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from askfirst.errors import Misconfigured
from benchmarks.load.serving import askfirst_command, free_port, prepared, serving
from server.services import open_services
from tests.factories import settings_in
from tests.faults.acting import ENVIRONMENT, ClientLog, hold_promises, send, wait_until
from tests.faults.disks import fill, fill_but
from tests.world import Browser

pytestmark = pytest.mark.faults


def test_law_7_a_full_disk_answers_503_and_goes_on_when_there_is_room(small_disk: Path):
    folder = small_disk / "data"
    site, token = prepared(folder)
    client_log, port = ClientLog(), free_port()

    async def act(address: str) -> list[bool]:
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            browser = Browser(client, site)
            browser.token = token
            taken = [await client_log.send(browser) for _ in range(20)]
            filler = fill(small_disk)
            full = [await client_log.send(browser, events=50) for _ in range(400)]
            filler.unlink()
            await asyncio.sleep(2)
            after = [await client_log.send(browser) for _ in range(20)]
            return [all(taken), all(full), all(after)]

    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        taken, full, after = asyncio.run(act(server.address))
    hold_promises(folder, client_log)

    assert taken
    assert not full
    assert after


def test_a_start_on_a_full_disk_says_that_the_disk_is_full(small_disk: Path):
    folder = small_disk / "data"
    prepared(folder)
    fill(small_disk)

    async def start() -> None:
        async with open_services(settings_in(folder)):
            pytest.fail("it starts")

    with pytest.raises(Misconfigured, match="its disk is full or fails"):
        asyncio.run(start())


def test_law_5_below_the_reserve_events_and_yeses_get_503_and_leaving_works(small_disk: Path):
    """The reserve of free disk is not used for events: withdrawals and erasures need it."""
    folder = small_disk / "data"
    site, token = prepared(folder)
    port = free_port()
    environment = {**ENVIRONMENT, "ASKFIRST_FREE_DISK_MB": "8"}

    async def until(status: int, browser: Browser) -> None:
        for _ in range(100):
            if (await browser.send()).status_code == status:
                return
            await asyncio.sleep(0.1)
        pytest.fail(f"never {status}")

    async def act(address: str) -> dict[str, int]:
        async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
            browser, leaving, erasing = (Browser(client, site) for _ in range(3))
            browser.token = token
            found = {"first": (await leaving.accept()).status_code}
            await erasing.accept()
            await erasing.send()
            filler = fill_but(small_disk, 6_000_000)
            await until(503, browser)
            found["events"] = (await browser.send()).status_code
            found["yes"] = (await Browser(client, site).accept()).status_code
            found["no"] = (await Browser(client, site).refuse()).status_code
            found["withdrawal"] = (await leaving.withdraw()).status_code
            found["erasure"] = (await erasing.erase()).status_code
            filler.unlink()
            await until(202, browser)
            found["yes again"] = (await Browser(client, site).accept()).status_code
            return found

    said = small_disk.parent / "said"
    with serving(askfirst_command(folder, port), port, said, **environment) as server:
        found = asyncio.run(act(server.address))

    leaving = {"no": 200, "withdrawal": 200, "erasure": 200}
    assert found == {"first": 200, "events": 503, "yes": 503, **leaving, "yes again": 200}
    words = said.read_text()
    assert words.index("disk_short") < words.index("disk_has_room")


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[Callable[[bool], None]]:
    """Yield what makes the files of the data folder unwritable, open ones too, and writable again.

    A remount fails while files are open for writing, unlike an error of the disk; the attribute
    does to them what such an error does. The memory that SQLite shares through `-shm` is left out:
    the system ends a process that writes to it. Skips where the attribute cannot be set, or stops
    no write to an open file, as in memory.
    """
    folder = tmp_path / "data"

    def freeze(on: bool) -> None:
        turn([path for path in (folder, *folder.iterdir()) if path.suffix != ".db-shm"], on)

    if not freezes(tmp_path / "probe"):
        pytest.skip("No attribute stops writing here.")
    yield freeze
    freeze(False)


def turn(paths: list[Path], on: bool) -> bool:
    """Make files immutable, or mutable again; return whether the disk has such an attribute."""
    return not subprocess.run(["chattr", "+i" if on else "-i", *paths], check=False).returncode


def freezes(probe: Path) -> bool:
    """Return whether an open file takes nothing once it is immutable."""
    with probe.open("wb", buffering=0) as opened:
        if not turn([probe], True):
            return False
        try:
            opened.write(b"x")
        except OSError:
            return True
        finally:
            turn([probe], False)
    return False


def test_law_7_files_that_become_read_only_take_nothing_and_lose_nothing(
    tmp_path: Path, frozen: Callable[[bool], None]
):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    site, token = prepared(folder)
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        before = send(server, client_log, site, token, 10)
        frozen(True)
        during = send(server, client_log, site, token, 10)
        frozen(False)
        wait_until(lambda: bool(send(server, client_log, site, token, 1)))
        after = send(server, client_log, site, token, 10)
    hold_promises(folder, client_log)

    assert (len(before), len(during), len(after)) == (10, 0, 10)
    assert client_log.turned_away >= 10


@pytest.fixture
def anyones(tmp_path: Path) -> Iterator[Path]:
    """Yield a data folder that belongs to nobody, a user to whom permissions apply."""
    if os.geteuid() != 0:
        pytest.skip("Only root can start a server as another user.")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def as_nobody(command: list[str]) -> list[str]:
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]


def own(folder: Path, user: int = 65534) -> None:
    for path in (folder, *folder.iterdir()):
        os.chown(path, user, user)


def permit(folder: Path, allowed: bool) -> None:
    for path in folder.iterdir():
        path.chmod(0o600 if allowed else 0)
    folder.chmod(0o700 if allowed else 0)


def test_law_7_permissions_that_are_lost_while_it_runs_lose_nothing(anyones: Path):
    port, client_log = free_port(), ClientLog()
    site, token = prepared(anyones)
    own(anyones)
    environment = {**ENVIRONMENT, "HOME": "/nonexistent"}
    with serving(as_nobody(askfirst_command(anyones, port)), port, **environment) as server:
        before = send(server, client_log, site, token, 10)
        permit(anyones, False)
        send(server, client_log, site, token, 10)  # what is open stays open, so these may be taken
        time.sleep(2)  # jobs run meanwhile
        permit(anyones, True)
        wait_until(lambda: bool(send(server, client_log, site, token, 1)))
        after = send(server, client_log, site, token, 10)
    own(anyones, 0)  # root starts on no folder of another user
    hold_promises(anyones, client_log)

    assert (len(before), len(after)) == (10, 10)


LOGS = ["journal.db-wal", "ledger.db-wal"]


@pytest.mark.parametrize("name", ["", "journal.db", "ledger.db", "warehouse.duckdb", "keys", *LOGS])
def test_a_file_that_may_not_be_opened_stops_the_start_with_a_sentence(anyones: Path, name: str):
    prepared(anyones)
    if name in LOGS:
        (anyones / name).write_bytes(bytes(9000))
    own(anyones)
    (anyones / name).chmod(0)
    ended = subprocess.run(
        as_nobody(askfirst_command(anyones, free_port())),
        check=False,
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode == 2
    assert name.removesuffix("-wal") in ended.stderr
    assert "Traceback" not in ended.stderr


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
