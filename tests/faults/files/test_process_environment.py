"""A server needs its data folder and nothing else: no home, no /tmp, no TZ, no writable system."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from benchmarks.load.serving import free_port, prepared
from tests.factories import CHROME, a_view
from tests.proxies.conftest import OWNER, SITE
from tests.reports.reading import Reading

pytestmark = pytest.mark.faults

USER = 12345
AS_NOBODY_KNOWN = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
READ_ONLY = """
mount --make-rprivate / && mount --bind "$0" "$0" || exit 77
findmnt -rno TARGET | sort -r | while read -r place; do
    case "$place" in
        "$0"|/proc|/proc/*|/sys|/sys/*|/dev|/dev/*) ;;
        *) mount -o remount,bind,ro "$place" 2>/dev/null ;;
    esac
done
touch "${0%/*}/written" 2>/dev/null && exit 77
exec "$@"
"""
WAYS = {
    "plain": [],
    "read-only": ["unshare", "--mount", "sh", "-c", READ_ONLY, "{folder}"],
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a data folder of a user whom the system does not know, where that user can come."""
    above = Path(tempfile.mkdtemp(prefix="askfirst-alone-"))
    above.chmod(0o755)
    data = above / "data"
    data.mkdir(mode=0o700)
    yield data
    shutil.rmtree(above)


def _skip_where_impossible(way: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("Only root can run a program as another user.")
    needed = ["setpriv", "unshare", "findmnt"] if way == "read-only" else ["setpriv"]
    if missing := [one for one in needed if shutil.which(one) is None]:
        pytest.skip(f"Not installed: {missing}.")
    tried = [*AS_NOBODY_KNOWN, sys.executable, "-c", "import server.cli"]
    if subprocess.run(tried, cwd="/", env={}, capture_output=True, check=False).returncode:
        pytest.skip("Another user cannot read this checkout or its Python.")


@pytest.mark.parametrize("way", WAYS)
def test_a_server_of_an_unknown_user_serves_events_and_reports(folder: Path, way: str):
    _skip_where_impossible(way)
    site, token = prepared(folder)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER, USER)
    port, said = free_port(), folder.parent / "said"
    started = [one.format(folder=folder) if one == "{folder}" else one for one in WAYS[way]]
    code = "from server.cli import main; main()"
    serve = [sys.executable, "-c", code, "serve", "--data", str(folder), "--port", str(port)]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    with said.open("wb") as output:
        process = subprocess.Popen(
            [*started, *AS_NOBODY_KNOWN, *serve],
            cwd="/",
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            _visited_and_read(f"http://127.0.0.1:{port}", said, process, site.key, token)
        finally:
            process.terminate()
            process.wait(30)
    assert "reports_not_loaded" not in said.read_text()
    assert "internal_error" not in said.read_text()


def _visited_and_read(
    address: str, said: Path, process: "subprocess.Popen[bytes]", key: str, token: str
) -> None:
    while (link := re.search(r"/setup#code=(\S+)", said.read_text())) is None:
        if process.poll() == 77:
            pytest.skip("This machine makes no read-only view of itself.")
        assert process.poll() is None, said.read_text()
        time.sleep(0.1)
    same = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    with httpx2.Client(base_url=address, headers=same, timeout=120) as client:
        body = {"site": key, "token": token, "events": [a_view()]}
        page = {"Origin": "https://example.org", "User-Agent": CHROME}
        assert client.post("/event", json=body, headers=page).status_code == 202
        made = client.post("/setup", data={**OWNER, **SITE, "hosts": "b.example", "code": link[1]})
        assert made.status_code == 303, made.text
        for path in ("", "/visitors", "/choices", "/consent-check", "/wording", "/records"):
            assert client.get(f"/sites/{key}{path}").status_code == 200, (path, said.read_text())
        views = _until_shipped(client, f"/sites/{key}")
        assert views == ["1"]


def _until_shipped(client: httpx2.Client, path: str) -> list[str]:
    until = time.monotonic() + 30
    while True:
        shown = Reading(client.get(path).text).figures.get("Page views", [""])[:1]
        if shown == ["1"] or time.monotonic() > until:
            return shown
        time.sleep(0.2)
