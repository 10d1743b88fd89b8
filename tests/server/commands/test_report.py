"""`askfirst report` prints what the API answers, and `export-visitor` writes a visitor's file."""

import asyncio
import csv
import io
import json
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result
from rich.console import Console
from sqlalchemy import select
from typer.testing import CliRunner

from askfirst.store.ledger.tables import disclosures, staff_acts
from askfirst.store.warehouse.time_limit import TimeLimit
from reports.charts import images
from server.backups.backup_request import answer_requests
from server.cli import commands
from server.commands import terminal
from server.commands.export_visitor import BY_WHOM
from tests.factories import a_view
from tests.reports.files.test_paper import PIXEL
from tests.world import ORIGIN, World, open_world

PERIOD = ("--period", "all")


class Folder:
    """A data folder with one visitor, who saw two pages."""

    def __init__(self, path: Path, world: World, visitor: str) -> None:
        self.path = path
        self.site = world.site.key
        self.visitor = visitor

    def ran(self, *words: str) -> Result:
        return CliRunner().invoke(commands, [*words, "--data", str(self.path / "data")])

    def report(self, name: str, *words: str) -> Result:
        return self.ran("report", self.site, name, *PERIOD, *words)


async def a_visitor(world: World) -> str:
    browser = world.browser()
    await browser.accept()
    for path in ("/a", "/a", "/=1%1B"):
        await browser.send(a_view(url=f"{ORIGIN}{path}"))
    [visitor] = {row["visitor_id"] for row in await world.rows()}
    return str(visitor)


@pytest.fixture
async def folder(tmp_path: Path) -> Folder:
    async with open_world(tmp_path) as world:
        return Folder(tmp_path, world, await a_visitor(world))


def test_a_report_is_printed_as_a_table_csv_or_json(folder: Folder) -> None:
    table, text, whole = (
        folder.report("pages", "--format", form) for form in ("table", "csv", "json")
    )
    rows = json.loads(whole.stdout)["rows"]

    assert table.exit_code == 0, table.output
    assert "Pages" in table.stdout
    assert "\x1b" not in table.stdout
    assert "/a" in table.stdout
    assert (rows[0]["name"], rows[0]["views"], rows[0]["visitors"]) == ("/a", 2, 1)
    assert text.stdout_bytes.startswith(b'"name","visitors","visits","views","bounce_rate"')
    assert len(list(csv.DictReader(io.StringIO(text.stdout)))) == len(rows) == 2


def test_a_report_is_sorted_cut_and_filtered_as_asked(folder: Folder) -> None:
    cut = folder.report("pages", "--sort", "-name", "--limit", "1", "--format", "json")
    none = folder.report("totals", "--where", "path,is,/nowhere", "--format", "json")
    upright = folder.report("totals")
    assert [row["name"] for row in json.loads(cut.stdout)["rows"]] == ["/a"]
    assert json.loads(none.stdout)["rows"][0]["visitors"] == 0
    lines = [line.strip("│").split("│") for line in upright.stdout.splitlines() if "│" in line]
    assert ["Visitors", "1"] in [[cell.strip() for cell in line] for line in lines]
    assert "compared" not in upright.stdout  # nothing was


def test_a_table_that_is_wider_than_the_terminal_cuts_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    shown = folder.report("pages", "--against", "year").stdout
    assert "0.000" in shown
    assert "…" not in shown


def test_a_bar_stands_on_a_terminal_alone(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    piped = folder.report("pages", "--format", "csv")
    whole = partial(Console, force_terminal=True)
    monkeypatch.setattr(terminal, "Console", whole)
    shown = folder.report("pages", "--format", "csv")

    assert piped.stderr == ""
    assert "Pages" in shown.stderr
    assert "rows" in shown.stderr
    assert shown.stdout == piped.stdout


def test_what_cannot_be_answered_is_said_and_ends_with_status_2(folder: Folder) -> None:
    wrong: dict[tuple[str, ...], str] = {
        ("report", folder.site, "nothing"): "There is no such report. There are overview, ",
        ("report", "nokey", "pages"): "There is no such site",
        ("report", folder.site, "pages", "--where", "evil,is,x"): "There is no such column.",
        ("report", folder.site, "goal", "--set", "gaol=1"): "against_to, goal, and list.",
        ("report", folder.site, "pages", "--set", "goal"): "--set takes NAME=VALUE.",
        ("report", folder.site, "pages", "--limit", "0"): "It is a whole number from 1",
        ("export-visitor", folder.site, "x"): "A pseudonym is 32 digits",
        ("export-visitor", folder.site, "0" * 32): "There is no such visitor",
    }
    for words, sentence in wrong.items():
        done = folder.ran(*words)
        assert done.exit_code == 2, words
        assert sentence in done.stderr, words
        assert done.stdout == ""


async def entries(world: World) -> Sequence[tuple[str, ...]]:
    async with world.services.ledger.read() as connection:
        entered = select(disclosures.c.visitor_id, disclosures.c.to_whom, disclosures.c.what)
        noted = select(staff_acts.c.act, staff_acts.c.who, staff_acts.c.site_key)
        found = [tuple(row) for row in await connection.execute(entered)]
        return [*found, *(tuple(row) for row in await connection.execute(noted))]


async def test_law_9_beside_a_running_server_a_visitors_file_is_written_and_entered(
    tmp_path: Path,
) -> None:
    target = tmp_path / "file.json"
    async with open_world(tmp_path) as world:
        folder = Folder(tmp_path, world, await a_visitor(world))

        def both() -> tuple[Result, Result]:
            words = ("export-visitor", folder.site, folder.visitor, "--output", str(target))
            return folder.ran(*words), folder.report("totals", "--format", "json")

        working = asyncio.create_task(asyncio.to_thread(both))
        while not working.done():
            await answer_requests(world.services)
            await asyncio.sleep(0.02)
        exported, printed = working.result()
        assert await entries(world) == [
            (folder.visitor, BY_WHOM, "exported json"),
            ("visitor_exported", BY_WHOM, folder.site),
        ]

    assert exported.exit_code == 0, exported.output
    places = json.loads(target.read_text())["places"]
    assert len(places["warehouse.events"]) == 3
    assert places["ledger.disclosures"][0]["to_whom"] == BY_WHOM
    assert target.stat().st_mode & 0o077 == 0
    assert json.loads(printed.stdout)["rows"][0]["views"] == 3
    assert not list((tmp_path / "data").glob("*backup*"))


def test_a_visitors_file_is_not_written_over_another(folder: Folder, tmp_path: Path) -> None:
    target = tmp_path / "there.csv"
    target.write_text("mine")
    words = ("export-visitor", folder.site, folder.visitor, "--format", "zip")
    done = folder.ran(*words, "--output", str(target))
    written = folder.ran(*words, "--output", str(tmp_path / "new.zip"))

    assert (done.exit_code, target.read_text()) == (2, "mine")
    assert written.exit_code == 0, written.output
    assert written.stdout.endswith("new.zip holds everything that is kept of this visitor.\n")
    assert len(written.stdout.splitlines()) == 1
    with zipfile.ZipFile(tmp_path / "new.zip") as file:
        assert any(folder.visitor in file.read(name).decode() for name in file.namelist())


def test_a_report_that_takes_too_long_ends_in_a_sentence(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimeLimit, "left", lambda _limit: 0.0)
    said = folder.report("pages")

    assert said.exit_code != 0
    assert "The warehouse has not answered within 30 seconds" in said.output


def test_the_overview_is_printed_as_pdf_and_as_nothing_else_that_is_a_table(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "convert", lambda _asked: PIXEL)
    paper, chart = (folder.report("overview", "--format", form) for form in ("pdf", "png"))
    wrong = (folder.report("overview"), folder.report("pages", "--format", "pdf"))

    assert paper.stdout_bytes.startswith(b"%PDF-1."), paper.output
    assert chart.stdout_bytes == PIXEL
    assert [one.exit_code for one in wrong] == [2, 2]
    assert "of the report overview" in wrong[0].output
