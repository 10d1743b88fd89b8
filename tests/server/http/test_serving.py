"""`askfirst serve` as its owner sees it: the files it makes, what it prints, and how it stops."""

import re
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import structlog

from benchmarks.load.serving import askfirst_command, free_port, serving
from server.http.serving import log_plainly
from tests.factories import MAXMIND
from tests.world import open_world

ENVIRONMENT = {"ASKFIRST_PLACES_FILE": str(MAXMIND)}


def stopped(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from server.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        env={"PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        cwd=Path(__file__).parents[3],
    )


def test_a_first_start_makes_every_store_for_its_owner_alone(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    with serving(askfirst_command(folder, port), port, **ENVIRONMENT):
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in folder.iterdir()
            if path.is_file()
        }

    assert {"keys", "ledger.db", "journal.db", "warehouse.duckdb"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_start_prints_a_link_until_there_is_an_owner(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    command = askfirst_command(folder, port)
    with serving(command, port, output=tmp_path / "said", **ENVIRONMENT) as server:
        said = (tmp_path / "said").read_text()
        link = re.search(r"http://\S+/setup#code=\S+", said)
        assert link is not None
        page = httpx2.get(link[0], headers={"Accept": "text/html"})

    assert server.address in said
    assert page.status_code == 200
    assert "<form" in page.text


def test_a_start_prints_the_path_of_its_data_as_it_is(tmp_path: Path):
    folder, port = tmp_path / "site [red] [", free_port()
    with serving(askfirst_command(folder, port), port, output=tmp_path / "said", **ENVIRONMENT):
        said = (tmp_path / "said").read_text()

    assert f"Its data is in {folder}; Ctrl-C stops it." in said


def test_a_refused_folder_is_named_as_it_is(tmp_path: Path):
    folder = tmp_path / "site [red]"
    folder.mkdir(mode=0o700)
    (folder / "keys").write_text("short")
    (folder / "keys").chmod(0o600)

    ended = stopped("serve", "--data", str(folder), "--port", "0", **ENVIRONMENT)

    assert ended.returncode == 2
    assert str(folder) in ended.stderr


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"ASKFIRST_COLOUR": "blue"}, "ASKFIRST_COLOUR"),
        ({"ASKFIRST_PORT": "many"}, "port"),
        ({"ASKFIRST_TRUSTED_PROXIES": "everyone"}, "trusted_proxies"),
        ({"ASKFIRST_CHOICE_DAYS": "9999"}, "choice_days"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(
    tmp_path: Path, environment: dict[str, str], sentence: str
):
    ended = stopped("serve", "--data", str(tmp_path / "data"), **environment)

    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_stops_the_start_with_a_sentence(tmp_path: Path):
    port = free_port()
    with serving(askfirst_command(tmp_path / "data", port), port, **ENVIRONMENT):
        ended = stopped("serve", "--data", str(tmp_path / "other"), "--port", str(port))

    assert ended.returncode == 2
    assert f"port {port}" in ended.stderr


def test_a_folder_in_use_stops_the_second_start_with_a_sentence(tmp_path: Path):
    port = free_port()
    with serving(askfirst_command(tmp_path / "data", port), port, **ENVIRONMENT):
        ended = stopped("serve", "--data", str(tmp_path / "data"), "--port", "0")

    assert ended.returncode == 2
    assert "another askfirst" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_damaged_key_file_stops_the_start_and_is_not_replaced(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "keys").write_text("not a key\n")
    ended = stopped("serve", "--data", str(folder), "--port", "0")

    assert ended.returncode == 2
    assert "keys" in ended.stderr
    assert (folder / "keys").read_text() == "not a key\n"


def test_law_4_nothing_of_a_request_is_in_the_log(tmp_path: Path):
    folder, port = tmp_path / "data", free_port()
    command = askfirst_command(folder, port)
    with serving(command, port, output=tmp_path / "said", **ENVIRONMENT) as server:
        for path in ("/event", "/consent", "/nothing?secret=zqzqzqzq", "/sites/zqzqzqzq"):
            agent = {"User-Agent": "zqzqzqzq"}
            httpx2.post(server.address + path, content=b"zqzqzqzq{", headers=agent)
            httpx2.get(server.address + path, headers=agent)
    said = (tmp_path / "said").read_text()

    assert "zqzqzqzq" not in said
    assert said.count("127.0.0.1") == 2  # the greeting: the address and the link


def test_law_4_a_fault_is_logged_without_what_was_in_the_request(
    capsys: pytest.CaptureFixture[str],
):
    log_plainly()
    secret = "zq-session"
    try:
        raise RuntimeError("zq-value" if secret else "")
    except RuntimeError:
        structlog.get_logger().exception("internal_error")
    structlog.reset_defaults()
    said = capsys.readouterr().err

    assert "RuntimeError" in said
    assert "zq-session" not in said


async def test_law_8_an_oversized_choice_is_tallied_and_the_page_can_read_why(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = world.browser()
        answer = await browser.post("/consent", b"x" * 70_000)
        tally = await world.tally()

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert answer.headers["access-control-allow-origin"] == "https://example.org"
    assert tally == {"too_large": 1}
