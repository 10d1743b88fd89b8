"""Real reverse proxies in front of a real server: Caddy, nginx and HAProxy from the PATH."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from benchmarks.load.serving import askfirst_command, free_port, serving
from tests.reports.reading import Reading

HERE = Path(__file__).parent
OWNER = {"email": "owner@example.org", "password": "a quiet river by the old mill"}
SITE = {
    "name": "Example",
    "hosts": "example.org",
    "time_zone": "Europe/Berlin",
    "controller": "Example",
    "contact": "privacy@example.org",
    "ip_mode": "whole",
}
MANY = {
    "ASKFIRST_TRUSTED_PROXIES": "127.0.0.1",
    "ASKFIRST_CHOICES_PER_MINUTE": "100000",
    "ASKFIRST_SIGN_INS_PER_MINUTE": "100000",
}

CADDY = """\
{{
    admin off
    log {{
        output discard
    }}
}}
http://:{port} {{
    bind 127.0.0.1
    reverse_proxy 127.0.0.1:{server}
}}
"""
NGINX_FRAME = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
%s}}
"""
"""What every nginx here needs to run from a folder of its own; %s stands for its servers."""
NGINX = (
    NGINX_FRAME
    % """\
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream askfirst {{ server 127.0.0.1:{server}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://askfirst;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
"""
)
HAPROXY = """\
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    http-reuse always
    option forwardfor
frontend visitors
    bind 127.0.0.1:{port}
    default_backend askfirst
backend askfirst
    server one 127.0.0.1:{server}
"""
PROXIES = {
    "caddy": (CADDY, ["caddy", "run", "--adapter", "caddyfile", "--config", "{file}"]),
    "nginx": (NGINX, ["nginx", "-p", "{folder}", "-c", "{file}", "-e", "{folder}/nginx.log"]),
    "haproxy": (HAPROXY, ["haproxy", "-db", "-f", "{file}"]),
}
SYSTEM = "/usr/sbin:/usr/local/sbin"
"""Where Debian keeps nginx and HAProxy, which is not on everybody's PATH."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder: `proxies`."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.proxies)


@dataclass(frozen=True)
class Place:
    """A running server with an owner and a site, and where it is reached."""

    port: int
    key: str


@pytest.fixture(scope="module", params=[0, 1], ids=["alone", "worker"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    base, port = tmp_path_factory.mktemp("place"), free_port()
    command, said = askfirst_command(base / "data", port), base / "said"
    with serving(command, port, said, ASKFIRST_WORKERS=str(request.param), **MANY) as server:
        yield Place(port, set_up(server.address, said))


def set_up(address: str, said: Path, hosts: str = "example.org") -> str:
    """Make owner and site by the one-time link, and give the site's key."""
    until = time.monotonic() + 60
    while (link := re.search(r"/setup#code=(\S+)", said.read_text())) is None:
        assert time.monotonic() < until
        time.sleep(0.05)
    with httpx2.Client(base_url=address, headers={"Origin": address}, timeout=60) as owner:
        form = Reading(owner.get("/setup").text).fields
        made = owner.post("/setup", data={**form, **OWNER, **SITE, "hosts": hosts, "code": link[1]})
        assert made.status_code == 303, made.text
        return str(made.headers["location"].split("/sites/")[1].split("/")[0])


@pytest.fixture(params=PROXIES)
def proxied(request: pytest.FixtureRequest, place: Place, tmp_path: Path) -> Iterator[Place]:
    """Yield the same server behind a reverse proxy."""
    with proxy(request.param, place.port, tmp_path) as port:
        yield Place(port, place.key)


@contextmanager
def proxy(name: str, server: int, folder: Path, text: str = "", port: int = 0) -> Iterator[int]:
    """Run a reverse proxy until the block ends and give its port; skip where there is none.

    `text` is another configuration than the usual one.
    """
    usual, command = PROXIES[name]
    found = shutil.which(name) or shutil.which(name, path=SYSTEM)
    if found is None:
        pytest.skip(f"{name} is not installed; scripts/test installs it on Debian as root.")
    port, file = port or free_port(), folder / f"{name}.conf"
    file.write_text((text or usual).format(port=port, server=server, folder=folder))
    arguments = [part.format(file=file, folder=folder) for part in command[1:]]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([found, *arguments], env=home, stdout=said, stderr=said)
    try:
        _wait_for(port, process, folder / "said")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", said: Path) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"The proxy did not start: {said.read_text()[-1000:]}")
