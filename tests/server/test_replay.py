"""A real site's log through the public endpoints: the overview is what pandas counts in the log."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import maxminddb
import pandas as pd
import pytest
from user_agents import parse as parse_user_agent

from benchmarks.load.access_log import HOSTS, read_log
from benchmarks.load.replay import Replay
from benchmarks.load.serving import askfirst_command, free_port, serving
from collector.enrichment.enrich import client_of
from collector.enrichment.places.files import shipped_places
from reports.formatting.template_filters import country
from server.services import open_services
from tests.factories import settings_in
from tests.reports.reading import Reading
from tests.world import stored_rows

LINES = 2000
OWNER = {"email": "owner@example.org", "password": "a long enough password"}
SITE = {
    "name": "Semicomplete",
    "hosts": "\n".join(HOSTS),
    "time_zone": "America/Los_Angeles",
    "controller": "Semicomplete",
    "contact": "privacy@semicomplete.com",
    "ip_mode": "whole",
}


@dataclass(frozen=True)
class Replayed:
    """What was replayed, what the server took for bots or refused, and the report afterwards."""

    views: pd.DataFrame
    bots: set[str]
    refused: set[str]
    overview: Reading
    lists: dict[str, pd.DataFrame]
    folder: Path

    @property
    def recorded(self) -> pd.DataFrame:
        """Return the page views of the visitors who accept and are no bots, from the log alone."""
        kept = self.views["accepts"] & ~self.views["visitor"].isin(self.bots)
        return self.views[kept]

    @property
    def stored(self) -> pd.DataFrame:
        """Return them and those that are recorded and left out of the reports."""
        kept = self.views["accepts"] & ~self.views["visitor"].isin(self.refused)
        return self.views[kept]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    base = tmp_path_factory.mktemp("replay")
    folder, said, port = base / "data", base / "said", free_port()
    environment = {
        "ASKFIRST_TRUSTED_PROXIES": "127.0.0.1",
        "ASKFIRST_CHOICES_PER_MINUTE": "100000",
        "ASKFIRST_EVENTS_PER_MINUTE": "100000",
        "ASKFIRST_ADDRESS_EVENTS_PER_MINUTE": "100000",
    }
    views = read_log(lines=LINES)
    with serving(askfirst_command(folder, port), port, output=said, **environment) as server:
        link = re.search(r"/setup#code=(\S+)", said.read_text())
        assert link is not None
        yield asyncio.run(_story(server.address, link[1], views, folder))


async def _story(address: str, code: str, views: pd.DataFrame, folder: Path) -> Replayed:
    async with httpx2.AsyncClient(
        base_url=address, headers={"Origin": address, "Accept": "text/html"}, timeout=60
    ) as owner:
        made = await owner.post("/setup", data={"code": code, **OWNER, **SITE})
        assert made.status_code == 303, made.text
        key = made.headers["location"].split("/")[2]
        async with httpx2.AsyncClient(base_url=address, timeout=60) as crowd:
            replay = Replay(crowd, key)
            await replay.run(views)
        overview = await _settled(owner, f"/sites/{key}", replay.counted)
        lists = {name: await _list(owner, key, name) for name in COLUMNS}
    return Replayed(views, replay.bots, replay.refused, overview, lists, folder)


async def _settled(owner: httpx2.AsyncClient, path: str, views: int) -> Reading:
    """Read the overview until it shows as many views as were acknowledged; two seconds at most."""
    async with asyncio.timeout(2 + 58):  # the promise is two seconds; a busy machine gets more time
        while True:
            page = Reading((await owner.get(f"{path}?period=7d")).text)
            if page.figures["Page views"][0] == f"{views:,}":
                # its other queries may have been answered before the last batch was there
                return Reading((await owner.get(f"{path}?period=7d")).text)
            await asyncio.sleep(0.1)


COLUMNS = {"pages": 3, "referrers": 2, "browsers": 1, "countries": 1}
"""The lists, and which column of their whole list is compared: visitors, visits or views."""


async def _list(owner: httpx2.AsyncClient, key: str, name: str) -> pd.DataFrame:
    path, rows = f"/sites/{key}?period=7d&show={name}", []
    while path:
        page = Reading((await owner.get(path)).text)
        (table,) = page.tables.values()
        rows += [(row[0], row[COLUMNS[name]]) for row in table]
        path = page.links.get("Later rows", "") or page.links.get("More rows", "")
    found = pd.DataFrame(rows, columns=["name", "first"])
    numbers = found["first"].str.replace(",", "").astype(int)
    return found.assign(first=numbers).set_index("name")


def counted(series: "pd.Series[int]") -> dict[str, int]:
    return {str(name): int(count) for name, count in series.items()}


def shown(listed: pd.DataFrame) -> dict[str, int]:
    return counted(listed["first"])


def test_the_totals_are_the_logs(replayed: Replayed):
    figures, recorded = replayed.overview.figures, replayed.recorded

    assert len(recorded) > 150
    assert figures["Page views"][0] == f"{len(recorded):,}"
    assert figures["Visitors"][0] == f"{recorded['visitor'].nunique():,}"
    assert figures["Visits"][0] == f"{recorded['visitor'].nunique():,}"


def test_the_pages_are_the_logs(replayed: Replayed):
    assert shown(replayed.lists["pages"]) == counted(replayed.recorded["path"].value_counts())


def test_the_referrers_are_the_logs(replayed: Replayed):
    first = replayed.recorded.groupby("visitor", sort=False).first()
    hosts = first["referrer"].map(lambda url: (urlsplit(url).hostname or "").removeprefix("www."))
    named = hosts.where(hosts != "semicomplete.com", "").replace("", "Direct, or not recorded")

    assert shown(replayed.lists["referrers"]) == counted(named.value_counts())


FAMILIES = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Google": "Safari",  # the search app on iOS
    "IE": "Internet Explorer",
    "Other": "Unknown",
}
"""Names of another reader of user agents, where it has more than one for a family."""


def test_the_browsers_are_the_logs(replayed: Replayed):
    visitors = replayed.recorded.drop_duplicates("visitor")
    families = visitors["user_agent"].map(lambda text: parse_user_agent(text).browser.family)
    by_name = families.mask(visitors["user_agent"].str.contains("MAUI"), "MAUI WAP Browser")
    named = by_name.replace(FAMILIES)

    assert shown(replayed.lists["browsers"]) == counted(named.value_counts())


def test_the_countries_are_the_logs(replayed: Replayed, tmp_path: Path):
    visitors = replayed.recorded.drop_duplicates("visitor")
    with maxminddb.open_database(shipped_places(tmp_path)) as places:
        codes = visitors["ip"].map(lambda ip: (places.get(ip) or {}).get("country_code", ""))
    names = codes.map(country)

    assert shown(replayed.lists["countries"]) == counted(names.value_counts())


def test_law_4_of_those_who_refused_there_is_an_integer(replayed: Replayed):
    """What names itself a program is not counted, as its loads are not."""
    refusing = replayed.views[~replayed.views["accepts"]]
    is_program = refusing["user_agent"].map(lambda told: bool(client_of(told).sender_rule))
    refusing = refusing[~is_program]
    answers = replayed.overview.tables["Answers to the question"]
    refused = next(int(row[1]) for row in answers if row[0] == "Said no")

    assert refused == refusing["visitor"].nunique()


async def test_law_4_no_store_holds_an_address_of_those_who_refused(replayed: Replayed):
    """The server still holds the folder, so its rows are read from a copy."""
    stored = set(replayed.stored["ip"])
    copy = replayed.folder.parent / "copy"
    await asyncio.to_thread(_copy, replayed.folder, copy)
    async with open_services(settings_in(copy)) as services:
        events = services.warehouse.events()
        texts = stored_rows(services.warehouse)["texts"]
    ips = {row["text"] for row in texts if row["column"] == "ip"}

    assert ips == set(events["ip"]) == stored
    assert not {row["text"] for row in texts} & (set(replayed.views["ip"]) - stored)
    assert len(events) == len(replayed.stored)


def _copy(folder: Path, copy: Path) -> None:
    copy.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())


def test_law_8_crawlers_that_say_so_are_tallied_and_not_recorded(replayed: Replayed):
    (tally,) = (
        table
        for caption, table in replayed.overview.tables.items()
        if caption.startswith("What was not recorded")
    )
    bots = next(int(row[1]) for row in tally if "crawler" in row[0].split())
    theirs = replayed.views[replayed.views["visitor"].isin(replayed.refused)]

    assert bots == len(theirs) > 0
    assert (
        theirs["user_agent"].str.contains("(?i)bot|spider|crawl|feed|http|java|ruby").mean() > 0.8
    )
