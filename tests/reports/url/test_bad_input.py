"""What analysts type wrong is told in the one shape on every page, and no page falls over it."""

from tests.reports.garden import Garden

PAGES = (
    "",
    "/visitors",
    "/goals",
    "/goals/funnels",
    "/paths",
    "/paths?show=used",
    "/return",
    "/segments",
    "/compare",
    "/coverage",
    "/choices",
    "/not-recorded",
    "/speed",
    "/scroll",
    "/files",
    "/files/pages.csv",
    "/files/overview.html",
    "?show=pages",
)
WRONG = {
    "period=custom&from=2026-02-30&to=2026-03-01": "from",
    "period=custom&from=2026-01-01&to=2025-12-31": "to",
    "period=custom&from=0000-00-00&to=2026-01-01": "from",
    "period=custom&from=1996-01-01&to=2026-01-01": "from",
    "period=custom&from=٢٠٢٦-01-01&to=2026-01-01": "from",
    "period=custom": "from",
    "period=never": "period",
    "period=7d&against=custom&against_from=2026-02-30&against_to=2026-01-01": "against_from",
}
FILTERS = {
    "where=evil,is,x": "where",
    "where=ip,is,192.0.2.1": "where",
    "where=path,matches,(a%2B)%2B{1000}": "where",
    "where=path,matches,(": "where",
    "where=path": "where",
    "where=%00": "where",
    "where=country,is,DE&on=moon": "on",
}
EVERYBODY = ("/choices", "/not-recorded")
"""The pages that filters do not apply to."""


LONG = (
    "period=custom&from=2000-01-01&to=2027-01-01",
    "period=custom&from=2025-10-26&to=2025-10-26&by=hour",
    "period=custom&from=2025-03-30&to=2025-03-30&by=hour",
)


async def test_what_is_typed_wrong_is_named_on_every_page(garden: Garden) -> None:
    client = await garden.signed_in()
    for page in PAGES:
        for query, field in (WRONG | ({} if page in EVERYBODY else FILTERS)).items():
            answer = await client.get(address(garden, page, query))
            assert answer.status_code == 400, (page, query)
            assert answer.json()["error"]["field"] == field, (page, query)
            assert "evil" not in answer.text


async def test_thirty_years_and_the_hours_of_a_clock_change_are_shown(garden: Garden) -> None:
    garden.event("2025-10-26T00:30", path="=1+1")
    garden.store()
    client = await garden.signed_in()
    for page in ("", "/return", "/files/over-time.csv"):
        for query in LONG:
            answer = await client.get(address(garden, page, query))
            assert answer.status_code == 200, (page, query)


def address(garden: Garden, page: str, query: str) -> str:
    return f"/sites/{garden.site.key}{page}{'&' if '?' in page else '?'}{query}"
