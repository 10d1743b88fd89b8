"""A damaged write-ahead log is distinguished from one that ends where a process was killed."""

import asyncio
import errno
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from askfirst.errors import Misconfigured
from server.cli import commands
from server.startup.journal_recovery import SET_ASIDE, damaged_logs, set_aside_cut_log
from tests.factories import NOON
from tests.world import open_world

FRAME = 24 + 4096
Change = Callable[[bytes], bytes]


def left_by_a_crash(folder: Path, before: int = 0) -> Path:
    """Return a database with ten transactions in its log, in front of what `before` left."""
    made, left = folder / "made.db", folder / "left.db"
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE numbers (n INTEGER, text TEXT)")
        for _ in range(before):
            connection.execute("INSERT INTO numbers VALUES (0, ?)", ("x" * 6000,))
        connection.execute("PRAGMA wal_checkpoint(RESTART)")
        for n in range(10):
            connection.execute("INSERT INTO numbers VALUES (?, ?)", (n, "x" * 6000))
        for suffix in ("", "-wal"):
            Path(f"{left}{suffix}").write_bytes(Path(f"{made}{suffix}").read_bytes())
    return left


def flipped(place: int) -> Change:
    return lambda log: log[:place] + bytes([log[place] ^ 1]) + log[place + 1 :]


def without_its_last_commit(log: bytes) -> bytes:
    """Leave the frames of a transaction that a kill did not let end."""
    return log[:-FRAME]


DAMAGED = {
    "a page in the middle": flipped(32 + 8 * FRAME + 100),
    "a frame's head": flipped(32 + 8 * FRAME + 20),
    "the last page": flipped(-100),
    "the page size in the log's head": flipped(10),
    "a salt in the log's head": flipped(17),
    "a sum in the log's head": flipped(30),
}
ENDED: dict[str, Change] = {
    "nothing": bytes,
    "half a frame behind it": lambda log: log + log[32 : 32 + FRAME // 2],
    "bytes that never were a frame": lambda log: log + b"\7" * 3 * FRAME,
    "a transaction that did not end": without_its_last_commit,
    "half of its last frame": lambda log: log[: -FRAME // 2],
    "all but its head": lambda log: log[:32],
    "all of it": lambda _: b"",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_law_7_a_log_that_has_changed_is_said_and_copied(tmp_path: Path, what: str):
    path, log = left_by_a_crash(tmp_path), tmp_path / "left.db-wal"
    log.write_bytes(DAMAGED[what](log.read_bytes()))
    damaged = log.read_bytes()
    aside = set_aside_cut_log(path, NOON)

    assert aside is not None
    assert damaged_logs(path) == [aside.name]
    assert aside.read_bytes() == log.read_bytes() == damaged


@pytest.mark.parametrize("before", [0, 40])
@pytest.mark.parametrize("what", ENDED)
def test_a_log_that_ends_as_a_kill_leaves_it_is_none_to_speak_of(
    tmp_path: Path, what: str, before: int
):
    path, log = left_by_a_crash(tmp_path, before), tmp_path / "left.db-wal"
    log.write_bytes(ENDED[what](log.read_bytes()))
    ended = log.read_bytes()

    assert set_aside_cut_log(path, NOON) is None
    assert damaged_logs(path) == []
    assert log.read_bytes() == ended


def test_law_7_a_damaged_log_of_which_no_copy_can_be_made_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "")

    path, log = left_by_a_crash(tmp_path), tmp_path / "left.db-wal"
    log.write_bytes(flipped(-100)(log.read_bytes()))
    damaged = log.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(Misconfigured, match="make room"):
            set_aside_cut_log(path, NOON)
    left = sorted(one.name for one in tmp_path.iterdir() if "damaged" in one.name)

    assert left == []
    assert log.read_bytes() == damaged
    assert set_aside_cut_log(path, NOON) is not None


async def leave_damaged(folder: Path, name: str) -> None:
    """Leave a data folder in which a page in the middle of a store's log has changed."""
    data, left = folder / "data", {}
    async with open_world(folder) as world:
        browser = world.browser()
        for _ in range(3):
            await browser.accept()
            await browser.send()
        for suffix in ("", "-wal"):
            left[suffix] = await asyncio.to_thread((data / (name + suffix)).read_bytes)
    (data / name).write_bytes(left[""])
    log = data / f"{name}-wal"
    log.write_bytes(flipped(len(left["-wal"]) // 2)(left["-wal"]))
    log.chmod(0o600)  # whatever the umask is: a start would say that it closed it


@pytest.mark.parametrize("name", ["journal.db", "ledger.db"])
async def test_law_7_a_start_says_that_a_log_was_damaged(tmp_path: Path, name: str):
    await leave_damaged(tmp_path, name)
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path):
            pass
    (aside,) = (tmp_path / "data").glob(f"{name}-wal{SET_ASIDE}*")

    assert logs[0] == {
        "event": "wal_damaged",
        "of": name,
        "set_aside_as": aside.name,
        "log_level": "error",
    }


def run(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(commands, [str(word) for word in words])
    return result.exit_code, result.output


@pytest.mark.parametrize("name", ["journal.db", "ledger.db"])
def test_law_7_a_check_says_that_a_log_is_damaged_and_keeps_it(tmp_path: Path, name: str):
    asyncio.run(leave_damaged(tmp_path, name))
    damaged = (tmp_path / "data" / f"{name}-wal").read_bytes()
    first, again = run("check", tmp_path / "data"), run("check", tmp_path / "data")
    (aside,) = (tmp_path / "data").glob(f"{name}-wal{SET_ASIDE}*")

    assert first[0] == again[0] == 1
    assert f"The log of {name} is damaged" in first[1]
    assert aside.name in first[1]
    assert aside.name in again[1]
    assert aside.read_bytes() == damaged


@pytest.mark.parametrize("words", [("verify",), ("decisions", "list")])
def test_law_9_commands_that_read_the_ledger_say_that_its_log_was_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    asyncio.run(leave_damaged(tmp_path, "ledger.db"))
    monkeypatch.chdir(tmp_path)
    ended = [run("ledger", *words, "--data", tmp_path / "data") for _ in range(2)]

    assert [status for status, _ in ended] == [1, 1] if words == ("verify",) else [2, 2]
    assert all("damaged and set aside as ledger.db-wal" in said for _, said in ended)
    assert all("records may be missing" in said for _, said in ended)
