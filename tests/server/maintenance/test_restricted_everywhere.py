"""A restricted visitor is missing wherever visits are told of, and there again when lifted."""

import asyncio
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx2
from sqlalchemy import insert
from typer.testing import CliRunner

from askfirst.store.ledger.api_keys import REPORTS, ApiKeys
from askfirst.store.ledger.tables import funnels, goals
from reports.mail.contents import mail_report
from reports.now.watch import FRESH_MS
from server.app import report_dependencies
from server.cli import commands
from server.maintenance.report_rules import follow_rules
from tests.reports.reading import Reading
from tests.server.maintenance.test_restriction import owner_of, visited
from tests.world import World, open_world

PAGES = {
    "overview": "?period=7d",
    "list of pages": "?period=7d&show=pages",
    "list of countries": "?period=7d&show=countries",
    "visitors": "/visitors?period=7d",
    "goals and funnels": "/goals?period=7d",
    "a goal": "/goals/1?period=7d",
    "used paths": "/paths?period=7d&show=used&steps=2",
    "flow": "/paths?period=7d",
    "cohorts": "/return?period=7d",
    "now": "/now",
    "file of pages": "/files/pages.csv?period=7d",
    "file of totals": "/files/totals.csv?period=7d",
    "overview as a file": "/files/overview.html?period=7d",
    "chart as a file": "/charts/over-time.svg?period=7d",
}
API = {"API: pages": "pages", "API: totals": "totals"}


@dataclass
class Ways:
    """Every way to read of visits, with what it answers now."""

    world: World
    owner: httpx2.AsyncClient
    csrf: str
    key: str

    async def read(self) -> dict[str, str]:
        base = f"/sites/{self.world.site.key}"
        told = {name: await self._get(base + path) for name, path in PAGES.items()}
        told |= {name: await self._api(name_of) for name, name_of in API.items()}
        form = {"csrf": self.csrf, "format": "csv"}
        events = await self.owner.post(f"{base}/files/events?period=7d", data=form)
        assert events.status_code == 200
        day = date(2026, 1, 1)
        deps = report_dependencies(self.world.services)
        mail = await mail_report(deps, self.world.site, day, day)
        return told | {"events as a file": events.text, "mail": str(mail)}

    async def _get(self, path: str) -> str:
        answer = await self.owner.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    async def _api(self, name: str) -> str:
        path = f"/api/v1/sites/{self.world.site.key}/reports/{name}?period=7d"
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = await self.world.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["rows"])


async def ways_of(world: World) -> Ways:
    owner, site, now = (await owner_of(world)).client, world.site.id, world.clock()
    goal = {"name": "Mine", "what": "page", "pattern": "/mine", "value_from": ""}
    goal |= {"amount": 0, "currency": "", "site_id": site, "created_at": now}
    steps = [{"what": "page", "pattern": "/mine"}, {"what": "page", "pattern": "/mine/two"}]
    funnel = {"site_id": site, "name": "F", "within_ms": 0, "steps": steps, "created_at": now}
    async with world.services.ledger.write() as connection:
        await connection.execute(insert(goals).values(goal))
        await connection.execute(insert(funnels).values(funnel))
        keys = ApiKeys(world.services.ledger, world.clock)
        key = await keys.make(connection, site, "Test", REPORTS)
    page = (await owner.get(f"/sites/{world.site.key}/visitors")).text
    return Ways(world, owner, Reading(page).fields["csrf"], str(key))


async def test_law_6_a_restricted_visitor_is_missing_in_every_report_and_back_when_lifted(
    tmp_path: Path,
):
    async with open_world(tmp_path, smallest_count=1) as world:
        rights, site = world.services.restrictions, world.site.id
        ways = await ways_of(world)
        await visited(world, "/", "/other")
        without = await ways.read()
        _, mine = await visited(world, "/mine", "/mine/two")
        before = await ways.read()
        await rights.restrict(site, mine)
        await follow_rules(world.services)
        world.clock.move(ms=FRESH_MS)
        held = await ways.read()
        await rights.lift(site, mine)
        await follow_rules(world.services)
        world.clock.move(ms=FRESH_MS)
        lifted = await ways.read()

    unseen = [name for name, told in before.items() if told == without[name]]
    assert unseen == []  # every way tells of the visitor before
    assert [name for name, told in held.items() if told == before[name]] == []
    assert [name for name, told in held.items() if mine in told or ">/mine" in told] == []
    timed = {"overview as a file"}  # it says when it was made
    assert [
        name for name, told in lifted.items() if told != before[name] and name not in timed
    ] == []


async def shared_tables(world: World, path: str) -> str:
    """Return the lists of a share link, which counts in tens and up to the day before."""
    answer = await world.client.get(path)
    assert answer.status_code == 200
    return str(Reading(answer.text).tables)


async def test_law_6_a_share_link_tells_of_a_restricted_visitor_only_before_and_when_lifted(
    tmp_path: Path,
):
    """Ten visitors are the fewest that a share link tells of, so the tenth is seen by all rows."""
    async with open_world(tmp_path, smallest_count=1) as world:
        rights, site = world.services.restrictions, world.site.id
        ways = await ways_of(world)
        form = {"csrf": ways.csrf, "name": "The board"}
        made = await ways.owner.post(f"/sites/{world.site.key}/sharing", data=form)
        [secret] = set(re.findall(r"/share/([A-Za-z0-9_-]{22})<", made.text))
        visitors = [(await visited(world, "/mine"))[1] for _ in range(10)]
        link = f"/share/{secret}"
        today = await shared_tables(world, link)
        world.clock.move(days=1)
        before = await shared_tables(world, link)
        await rights.restrict(site, visitors[-1])
        await follow_rules(world.services)
        held = await shared_tables(world, link)
        await rights.lift(site, visitors[-1])
        await follow_rules(world.services)
        lifted = await shared_tables(world, link)

    assert ["/mine" in told for told in (today, before, held, lifted)] == [False, True, False, True]
    assert lifted == before


async def printed(folder: Path, site: str) -> str:
    """Return the pages that the command line reports, of a folder that no server uses."""
    words = ["report", site, "pages", "--period", "all", "--format", "csv"]
    run = CliRunner().invoke
    done = await asyncio.to_thread(run, commands, [*words, "--data", str(folder / "data")])
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_law_6_the_command_line_tells_of_a_restricted_visitor_only_before_and_when_lifted(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        site = world.site
        await visited(world, "/other")
        _, mine = await visited(world, "/mine")
    before = await printed(tmp_path, site.key)
    async with open_world(tmp_path) as world:
        await world.services.restrictions.restrict(site.id, mine)
        await follow_rules(world.services)
    held = await printed(tmp_path, site.key)
    async with open_world(tmp_path) as world:
        await world.services.restrictions.lift(site.id, mine)
        await follow_rules(world.services)
    lifted = await printed(tmp_path, site.key)

    assert ["/mine" in told for told in (before, held, lifted)] == [True, False, True]
    assert all("/other" in told for told in (before, held, lifted))
    assert lifted == before
