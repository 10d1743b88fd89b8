"""The command line: the list of commands, `askfirst serve` and `askfirst demo`."""

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console
from starlette.types import ASGIApp

from askfirst.errors import Misconfigured
from askfirst.settings import Settings, load_settings
from reports.sites.setup import make_setup_link
from server.app import ServerApp, WhenOpen
from server.commands import (
    backup,
    check,
    export_visitor,
    import_log,
    ledger,
    move,
    places,
    receipt,
    report,
    staff,
)
from server.commands.terminal import say
from server.http.descriptors import raise_descriptor_limit
from server.http.serving import BACKLOG, log_plainly, tune_for_answers, uvicorn_config
from server.services import Services
from server.startup.process_environment import prepare_environment
from server.startup.warming import warm_soon
from server.workers.listening import worker_sockets, workers_by

console = Console(highlight=False)
commands = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Self-hosted web analytics that asks first."
)
for group in (
    backup,
    check,
    export_visitor,
    import_log,
    ledger,
    move,
    places,
    receipt,
    report,
    staff,
):
    group.register(commands)

DEMO_FOLDER = Path("askfirst-demo")

DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", help="The folder of all data; else askfirst-data (demo: askfirst-demo)."
    ),
]
Host = Annotated[str | None, typer.Option(help="The address to listen on; else 127.0.0.1.")]
Port = Annotated[int | None, typer.Option(help="The port; 0 takes a free one; else 8000.")]
PublicUrl = Annotated[
    str | None, typer.Option(help="The address under which browsers reach this server.")
]


@commands.command()
def serve(
    data: DataFolder = None, host: Host = None, port: Port = None, public_url: PublicUrl = None
) -> None:
    """Serve on a data folder; what is missing there is made."""
    settings = _settings(data_folder=data, host=host, port=port, public_url=public_url)
    listening = _listen(settings.host, settings.port)
    address = settings.public_url or _address(listening)
    log_plainly()
    for_workers = worker_sockets(listening, workers_by(settings))

    async def greet(services: Services) -> None:
        say(f"Askfirst is at {address}")
        if link := await make_setup_link(services.ledger, services.clock):
            say(f"Create the owner and the first site here, once: {address}{link}")
        say(f"Its data is in {settings.data_folder.absolute()}; Ctrl-C stops it.")
        warm_soon()

    if for_workers:
        _run(ServerApp(settings, address=address), for_workers, greet)
    else:
        _run(ServerApp(settings, greet, address=address), [listening])


@commands.command()
def demo(
    data: DataFolder = None,
    host: Host = None,
    port: Port = None,
    site_port: Annotated[int, typer.Option(help="The port of the demo website.")] = 8001,
    visits: Annotated[int, typer.Option(min=0, help="Visits to add to the warehouse.")] = 0,
) -> None:
    """Serve, together with a small website that carries the tag."""
    from server.demo.command import DemoSetup  # noqa: PLC0415 - a server that is no demo does without
    from server.demo.mail.mailbox import SENDER, Mailbox  # noqa: PLC0415

    settings = _settings(data_folder=data or DEMO_FOLDER, host=host, port=port, public_url=None)
    listening = _listen(settings.host, settings.port)
    site_listening = _listen(settings.host, site_port)
    address = _address(listening)
    mailbox = None if settings.smtp_url else Mailbox()
    if mailbox:
        own = {"smtp_url": mailbox.url, "mail_from": SENDER, "public_url": address}
        settings = settings.model_copy(update=own)
    app = DemoSetup(address, _address(site_listening), visits, console, mailbox)
    sites: dict[int, ASGIApp] = {site_listening.getsockname()[1]: app.website}
    _run(ServerApp(settings, app.open, sites, address=address), [listening, site_listening])


def _settings(**given: Any) -> Settings:
    try:
        return load_settings(given)
    except Misconfigured as error:
        raise _stopped(error.message) from error


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=_family(host), backlog=BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise _stopped(
            f"Cannot listen on {host} port {port}: {why}. Choose another port; see --help."
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104
    return f"http://{shown}:{port}"


def _run(
    app: ServerApp, sockets: Sequence[socket.socket], when_workers_serve: WhenOpen | None = None
) -> None:
    """Serve until told to stop; with `when_workers_serve`, start a worker for each socket."""
    os.umask(0o077)
    prepare_environment(app.data_folder)
    log_plainly()
    raise_descriptor_limit()
    tune_for_answers()
    server, own = uvicorn.Server(uvicorn_config(app)), list(sockets)
    if when_workers_serve:
        from server.workers.manager import MainServer  # noqa: PLC0415 - one process alone does without

        server, own = MainServer(app, sockets, when_serving=when_workers_serve), []
    with suppress(
        SystemExit, KeyboardInterrupt
    ):  # how uvicorn ends when it cannot start, or at Ctrl-C
        server.run(sockets=own)
    if not server.started:
        raise _stopped(app.stopped_by)


def _stopped(sentence: str) -> typer.Exit:
    Console(stderr=True, highlight=False).print(sentence, soft_wrap=True, markup=False)
    return typer.Exit(2)


def main() -> None:
    """Run the command line, and exit without finalizing the interpreter.

    Everything is closed by then, and DuckDB's binding would print long complaints.
    """
    try:
        commands()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 0)
