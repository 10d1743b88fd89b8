"""A chart of nothing says so and leads out."""

from tests.reports.files.test_chart import visited
from tests.reports.garden import Garden
from tests.reports.reading import Reading


async def test_a_chart_of_nothing_is_a_page_that_says_so_and_leads_out(garden: Garden) -> None:
    """As a file it is not found; for somebody who followed a link to it the words are the same."""
    site, client = visited(garden), await garden.signed_in()
    empty = "?period=custom&from=2025-01-01&to=2025-01-02"
    for name in ("hours", "world-map", "pages", "web-vitals", "cohorts"):
        page = await client.get(f"{site}/charts/{name}{empty}")
        file = await client.get(f"{site}/charts/{name}.svg{empty}")
        way = Reading(page.text).links["Show all time"]
        assert (page.status_code, file.status_code) == (200, 404)
        said = "No visitor in these days" if name == "world-map" else "Nothing of this happened"
        assert said in page.text
        assert said in file.text
        assert way == f"{site}/charts/{name}?period=all"
        if name not in ("web-vitals", "world-map"):  # of those none has any
            assert "Nothing of this" not in (await client.get(way)).text
    filtered = await client.get(f"{site}/charts/hours?where=path,is,/nowhere")
    assert "Take the filters away" in filtered.text
    assert (await client.get(f"{site}/charts/nothing")).status_code == 404
