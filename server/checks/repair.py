"""`askfirst check --repair`: repairs what can be, by the same steps as a start of the server."""

import asyncio
import json
from contextlib import closing

from askfirst.settings import Settings
from askfirst.store.sqlite_files import open_sqlite
from collector.journal.tables import WAITING_EVENTS
from server.checks.check import present_ids
from server.checks.folder_access import enter
from server.checks.journal import read_waiting
from server.maintenance.rewriting import rewrite
from server.services import open_services
from server.startup.data_folder import locked
from server.startup.journal_recovery import is_damaged
from server.startup.private_files import make_private
from server.startup.warehouse.opening import open_warehouse

_KNOWING = f"""
INSERT INTO shipped
SELECT min(0, (SELECT coalesce(min(seq), 0) FROM shipped)) - 1, max(arrived_at),
       json_group_array(event_id)
FROM ({WAITING_EVENTS}) WHERE event_id IN (SELECT value FROM json_each(?)) HAVING count(*) > 0
"""


def repair(settings: Settings) -> None:
    """Repair what can be; no server may run on the folder.

    Raises `Misconfigured` as a start does.
    """
    folder = settings.data_folder
    enter(folder, writing=True)
    with locked(folder):  # a server that is started meanwhile would write what is read here
        make_private(folder)
        if not is_damaged(folder / "journal.db"):  # the start sets a damaged one aside
            _repair_waiting(settings)
    asyncio.run(_start(settings))


def _repair_waiting(settings: Settings) -> None:
    """Number lost events anew, so that they are shipped, and note the ids of shipped ones."""
    folder = settings.data_folder
    waiting = read_waiting(folder / "journal.db")
    warehouse, _ = open_warehouse(settings)
    try:
        watermark = warehouse.watermark(waiting.journal)
        there = present_ids(warehouse, [event for _, event in waiting.rows])
    finally:
        warehouse.close()
    if not waiting.journal:
        return
    behind = {seq for seq, event in waiting.rows if seq <= watermark and event not in there}
    last = max(watermark, waiting.last)
    with closing(open_sqlite(folder / "journal.db")) as connection, connection:
        connection.execute(_KNOWING, (json.dumps(sorted(there)),))
        numbers = [(last + n, seq) for n, seq in enumerate(sorted(behind), 1)]
        connection.executemany("UPDATE waiting SET seq = ? WHERE seq = ?", numbers)


async def _start(settings: Settings) -> None:
    async with open_services(settings) as services:
        await services.shipper.ship_all()
        await rewrite(services)
