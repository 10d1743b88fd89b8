"""One chart as a file and as a page: the same figures, behind the same sign-in, drawn outside."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from askfirst.store.ledger.goals import Deed, Step
from reports.charts import images
from reports.charts.script import VERSION
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.goals.club import add_funnel, add_goal

DAYS = "?period=7d"
CHARTS = (
    "goal", "compare", "world-map", "funnel", "flow", "paths", "web-vitals", "scroll",
    "visits-each", "days-between", "new-and-returning", "coverage",
)  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"
EVIL = "/</script><script>alert(1)</script>"


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Take what would be drawn, and draw nothing."""
    taken: list[dict[str, Any]] = []

    def convert(asked: dict[str, Any]) -> bytes:
        taken.append(asked)
        return b"<svg width='1'/>"

    monkeypatch.setattr(images, "convert", convert)
    return taken


def visited(garden: Garden) -> str:
    """Store some visits of two visitors; return the address of the site."""
    for day, visitor in (("2025-12-30", ANNA), ("2026-01-01", ANNA), ("2026-01-01", BERT)):
        garden.event(f"{day}T09:00", visitor_id=visitor, visit_id=f"{visitor[:8]}{day}", path=EVIL)
    garden.event("2026-01-01T09:05", visitor_id=BERT, visit_id=f"{BERT[:8]}2026-01-01", path="/b")
    garden.store()
    return f"/sites/{garden.site.key}"


async def test_each_chart_is_a_file_of_the_period_and_filters_that_the_page_has(
    garden: Garden, specs: list[dict[str, Any]]
) -> None:
    site, client = visited(garden), await garden.signed_in()
    query = f"{DAYS}&where=path,is,/b&on=events"
    names = ("over-time", "hours", "cohorts", "pages")
    answers = [await client.get(f"{site}/charts/{name}.svg{DAYS}") for name in names]
    pdf = await client.get(f"{site}/charts/over-time.pdf{query}")

    assert [one.status_code for one in answers] == [200] * 4
    assert answers[0].text.startswith('<svg role="img" aria-label="Visitors a day, Fri 26 Dec')
    assert answers[0].headers["content-disposition"].startswith('attachment; filename="over-time-')
    assert pdf.headers["content-type"] == "application/pdf"
    assert [one["form"] for one in specs] == ["svg"] * 4 + ["pdf"]
    whole, filtered = ([row["value"] for row in _now(one["spec"])] for one in (specs[0], specs[4]))
    assert (whole[-1], filtered[-1]) == (2, 1)
    assert specs[4]["spec"]["title"]["subtitle"][0].endswith(", of some visits only")


async def test_a_filtered_chart_tells_of_the_compared_days_what_the_overview_tells(
    garden: Garden,
) -> None:
    site, client = visited(garden), await garden.signed_in()
    query = "?period=custom&from=2026-01-01&to=2026-01-01&by=day&against=custom"
    query += "&against_from=2025-12-30&against_to=2025-12-30&where=country,is_empty"
    pages = [(await client.get(f"{site}{path}{query}")).text for path in ("", "/charts/over-time")]
    row = re.compile(r'<th scope="row">Thu 1 Jan.*?</th>(.*?)</tr>', re.DOTALL)
    told = [re.findall(r">([^<>]*)</td>", row.findall(text)[0]) for text in pages]

    assert told[0][:2] == told[1][:2] == ["2", "1"]


def _now(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the values of the mark that is read, which has every step."""
    values: list[dict[str, Any]] = spec["layer"][-1]["data"]["values"]
    return values


async def test_the_page_has_text_table_and_marks_and_no_name_gets_out_of_its_place(
    garden: Garden,
) -> None:
    site, client = visited(garden), await garden.signed_in()
    page = (await client.get(f"{site}/charts/pages{DAYS}")).text
    told = json.loads(re.search(r"data-spec>(.*?)</script>", page)[1])  # type: ignore[index]

    assert "<script>alert" not in page
    assert told["words"] == [f"{EVIL}: 3", "/b: 1"]
    assert "</script" not in json.dumps(told["spec"]).replace(EVIL, "")
    assert f"Pages by views, the 2 largest: {EVIL}".split("<")[0] in page
    assert page.count("<tr>") == 3
    assert f'src="{site}/charts/pages.svg{DAYS}"' in page  # where scripts do not run
    assert f'src="/vega/{VERSION}.js"' in page


async def test_the_pages_lead_to_their_charts(garden: Garden) -> None:
    site, client = visited(garden), await garden.signed_in()
    overview = (await client.get(f"{site}{DAYS}&metric=visits&where=path,is,/b")).text
    returning = (await client.get(f"{site}/return{DAYS}")).text
    filtered = f"{DAYS}&amp;where=path%2Cis%2C%2Fb"

    assert f'href="{site}/charts/over-time.png{filtered}&amp;metric=visits"' in overview
    assert f'href="{site}/charts/hours{filtered}' in overview
    assert f'href="{site}/charts/cohorts.svg{DAYS}&amp;step=day"' in returning


async def test_what_is_no_chart_is_refused_and_nothing_is_given_to_strangers(
    garden: Garden, specs: list[dict[str, Any]]
) -> None:
    site, client = f"/sites/{garden.site.key}", await garden.signed_in()
    addresses = {
        "/charts/nothing.svg": 404,
        "/charts/hours.exe": 404,
        "/charts/hours.svg?period=7d": 404,  # nobody came
        "/charts/over-time.svg?metric=wrong": 400,
        "/charts/cohorts.svg?step=wrong": 400,
        "/charts/over-time.svg?where=nothing,is,x": 400,
    }
    found = [(await client.get(f"{site}{one}")).status_code for one in addresses]
    strange = [await garden.client().get(f"{site}/charts/over-time{one}") for one in ("", ".svg")]

    assert found == list(addresses.values())
    assert [one.status_code for one in strange] == [303, 303]
    assert (await garden.client().get(f"/vega/{VERSION}.js")).status_code == 404
    assert (await client.get("/vega/0.js")).status_code == 404
    assert specs == []


async def test_a_list_is_drawn_whatever_its_rows_are_called(garden: Garden) -> None:
    names = ("constructor", "toString", "a\x00\x1b\ufffeb", "datum.label", "=1")
    for nth, name in enumerate(names):
        garden.event(f"2026-01-01T09:0{nth}", utm_campaign=name)
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/charts/campaigns.svg{DAYS}")

    assert answer.status_code == 200, answer.text
    texts = [one.text for one in ElementTree.fromstring(answer.content).iter(f"{SVG}text")]
    assert {*names, "a\ufffd\ufffd\ufffdb"} - {names[2]} <= {*texts}


async def everything(garden: Garden) -> str:
    """Store something for each chart to draw; return the address of the site."""
    for _ in range(4):
        garden.deps.counts.add(garden.site.id, "loaded", "/a")
    visit = {"country": "DE", "visit_id": "1" * 22}
    for nth, path in enumerate(("/a", EVIL, "/a", "/b")):
        garden.event(f"2026-01-01T09:0{nth}", path=path, **visit)
    garden.event("2025-12-30T09:00", path="/a", country="AT")
    garden.event("2026-01-01T09:05", kind="web_vitals", path="/a", lcp_ms=5000, **visit)
    garden.event("2026-01-01T09:06", kind="engagement", path="/a", scroll=60, **visit)
    garden.store()
    await add_goal(garden, name=EVIL, deed=Deed("page", "/a"))
    await add_funnel(garden, tuple(Step(deed=Deed("page", path)) for path in ("/a", EVIL)))
    return f"/sites/{garden.site.key}"


async def test_every_chart_has_text_a_table_and_marks_that_say_what_they_are(
    garden: Garden, specs: list[dict[str, Any]]
) -> None:
    site, client = await everything(garden), await garden.signed_in()
    for name in CHARTS:
        page = await client.get(f"{site}/charts/{name}{DAYS}")
        assert page.status_code == 200, name
        told = json.loads(re.search(r"data-spec>(.*?)</script>", page.text)[1])  # type: ignore[index]
        assert "<script>alert" not in page.text
        assert page.text.count("<tr>") > 1
        numbers = {int(one) for one in re.findall(r'"nth": (-?\d+)', json.dumps(told["spec"]))}
        assert numbers - {-1} <= set(range(len(told["words"]))), name
        assert len(told["words"]) > max(numbers)
        answer = await client.get(f"{site}/charts/{name}.svg{DAYS}")
        assert answer.text.startswith('<svg role="img" aria-label="'), name
    assert len(specs) == len(CHARTS)


@pytest.mark.parametrize("language", ["en-GB", "en-US", "sq"])
async def test_no_two_hours_of_the_table_beside_the_hours_are_called_alike(
    garden: Garden, language: str
) -> None:
    site, client = await everything(garden), await garden.signed_in()
    page = await client.get(f"{site}/charts/hours{DAYS}", headers={"Accept-Language": language})
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page.text)

    assert len(heads) == len(set(heads)) == 25


async def test_charts_of_tables_draw_what_the_tables_say(garden: Garden) -> None:
    site, client = await everything(garden), await garden.signed_in()

    async def words(name: str, query: str = "") -> list[str]:
        page = (await client.get(f"{site}/charts/{name}{DAYS}{query}")).text
        found = json.loads(re.search(r"data-spec>(.*?)</script>", page)[1])  # type: ignore[index]
        return list(found["words"])

    assert sorted(await words("world-map")) == ["Austria: 1", "Germany: 1"]
    assert await words("coverage") == ["Tue 30 Dec: \N{EN DASH}", "Thu 1 Jan: 100%"]
    assert (await words("web-vitals"))[2] == "LCP: 100% poor"
    assert await words("scroll") == ["25%: 100%", "50%: 100%", "75%: 0%", "100%: 0%"]
    assert await words("visits-each") == ["2: 1"]
    assert await words("days-between") == ["2: 1"]
    assert (await words("paths", "&steps=2"))[0].startswith("/a \N{RIGHTWARDS ARROW} ")
    assert "before: the visit began: 2" in await words("flow", "&at=/a")
    assert await words("funnel") == [
        "1. Page /a: 1 (100%)",
        f"2. Page {EVIL}: 1 (100%)",
    ]


async def test_a_chart_of_everybody_takes_no_filter_and_one_of_nothing_is_not_found(
    garden: Garden,
) -> None:
    garden.store()
    site, client = f"/sites/{garden.site.key}", await garden.signed_in()
    filtered = await client.get(f"{site}/charts/coverage{DAYS}&where=country,is,DE")
    wrong = await client.get(f"{site}/charts/paths{DAYS}&steps=9")
    assert filtered.status_code == wrong.status_code == 400
    for name in {*CHARTS} - {"compare"}:
        assert (await client.get(f"{site}/charts/{name}.svg{DAYS}")).status_code == 404, name
