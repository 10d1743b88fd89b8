"""`askfirst import-log` prints what a file brought, and refuses what it cannot do."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from server.cli import commands
from server.startup.data_folder import locked
from tests.factories import CHROME, NOON
from tests.world import open_world

LINE = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET {} HTTP/1.1" 200 1 "-" "-" "-"\n'
JSON = '{"ts":1,"method":"GET","uri":"/","status":200}\n'


@pytest.fixture
async def site(tmp_path: Path) -> str:
    async with open_world(tmp_path) as world:
        return world.site.key


def ran(tmp_path: Path, files: Sequence[Path], site: str) -> Result:
    given = ["import-log", *map(str, files), "--site", site, "--data", str(tmp_path / "data")]
    return CliRunner().invoke(commands, given)


def test_what_a_file_brought_is_printed_with_the_numbers_of_broken_lines(
    tmp_path: Path, site: str
) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINE.format("/") * 2 + LINE.format("/a.png") + "secret\n" * 23)
    done = ran(tmp_path, [log], site)

    assert done.exit_code == 0
    assert f"{log}: 26 lines, 0 page views recorded, 0 recorded before." in done.stdout
    assert "Not recorded: malformed 23, no_consent 2, not_a_page 1." in done.stdout
    assert f"{log}, line 4: It is no line of the combined format, which" in done.stderr
    assert "line 23:" in done.stderr
    assert "line 24:" not in done.stderr
    assert f"{log}: 3 more lines are broken." in done.stderr
    assert "secret" not in done.output


async def test_what_is_recorded_and_left_out_is_not_said_to_be_not_recorded(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        browser, key = world.browser(), world.site.key
        await browser.accept()
        line = {"time": NOON / 1000 + 1, "method": "GET", "uri": "/", "status": 200}
        line |= {"user_agent": f"{CHROME} HeadlessChrome/120", f"askfirst_{key}": browser.token}
    log = tmp_path / "access.log"
    log.write_bytes(msgspec.json.encode(line))
    done = await asyncio.to_thread(ran, tmp_path, [log], key)

    assert "1 page views recorded" in done.stdout
    assert "Left out of the reports by rules: agent:" in done.stdout
    assert "Not recorded" not in done.stdout


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("", "the combined format, of CloudFront's format or of JSON"),
        (LINE.format("/"), "the combined format, which the lines before it have"),
        (JSON, "JSON, which the lines before it have"),
        ("#Fields: date time\n", "CloudFront's format, which the lines before it have"),
    ],
)
def test_a_broken_line_is_said_to_be_none_of_the_format_that_was_being_read(
    tmp_path: Path, site: str, before: str, name: str
) -> None:
    log = tmp_path / "access.log"
    log.write_text(f"{before}nothing of the kind\n")
    done = ran(tmp_path, [log], site)

    assert f"It is no line of {name}." in done.stderr


def test_beside_a_running_server_nothing_is_imported(tmp_path: Path, site: str) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINE.format("/"))
    with locked(tmp_path / "data"):
        done = ran(tmp_path, [log], site)

    assert done.exit_code == 2
    assert "A server runs on the folder; stop it, import, and start it again." in done.stderr


@pytest.mark.parametrize("there", [True, False])
def test_an_unknown_site_or_a_missing_file_is_told(tmp_path: Path, site: str, there: bool) -> None:
    log = tmp_path / "access.log"
    if there:
        log.write_text(LINE.format("/"))
    done = ran(tmp_path, [log], "0" * 16 if there else site)

    assert done.exit_code == 2
    assert ("There is no such site." if there else f"There is no file {log}") in done.stderr


def test_a_damaged_file_ends_with_status_1(tmp_path: Path, site: str) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes(b"\x1f\x8bnothing")
    done = ran(tmp_path, [log], site)

    assert done.exit_code == 1
    assert "It cannot be unpacked behind line 0." in done.stdout
