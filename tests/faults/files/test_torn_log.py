"""The end of the journal's log is lost or replaced: intact events stay, and none is invented."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from askfirst.sites import Site
from benchmarks.load.serving import askfirst_command, free_port, prepared, serving
from tests.faults.acting import (
    ENVIRONMENT,
    FAILING_ENVIRONMENT,
    ClientLog,
    failing_command,
    hold_promises,
    send,
    stored,
)

pytestmark = pytest.mark.faults

EVENTS, INTACT = 40, 25
Damage = Callable[[bytes, int, int], bytes]


def cut(log: bytes, first: int, last: int) -> bytes:
    """Cut a log off in the middle of the frames that lie between two places."""
    return log[: (first + last) // 2]


def flipped(log: bytes, first: int, last: int) -> bytes:
    """Change a byte of these frames; the log behind them is whole."""
    damaged = bytearray(log)
    damaged[(first + last) // 2] ^= 0xFF
    return bytes(damaged)


def lengthened(log: bytes, _first: int, _last: int) -> bytes:
    """Append to the log what never was a frame."""
    return log + random.Random(7).randbytes(10_000)


def killed_with_a_log(
    folder: Path, client_log: ClientLog
) -> tuple[Site, str, list[set[str]], list[int]]:
    """Kill a server whose events wait; return what was acknowledged, and the log's lengths."""
    (folder.parent / "trouble").touch()
    site, token = prepared(folder)
    port, known, lengths = free_port(), [], []
    command = failing_command(folder, port, "fails", str(folder.parent / "trouble"))
    with serving(command, port, **FAILING_ENVIRONMENT) as server:
        for _ in range(EVENTS):
            send(server, client_log, site, token, 1)
            known.append(set(client_log.acknowledged))
            lengths.append((folder / "journal.db-wal").stat().st_size)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(60)
    return site, token, known, lengths


@pytest.mark.parametrize("damage", [cut, flipped, lengthened])
def test_law_7_a_damaged_log_keeps_what_is_intact_and_invents_nothing(
    tmp_path: Path, damage: Damage
):
    folder, client_log = tmp_path / "data", ClientLog()
    site, token, known, lengths = killed_with_a_log(folder, client_log)
    log = folder / "journal.db-wal"
    log.write_bytes(damage(log.read_bytes(), lengths[INTACT], lengths[INTACT + 1]))
    intact = known[-1] if damage is lengthened else known[INTACT]
    before = set(stored(folder))
    client_log.acknowledged = set(intact)
    port = free_port()
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT) as server:
        taken = send(server, client_log, site, token, 5)
    hold_promises(folder, client_log)

    assert len(known[-1]) == EVENTS * 2
    assert before == intact
    assert len(taken) == 5
