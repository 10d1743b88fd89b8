"""The pages of the demo agree: two of them that show one fact show the same."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from rich.console import Console

from askfirst.settings import Settings
from server.app import build_app
from server.checks.verify import verify_ledger_at
from server.demo.command import EMAIL, DemoSetup
from server.services import open_services
from tests.factories import MAXMIND, StoppedClock
from tests.reports.reading import Reading

VISITS = 1200
PERIODS = ["30d", "90d", "7d", "today"]
APOLOGIES = (
    "cannot be told.",
    "Nothing was",
    "Nothing in this",
    "Nobody was",
    "Nobody who said",
    "Nobody has",
    "No visitor",
    "nothing is shown",
    "is not known",
    "Waiting for the first",
)
TABLE_OF_STEPS = "The question over time"
ANSWERS = ("Asked", "Yes", "No", "No answer")


class Demo:
    """A demo with generated visits, and its owner signed in."""

    def __init__(self, client: httpx2.AsyncClient, key: str, folder: Path) -> None:
        self.client = client
        self.site = f"/sites/{key}"
        self.folder = folder

    async def read(self, path: str) -> Reading:
        answer = await self.client.get(path)
        assert answer.status_code == 200, path
        return Reading(answer.text)

    async def choices(self, period: str) -> Reading:
        return await self.read(f"{self.site}/choices?period={period}")

    async def overview(self, period: str) -> Reading:
        return await self.read(f"{self.site}?period={period}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    folder = tmp_path_factory.mktemp("demo") / "data"
    settings = Settings(data_folder=folder, places_file=MAXMIND)
    console = Console(record=True, file=io.StringIO())
    async with open_services(settings, StoppedClock()) as services:
        await DemoSetup("http://a.test", "http://b.test", VISITS, console).greet(services)
        password = console.export_text().split("password ")[-1].strip()
        transport = httpx2.ASGITransport(app=build_app(services), client=("127.0.0.1", 5000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://a.test", headers=headers
        ) as client:
            form = {"email": EMAIL, "password": password}
            signed_in = await client.post("/sign-in", data=form)
            assert signed_in.status_code == 303
            yield Demo(client, services.book.all()[0].key, folder)


pytestmark = pytest.mark.asyncio(loop_scope="module")


LOADED = ("Steered by a program", "From a network of programs", "Referrer spam")
"""The rules that do not keep a page load from being counted."""


def number(text: str) -> int:
    return int(text.replace(",", ""))


def figure(page: Reading, label: str) -> int:
    return number(page.figures[label][0])


def words(page: Reading) -> str:
    return " ".join(page.text.split())


def table(page: Reading, name: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in page.tables[name] if len(row) > 1}


def said(cells: list[str], column: int) -> int:
    """Read a cell; a hidden or missing count is 0."""
    return number(cells[column]) if cells[column][0].isdigit() else 0


async def records(demo: Demo, state: str, first: str, last: str) -> int:
    page = await demo.read(f"{demo.site}/records?state={state}&from={first}&to={last}")
    found = re.search(r"([\d,]+) records?", words(page))
    return number(found[1]) if found else 0


async def left_out(demo: Demo, period: str) -> list[list[str]]:
    """Return a row for each rule: its words, visitors, visits and page views."""
    page = await demo.read(f"{demo.site}/not-recorded?period={period}")
    return page.tables.get("Rules, with what they leave out in these days", [])


def days_of(page: Reading) -> tuple[str, str]:
    """Return the first and the last day of the period, as its fields have them."""
    return page.fields["from"], page.fields["to"]


@pytest.mark.parametrize("period", PERIODS)
async def test_the_yeses_of_choices_and_overview_are_the_consent_records_of_the_period(
    demo: Demo, period: str
) -> None:
    choices, overview = await demo.choices(period), await demo.overview(period)
    yes = figure(choices, "Said yes")

    assert yes > 0
    rules = await left_out(demo, period)
    programs = sum(number(row[1]) for row in rules if row[0].startswith("Named as a program"))
    assert await records(demo, "given", *days_of(choices)) == yes + programs
    assert f"{yes:,}" in words(overview)
    assert f"{figure(choices, 'Said no'):,}" in words(overview)


@pytest.mark.parametrize("period", PERIODS)
async def test_the_withdrawals_of_the_period_are_recorded_and_counted(
    demo: Demo, period: str
) -> None:
    choices = await demo.choices(period)

    taken_back = await records(demo, "withdrawn", *days_of(choices))
    assert taken_back == figure(choices, "Withdrew")
    assert taken_back > 0 or period in ("7d", "today")


@pytest.mark.parametrize("period", PERIODS)
async def test_loads_are_no_fewer_than_banners_and_banners_no_fewer_than_answers(
    demo: Demo, period: str
) -> None:
    page = await demo.choices(period)
    loads, asked = figure(page, "Page loads"), figure(page, "Asked")
    answered = figure(page, "Said yes") + figure(page, "Said no")

    assert loads >= asked >= answered > 0
    assert asked - answered == figure(page, "No answer")
    for cells in table(page, TABLE_OF_STEPS).values():
        counts = [number(cell) for cell in cells[:5]]
        assert counts[0] >= counts[1] >= counts[2] + counts[3]


@pytest.mark.parametrize("period", PERIODS)
async def test_each_table_of_the_choices_adds_up_to_the_figures(demo: Demo, period: str) -> None:
    page = await demo.choices(period)
    labels = ("Page loads", "Asked", "Said yes", "Said no", "No answer", "Withdrew")
    steps = table(page, TABLE_OF_STEPS).values()
    sums = [sum(number(cells[column]) for cells in steps) for column in range(6)]
    assert sums == [figure(page, label) for label in labels]

    for name in ("The question by page", "The question by language", "The question by version"):
        rows = page.tables.get(name, [])
        total = sum(said(row[1:], 1) for row in rows)
        hidden = any("<" in cell for row in rows for cell in row)
        assert total == figure(page, "Asked") or (hidden or not rows)


@pytest.mark.parametrize("period", ["30d", "90d"])
async def test_about_62_of_100_page_loads_are_recorded_and_overview_and_choices_say_so(
    demo: Demo, period: str
) -> None:
    choices, overview = await demo.choices(period), await demo.overview(period)
    loads, views = figure(choices, "Page loads"), figure(overview, "Page views")
    rules = await left_out(demo, period)
    own, others = (
        sum(number(row[3]) for row in rules if row[0].startswith(names))
        for names in ("Excluded by your rules", LOADED)
    )
    recorded = f"{views + own + others:,}"  # what rules leave out was recorded after a yes

    assert own > 0 < others
    assert 0.58 < views / loads < 0.66
    for page in (choices, overview):
        assert f"{loads:,}" in words(page)
        assert recorded in words(page)
        assert f"{own + others:,} of the {recorded} recorded are left out" in words(page)


async def test_the_banner_was_shown_in_several_languages_wordings_and_ways(demo: Demo) -> None:
    page = await demo.choices("90d")
    languages = table(page, "The question by language")
    assert {"English", "German", "French", "Dutch"} <= set(languages)
    assert len(table(page, "The question by version")) == 2

    found = await demo.read(f"{demo.site}/records?state=given")
    assert {"en", "de"} <= set(re.findall(r"<td>([a-z]{2})</td>", found.html))
    assert "The question" in words(found)
    assert "The preferences" in words(found)


async def test_every_recorded_row_has_its_consent_and_the_chain_is_whole(demo: Demo) -> None:
    check = await demo.read(f"{demo.site}/consent-check")
    verdict = await asyncio.to_thread(
        verify_ledger_at, demo.folder / "ledger.db", None, Console(quiet=True)
    )

    assert "Rows without a valid consent: 0 " in words(check)
    assert verdict.right, verdict.sentences


async def test_the_visitors_of_the_list_are_those_of_the_overview(demo: Demo) -> None:
    overview = await demo.overview("today")
    page = await demo.read(f"{demo.site}/visitors?period=today")
    links = set(re.findall(rf"{demo.site}/visitors/[0-9a-f]{{32}}", page.html))

    assert len(links) == figure(overview, "Visitors") > 0


async def test_what_rules_leave_out_is_kept_and_tallied_by_day(demo: Demo) -> None:
    page = await demo.read(f"{demo.site}/not-recorded?period=90d")
    days = table(page, "What was not recorded, by day")
    days |= table(page, "What was not recorded, on the days before")
    found = re.search(
        r"Turned away ([\d,]+) requests or events, recorded but left out ([\d,]+)", words(page)
    )
    rules = page.tables["Rules, with what they leave out in these days"]

    assert found
    assert sum(number(row[0]) for row in days.values()) == number(found[1]) > 0
    assert sum(number(row[1]) for row in days.values()) == number(found[2]) > 0
    assert len(rules) >= 5
    assert all(0 < number(row[2]) <= number(row[1]) for row in rules)


async def test_crawlers_that_are_turned_away_are_named_with_who_runs_them(demo: Demo) -> None:
    turned_away = words(await demo.read(f"{demo.site}/not-recorded?period=90d"))
    overview = words(await demo.overview("90d"))

    for crawler, operator in {"GPTBot": "OpenAI", "ClaudeBot": "Anthropic"}.items():
        assert re.search(rf"A crawler that names itself: {crawler} {operator}", turned_away)
    assert "A crawler that names itself: bot" in overview
    assert "GPTBot" not in overview


async def test_no_page_of_the_demo_shows_an_apology_an_empty_state_or_a_row_of_zeros(
    demo: Demo,
) -> None:
    visitors = await demo.read(f"{demo.site}/visitors")
    person = re.search(rf"{demo.site}/visitors/[0-9a-f]{{32}}", visitors.html)
    assert person
    paths = ["", "?period=90d", "/choices", "/choices?period=90d&by=week", "/visitors", "/records"]
    paths += ["/not-recorded?period=90d", "/install", "/consent-check", "/wording", "/settings"]
    every = ["/?all", person[0], *(demo.site + path for path in paths)]
    for path in every:
        page = await demo.read(path)
        for apology in APOLOGIES:
            assert apology not in words(page), (path, apology)
        for name, rows in page.tables.items():
            for row in rows:
                numbers = [cell for cell in row[1:] if cell]
                assert len(numbers) < 2 or any(n not in ("0", "0%") for n in numbers), (path, name)


async def test_nothing_of_the_demo_lies_before_its_site_was_made(demo: Demo) -> None:
    page = await demo.read(f"{demo.site}/records?state=given&from=2000-01-01&to=2025-09-30")
    assert "0 records" in words(page)
