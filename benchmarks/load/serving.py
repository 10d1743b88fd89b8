"""Starts a server in a process of its own on loopback, and prepares its data folder."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from askfirst.consents import Claims
from askfirst.events import PURPOSE
from askfirst.settings import Settings
from askfirst.sites import Site
from consent.policy.wording import default_policy, wording
from consent.proof.records import ConsentRequest, record_consent
from server.services import Services, open_services

HOSTS = ("example.org",)


@dataclass(frozen=True)
class Serving:
    """A running server: its address and its process."""

    address: str
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def serving(
    command: list[str], port: int, output: Path | None = None, **environment: str
) -> Iterator[Serving]:
    """Run a command that serves on a port until the block ends; its output goes to `output`."""
    said = (output or Path(os.devnull)).open("wb")
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=said, stderr=said if output else None
    )
    try:
        _wait_for(port, process)
        yield Serving(f"http://127.0.0.1:{port}", process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        said.close()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("The server stopped at its start.")
        try:
            httpx2.get(f"http://127.0.0.1:{port}/tag.js", timeout=60)
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start.")


def askfirst_command(folder: Path, port: int) -> list[str]:
    """Return the command that serves a data folder."""
    code = "from server.cli import main; main()"
    return [sys.executable, "-c", code, "serve", "--data", str(folder), "--port", str(port)]


def prepared(folder: Path) -> tuple[Site, str]:
    """Add a site to a data folder; return it with the token of a visitor who said yes."""
    return asyncio.run(_prepared(folder))


async def _prepared(folder: Path) -> tuple[Site, str]:
    async with open_services(Settings(data_folder=folder)) as services:
        site = await add_site(services)
        return site, services.tokens.sign(await consenting(services, site))


async def add_site(services: Services) -> Site:
    """Add the site that is measured."""
    content = default_policy("Example", "Example", "privacy@example.org", "")
    return await services.book.add("Example", HOSTS, "Europe/Berlin", content)


async def consenting(services: Services, site: Site) -> Claims:
    """Record a consent and return its claims."""
    return (
        await record_consent(services.ledger, await answer(services, site), services.clock())
    ).claims


async def answer(services: Services, site: Site) -> ConsentRequest:
    """Return a visitor's yes to the site's newest policy."""
    shown = await wording(services.book, services.book.policy(site), site, "en")
    return ConsentRequest(
        site_id=site.id,
        policy_version=shown["version"],
        notice_hash=shown["hash"],
        purposes=(PURPOSE,),
        language="en",
        method="banner",
        gpc=False,
        choice_days=180,
    )
