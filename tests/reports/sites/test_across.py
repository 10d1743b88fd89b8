"""All sites beside each other equal a count by hand, and people are not summed up."""

import pytest

from reports.figures.figures import Totals
from reports.sites.across import summed
from tests.reports.garden import ANNA, BERT, Garden
from tests.reports.reading import Reading

NOTHING = "\N{EN DASH}"
TABLE = "The figures of each site"


async def test_each_site_has_its_figures_and_people_have_no_sum(garden: Garden) -> None:
    """Anna comes to both sites, where she is a visitor each; Bert came a week before."""
    for site, path in ((garden.site, "/"), (garden.site, "/a"), (garden.other, "/")):
        visit = f"{ANNA[:-1]}{site.id}"
        garden.event("2026-01-01T10:00", site_id=site.id, path=path, visit_id=visit)
    garden.event("2025-12-24T10:00", visitor_id=BERT, visit_id=BERT)
    garden.store()
    client = await garden.signed_in()
    page = Reading((await client.get("/across?period=7d")).text)

    assert page.tables[TABLE] == [
        ["Garden", "1 =", "1 =", "2 ▲up 100%", "0.0% ▼down 100.0 pts"],
        ["Other", "1 new", "1 new", "1 new", "100.0% new"],
        [
            "All sites",
            f"{NOTHING} not summed up",
            "2 ▲up 100%",
            "3 ▲up 200%",
            "50.0% ▼down 50.0 pts",
        ],
    ]
    assert page.links["Other"] == f"/sites/{garden.other.key}?period=7d"
    assert "visitors have no sum" in page.text
    assert Reading((await client.get("/?all")).text).links["Compare all sites"] == "/across"


async def test_a_period_that_there_is_not_is_a_400(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await client.get("/across?period=century")
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "period")


def test_the_bounce_rate_of_all_sites_is_that_of_all_visits() -> None:
    found = summed([Totals(9, 10, 12, 1.2, 0.5, 1.0), Totals(1, 1, 1, 1.0, 1.0, 1.0)])
    assert found.bounce_rate == pytest.approx(6 / 11)
    assert summed([]).bounce_rate is None
