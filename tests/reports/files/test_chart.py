"""One chart as a file and as a page: the same figures, behind the same sign-in, drawn outside."""

import json
import re
from typing import Any

import pytest

from reports.charts import images
from reports.charts.script import VERSION
from tests.reports.garden import ANNA, BERT, Garden

DAYS = "?period=7d"
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
