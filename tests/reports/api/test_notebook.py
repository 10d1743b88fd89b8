"""The notebook of the docs runs as it stands, but for the owner's address and key."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import uvicorn

from tests.reports.api.test_reports_api import key_of
from tests.reports.garden import ANNA, BERT, Garden

NOTEBOOK = Path(__file__).parents[3] / "docs" / "reports" / "notebook.ipynb"


def cells() -> list[str]:
    whole = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert all(cell.get("outputs", []) == [] for cell in whole["cells"])
    return ["".join(cell["source"]) for cell in whole["cells"] if cell["cell_type"] == "code"]


def run(site: str, key: str) -> dict[str, Any]:
    """Run the cells after the first, which says what is whose."""
    own, *others = cells()
    names: dict[str, Any] = {}
    exec(own, names)
    assert set(names) == {"__builtins__", "site", "key"}
    names |= {"site": site, "key": key}
    for one in others:
        exec(one, names)
    return names


async def test_the_notebook_reads_a_report_into_pandas_in_three_lines(garden: Garden) -> None:
    garden.event("2026-01-01T11:00", visitor_id=ANNA)
    garden.event("2025-12-24T11:00", visitor_id=BERT)
    garden.store()
    key = await key_of(garden)
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1/sites/{garden.site.key}"
    server = uvicorn.Server(uvicorn.Config(garden.app(), log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        found = await asyncio.to_thread(run, address, key)
    finally:
        server.should_exit = True
        await serving

    assert len([line for line in cells()[1].splitlines() if line]) == 3
    assert found["frame"]["views"].sum() == 2
    assert len(found["frame"]) == 30
    assert found["weekly"].sum() == 2
