"""Clients that record the answers, a server that is killed, and what must be left afterwards."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2

from askfirst.settings import Settings
from askfirst.sites import Site
from benchmarks.load.serving import Serving, askfirst_command, serving
from server.checks.check import examine
from server.services import open_services
from tests.factories import MAXMIND, a_view
from tests.world import Browser

ENVIRONMENT = {
    "ASKFIRST_WORKERS": "0",
    "ASKFIRST_PLACES_FILE": str(MAXMIND),
    "ASKFIRST_EVENTS_PER_MINUTE": "1000000",
    "ASKFIRST_CHOICES_PER_MINUTE": "1000000",
    "ASKFIRST_CHOICES_PER_HOUR": "1000000",
    "ASKFIRST_CHOICES_PER_DAY": "1000000",
    "ASKFIRST_SITE_CHOICES_PER_DAY": "1000000",
    "ASKFIRST_ADDRESS_EVENTS_PER_MINUTE": "1000000",
    "ASKFIRST_ADDRESS_BYTES_PER_MINUTE": "1000000000",
    "ASKFIRST_FREE_DISK_MB": "0",
}
MOST_SECONDS = 0.5
"""Seconds from a moment to the kill: the time of some groups, a batch, a trim and an erasure."""
FAILING_ENVIRONMENT = {**ENVIRONMENT, "PYTHONPATH": str(Path(__file__).parents[2])}


def failing_command(folder: Path, port: int, point: str, detail: str) -> list[str]:
    """Return the command that serves a folder with a fail point of `failing.py`."""
    program = str(Path(__file__).with_name("failing.py"))
    command = [sys.executable, program, point, detail]
    return [*command, "serve", "--data", str(folder), "--port", str(port)]


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until a condition is true; fail when it does not become so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


@contextmanager
def serving_warm(folder: Path, port: int, environment: dict[str, str]) -> Iterator[Serving]:
    """Serve a data folder that has a site; begin once all is loaded that a start loads.

    Reports are loaded seconds after the first answer, and take two hundred megabytes.
    """
    said = folder.with_name("said.txt")
    with serving(askfirst_command(folder, port), port, output=said, **environment) as server:
        wait_until(lambda: "first_report_ready" in said.read_text())
        yield server


def memory_of(server: Serving) -> int:
    """Return the bytes that the server's process occupies."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class ClientLog:
    """What the clients sent and how it was answered, over all processes of the server."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.unsure: set[str] = set()
        """Events of a visitor who requested erasure: they may be there or not."""
        self.erased: set[str] = set()
        self.turned_away = 0
        """How many requests were answered 503, which always has `Retry-After`."""
        self.odd: list[int] = []

    async def send(self, browser: Browser, events: int = 2) -> bool:
        """Send new events and record the answer; return whether they were acknowledged."""
        views = [a_view() for _ in range(events)]
        ids = {view["id"] for view in views}
        self.sent |= ids
        answer = await browser.send(*views)
        if answer.status_code == 202:
            self.acknowledged |= ids
        elif answer.status_code == 503 and "Retry-After" in answer.headers:
            self.turned_away += 1
        else:
            self.odd.append(answer.status_code)
        return answer.status_code == 202

    async def send_on(self, client: httpx2.AsyncClient, site: Site, token: str) -> None:
        """Send until the server is gone."""
        browser = Browser(client, site)
        browser.token = token
        with suppress(httpx2.TransportError):
            while True:
                await self.send(browser)

    async def decide_on(self, client: httpx2.AsyncClient, site: Site) -> None:
        """Accept, send, and withdraw or erase, again and again, until the server is gone."""
        with suppress(httpx2.TransportError):
            while True:
                browser = Browser(client, site)
                await browser.accept()
                view = a_view()
                self.sent.add(view["id"])
                self.unsure.add(view["id"])
                await browser.send(view)
                await browser.withdraw()
                if (await browser.erase()).status_code == 200:
                    self.erased.add(view["id"])


async def load(
    server: Serving, client_log: ClientLog, asked: tuple[Site, str], begun: Callable[[], bool]
) -> None:
    """Let senders and one visitor after the other act, and kill the server soon after a moment.

    `asked` is the site and the token of a visitor; `begun` returns whether the moment has come.
    """
    site, token = asked

    async def kill() -> None:
        while not begun():  # noqa: ASYNC110 - a server rings no bell
            await asyncio.sleep(0.01)
        await asyncio.sleep(random.uniform(0, MOST_SECONDS))
        server.process.send_signal(signal.SIGKILL)

    async with httpx2.AsyncClient(base_url=server.address, timeout=30) as client:
        senders = [client_log.send_on(client, site, token) for _ in range(8)]
        await asyncio.gather(kill(), client_log.decide_on(client, site), *senders)


def send(server: Serving, client_log: ClientLog, site: Site, token: str, times: int) -> list[float]:
    """Send events one after the other; return the seconds that each acknowledged one took."""

    async def act() -> list[float]:
        took = []
        async with httpx2.AsyncClient(base_url=server.address, timeout=30) as client:
            browser = Browser(client, site)
            browser.token = token
            for _ in range(times):
                started = time.monotonic()
                if await client_log.send(browser):
                    took.append(time.monotonic() - started)
        return took

    return asyncio.run(act())


async def _stored(folder: Path) -> list[str]:
    async with open_services(Settings(data_folder=folder, places_file=MAXMIND)) as services:
        await services.shipper.ship_all()
        return list(services.warehouse.events()["event_id"])


def stored(folder: Path) -> list[str]:
    """Start on the folder as a server does; return the ids of the events in the warehouse."""
    return asyncio.run(_stored(folder))


def hold_promises(folder: Path, client_log: ClientLog) -> None:
    """Assert that acknowledged events are there once, none was invented, and the stores agree."""
    ids = stored(folder)
    assert len(ids) == len(set(ids))
    assert client_log.acknowledged - client_log.unsure <= set(ids) <= client_log.sent
    assert not client_log.erased & set(ids)
    assert client_log.odd == []
    left = [one.sentence for one in examine(folder) if "bytes" not in one.sentence]
    assert left == []
