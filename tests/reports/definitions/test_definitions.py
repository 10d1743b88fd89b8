"""The example on the page of definitions: the reports say of it what is counted by hand."""

import re
from datetime import datetime, timedelta

from askfirst.clock import DAY_MS
from askfirst.store.ledger.choice_counts import LOADED
from askfirst.system.assets import asset_path
from reports.definitions.example import EVENTS, LOADS
from reports.definitions.terms import TERMS
from tests.factories import NOON
from tests.reports.garden import ANNA, BERT, CLEO, Garden, ms
from tests.reports.reading import Reading

IDS = {"Anna": ANNA, "Bert": BERT, "Cleo": CLEO}
YESTERDAY = datetime(2025, 12, 31)  # noqa: DTZ001 - naive UTC
BERLIN = timedelta(hours=1)


def moment(clock: str) -> datetime:
    """Return the naive UTC time at which it was so late in Berlin yesterday."""
    hours, minutes = clock.split(":")
    return YESTERDAY + timedelta(hours=int(hours), minutes=int(minutes)) - BERLIN


async def read(garden: Garden, query: str) -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


async def rows(garden: Garden, show: str) -> str:
    """Return the whole list of a dimension as one line: each name with its visits."""
    page = await read(garden, f"?period=yesterday&show={show}&sort=visits")
    [found] = page.tables.values()
    [column] = [at for at, name in enumerate(HEAD) if name == "visits"]
    ordered = sorted(((row[0], int(row[column])) for row in found), key=lambda r: (-r[1], r[0]))
    return ", ".join(f"{name} {visits}" for name, visits in ordered)


LISTS = {"entry": "entry-pages", "exit": "exit-pages", "source": "sources", "channel": "channels"}
HEAD = ("name", "visitors", "visits")


async def test_the_reports_say_of_the_example_what_is_counted_by_hand(garden: Garden) -> None:
    for one in EVENTS:
        visitor, time = IDS[one.who], moment(one.time)
        garden.event(time, visitor_id=visitor, visit_id=f"{visitor[:31]}{one.visit}", **one.columns)
    garden.store()
    garden.clock.now = NOON - DAY_MS
    for _ in range(LOADS):
        garden.deps.counts.add(garden.site.id, LOADED, "/")
    garden.clock.now = ms(moment("11:08"))
    here = (await read(garden, "/now")).text
    garden.clock.now = NOON
    page = await read(garden, "?period=yesterday")
    told = {
        anchor: page.figures[label][0]
        for anchor, label in (
            ("visitors", "Visitors"),
            ("visits", "Visits"),
            ("views", "Page views"),
            ("views-per-visit", "Views per visit"),
            ("bounces", "Bounce rate"),
            ("engaged", "Engaged time"),
        )
    }
    lists = {
        "entry": "entry-pages",
        "exit": "exit-pages",
        "source": "sources",
        "channel": "channels",
    }
    told |= {anchor: await rows(garden, show) for anchor, show in lists.items()}
    [told["consent-rate"]] = re.findall(r'<p class="share">(.*)</p>', page.html)
    told["now"] = here.partition(" visitor in the last")[0].split()[-1]
    told |= await of_other_pages(garden)
    told["change"] = await change_of_visits(garden)
    assert told == {term.anchor: term.counted for term in TERMS}


async def change_of_visits(garden: Garden) -> str:
    """Return the change of visits of two days against the second alone."""
    days = "?period=custom&from=2025-12-30&to=2025-12-31"
    against = "&against=custom&against_from=2025-12-31&against_to=2025-12-31"
    change = (await read(garden, days + against)).figures["Visits"][1]
    [share] = re.findall(r"down (\d+%)", " ".join(change.split()))
    return f"{share} fewer visits"


async def of_other_pages(garden: Garden) -> dict[str, str]:
    """Return what the pages of coverage, goals and return say of the example."""
    form = {"name": "Thanks", "what": "page", "pattern": "/thanks"}
    await garden.post(await garden.signed_in(), "/goals/new", **form)
    estimates = (await read(garden, "/coverage?period=yesterday")).tables
    goals = (await read(garden, "/goals?period=yesterday")).tables
    new = (await read(garden, "/return?period=yesterday")).text.partition(" came for the first")[0]
    return {
        "estimate": estimates["Estimate for all page loads"][1][2].partition(" (")[0],
        "conversion": goals["Goals, with the share of visitors who reached each"][0][4],
        "return": f"{new.split()[-1]} new",
    }


def test_every_link_to_a_definition_leads_to_one() -> None:
    folder = asset_path("templates/reports")
    texts = [path.read_text("utf-8") for path in folder.rglob("*.html")]
    called = {name for text in texts for name in re.findall(r"means\('([a-z-]+)'", text)}
    tables = [table for text in texts for table in re.findall(r"set anchors = ({.*?}) %}", text)]
    named = {name for table in tables for name in re.findall(r": '([a-z-]+)'", table)}

    assert len(named) == 10
    assert called | named <= {term.anchor for term in TERMS}


async def test_the_page_has_each_term_and_is_linked_from_menu_and_overview(garden: Garden) -> None:
    client = await garden.signed_in()
    page = Reading((await client.get("/definitions")).text)
    anchors = [given.get("id") for tag, given in page.tags if tag == "div"]
    assert [term.anchor for term in TERMS] == [one for one in anchors if one]
    assert len(page.tables["The events of the example"]) == len(EVENTS) == 12
    overview = await read(garden, "")
    assert overview.links["Help and definitions"] == "/definitions"
    assert overview.links["What these figures mean"] == "/definitions"
