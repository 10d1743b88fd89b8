"""`askfirst import-log` prints what a file brought, and refuses what it cannot do."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import commands
from server.startup.data_folder import locked
from tests.world import open_world

LINE = '192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET {} HTTP/1.1" 200 1 "-" "-" "-"\n'


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
    assert "Not counted: malformed 23, no_consent 2, not_a_page 1." in done.stdout
    assert f"{log}, line 4: It is no line of the combined format." in done.stderr
    assert "line 23:" in done.stderr
    assert "line 24:" not in done.stderr
    assert f"{log}: 3 more lines are broken." in done.stderr
    assert "secret" not in done.output


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
