"""The process ends between two critical instructions, and the next one continues there."""

import asyncio
import os
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update

from askfirst.clock import DAY_MS, system_clock
from askfirst.store.ledger.tables import sites
from benchmarks.load.serving import (
    add_site,
    askfirst_command,
    consenting,
    free_port,
    prepared,
    serving,
)
from server.checks.check import examine
from server.services import open_services
from server.startup.data_folder import RETAINING
from tests.factories import StoppedClock, an_entry, settings_in
from tests.faults import failing
from tests.faults.acting import (
    ENVIRONMENT,
    FAILING_ENVIRONMENT,
    ClientLog,
    failing_command,
    hold_promises,
    wait_until,
)

pytestmark = pytest.mark.faults


async def act(address: str, client_log: ClientLog, site, token: str) -> None:
    async with httpx2.AsyncClient(base_url=address, timeout=30) as client:
        senders = [client_log.send_on(client, site, token) for _ in range(4)]
        await asyncio.gather(client_log.decide_on(client, site), *senders)


async def old_and_new_events(folder: Path, client_log: ClientLog) -> str:
    """Leave shipped events of three years ago and of now; return a word that the old ones have."""
    word = "keptforthreeyears"
    clock = StoppedClock(system_clock() - 3 * 365 * DAY_MS)
    async with open_services(settings_in(folder), clock) as services:
        site = await add_site(services)
        for path in (word, "new"):
            claims = await consenting(services, site)
            facts = {"site_id": site.id, "visitor_id": claims.visitor_id, "happened_at": clock.now}
            ground = {"consent_id": claims.consent_id, "url": f"https://example.org/{path}"}
            entries = [an_entry(**facts, **ground) for _ in range(50)]
            await services.journal.append(entries, clock.now)
            clock.now = system_clock()
        client_log.sent |= {entry.event_id for entry in entries}
        client_log.acknowledged |= client_log.sent
    return word


@pytest.mark.parametrize("point", [name for name in failing.POINTS if "retention" in name])
def test_law_7_an_end_in_the_middle_of_retention_keeps_what_is_young_and_no_byte_of_the_rest(
    tmp_path: Path, point: str
):
    folder, port, client_log = tmp_path / "data", free_port(), ClientLog()
    word = asyncio.run(old_and_new_events(folder, client_log))
    before = (folder / "warehouse.duckdb").read_bytes()
    command = failing_command(folder, port, point, "1")
    environment = {**os.environ, **FAILING_ENVIRONMENT}
    ended = subprocess.run(command, check=False, env=environment, timeout=120, capture_output=True)
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT):
        wait_until(lambda: not (folder / RETAINING).exists() and word.encode() not in left(folder))
    hold_promises(folder, client_log)

    assert ended.returncode == failing.STATUS
    assert word.encode() in before


def left(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("warehouse.duckdb*"))


async def a_deleted_site_and_another(folder: Path) -> None:
    """Leave events and visitors of two sites, the first of which is marked as deleted."""
    async with open_services(settings_in(folder)) as services:
        for word in ("ofthedeletedsite", "oftheothersite"):
            site = await add_site(services)
            claims = await consenting(services, site)
            facts = {"site_id": site.id, "visitor_id": claims.visitor_id}
            ground = {"consent_id": claims.consent_id, "url": f"https://example.org/{word}"}
            happened = {"happened_at": claims.given_at + 1}
            entries = [an_entry(**facts, **ground, **happened) for _ in range(50)]
            await services.journal.append(entries, services.clock())
        await services.shipper.ship_all()
        await services.journal.append(
            [an_entry(site_id=1, url="https://example.org/ofthedeletedsite")], services.clock()
        )
        marked = update(sites).where(sites.c.id == 1).values(deleted_at=services.clock(), hosts=[])
        async with services.ledger.write() as connection:
            await connection.execute(marked)


def is_deleted(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        return (
            ledger.execute("SELECT bytes_gone_at FROM sites WHERE id = 1").fetchone()[0] is not None
        )


@pytest.mark.parametrize("point", [name for name in failing.POINTS if "deletion" in name])
def test_law_6_an_end_in_the_middle_of_a_sites_deletion_only_delays_it(tmp_path: Path, point: str):
    folder, port = tmp_path / "data", free_port()
    asyncio.run(a_deleted_site_and_another(folder))
    before = everything(folder)
    command = failing_command(folder, port, point, "1")
    environment = {**os.environ, **FAILING_ENVIRONMENT}
    ended = subprocess.run(command, check=False, env=environment, timeout=120, capture_output=True)
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT):
        wait_until(lambda: is_deleted(folder))
    after = everything(folder)

    assert ended.returncode == failing.STATUS
    assert b"ofthedeletedsite" in before
    assert b"ofthedeletedsite" not in after
    assert b"oftheothersite" in after
    assert examine(folder) == []


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*") if path.is_file())


AT_AN_EVENT = [
    name for name in failing.POINTS if "retention" not in name and "deletion" not in name
]


@pytest.mark.parametrize("point", AT_AN_EVENT)
def test_law_7_an_end_at_an_instruction_that_matters_loses_and_doubles_nothing(
    tmp_path: Path, point: str
):
    folder = tmp_path / "data"
    site, token = prepared(folder)
    client_log = ClientLog()
    turns = (2, 7) if "rewrite" not in point and "fresh" not in point else (1, 2)
    for turn in turns:
        port = free_port()
        command = failing_command(folder, port, point, str(turn))
        # The start itself may reach the point.
        with suppress(RuntimeError), serving(command, port, **FAILING_ENVIRONMENT) as server:
            asyncio.run(act(server.address, client_log, site, token))
            assert server.process.wait(60) == failing.STATUS
    hold_promises(folder, client_log)

    assert client_log.sent
