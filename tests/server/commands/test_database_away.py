"""Commands while the database of the events is away: they end with a sentence."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import commands
from tests.world import open_world

NOBODY = "clickhouse://askfirst:secret@127.0.0.1:1/stats"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with an event that waits for a database."""

    async def fill() -> None:
        async with open_world(tmp_path, warehouse=NOBODY) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send()

    asyncio.run(fill())
    monkeypatch.setenv("ASKFIRST_WAREHOUSE", NOBODY)
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("words", "status"),
    [(("check",), 1), (("check", "--repair"), 2), (("backup", "{folder}.tar"), 2)],
)
def test_a_command_that_needs_the_database_ends_with_a_sentence(
    folder: Path, words: tuple[str, ...], status: int
) -> None:
    given = [word.format(folder=folder) for word in words]
    done = CliRunner().invoke(commands, [*given, "--data", str(folder)])
    assert done.exit_code == status
    assert isinstance(done.exception, SystemExit)
    assert "cannot be reached" in done.output
    assert "secret" not in done.output
    assert not Path(f"{folder}.tar").exists()


def test_a_move_that_the_database_ends_says_that_it_may_be_run_again(folder: Path) -> None:
    done = CliRunner().invoke(commands, ["move", "--to-warehouse", "file", "--data", str(folder)])
    said = " ".join(done.output.split())
    assert done.exit_code == 2
    assert "cannot be reached" in said
    assert "The events are where they were, and the command may be run again." in said
