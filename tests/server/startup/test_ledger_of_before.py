"""A folder whose ledger has an earlier form is opened: nothing is lost, and the page works."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine, inspect, select
from sqlalchemy.engine import Engine

from askfirst.store.ledger.database import NEWEST, upgrade
from tests.consent.my_data.own_page import press
from tests.consent.my_data.persons import visited
from tests.consent.public_pages import plain
from tests.factories import a_view
from tests.world import World, open_world

BEFORE = "0019"
"""The last form without corrections and accounts of visitors."""
Rows = dict[str, list[dict[str, Any]]]


def _rows(engine: Engine) -> Rows:
    """Return every row of every table but the one that tells the form."""
    known = MetaData()
    known.reflect(engine)
    known.remove(known.tables["alembic_version"])
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for name, table in known.tables.items()
        }


def _as_before(path: Path) -> Rows:
    """Put a ledger of the earlier form in the place of a ledger, and return its rows."""
    new, old = create_engine(f"sqlite:///{path}"), create_engine(f"sqlite:///{path}.old")
    rows = _rows(new)
    with old.begin() as connection:
        upgrade(connection, BEFORE)
    known = MetaData()
    known.reflect(old)
    with old.begin() as connection:
        for table in known.sorted_tables:
            if rows.get(table.name):
                names = table.columns.keys()
                connection.execute(
                    table.insert(),
                    [{name: row[name] for name in names} for row in rows[table.name]],
                )
    kept = _rows(old)
    for engine in (new, old):
        engine.dispose()
    for log in path.parent.glob("ledger.db-*"):
        log.unlink()
    shutil.move(f"{path}.old", path)
    path.chmod(0o600)
    return kept


async def test_law_2_a_ledger_of_the_form_before_corrections_and_accounts_loses_nothing(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine, code = await visited(world, "/mine", "/mine/2")
        gone, _ = await visited(world, "/withdrawn")
        assert (await gone.withdraw()).status_code == 200
        now, stored = world.clock(), await world.rows()
    path = tmp_path / "data" / "ledger.db"
    before = await asyncio.to_thread(_as_before, path)
    async with open_world(tmp_path) as world:
        world.clock.now = now
        again = await world.rows()
        corrected = await _corrects(world, mine.token, again[0]["event_id"])
        browser = world.browser()
        browser.token = gone.token
        refused = await browser.send(a_view())
        shown = await press(world, gone.token)
    engine = create_engine(f"sqlite:///{path}")
    after = await asyncio.to_thread(_rows, engine)
    assert {"corrections", "visitor_accounts"} <= {*inspect(engine).get_table_names()}
    engine.dispose()

    assert "corrections" not in before
    assert {name for name, rows in before.items() if _lost(rows, after[name])} == set()
    assert again == stored
    assert code in corrected
    assert "A page that you hid" in plain(corrected)
    assert refused.json()["error"]["code"] == "withdrawn"
    assert "Nothing is being recorded" in plain(shown.text)
    assert NEWEST > BEFORE


async def _corrects(world: World, token: str, event: str) -> str:
    answer = await press(world, token, "hide_page", event=event)
    assert answer.status_code == 200, plain(answer.text)
    return answer.text


def _lost(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that are not there any more with all that they said."""
    return [row for row in before if not any(row.items() <= one.items() for one in after)]
