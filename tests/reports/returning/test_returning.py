"""The page about return: cohorts and groups equal a count by hand."""

import pytest

from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.reading import Reading

DECEMBER = "period=custom&from=2025-12-01&to=2025-12-21"


def visit(garden: Garden, visitor: str, *days: str, **changes: str) -> None:
    """Note visits of one page view, each at noon of a day."""
    for day in days:
        time = f"{day}T12:00:00"
        garden.event(time, visitor_id=visitor, visit_id=f"{visitor}-{day}", **changes)


def three_visitors(garden: Garden) -> None:
    """Anna came before the period, Bert and Cleo in its first week, Cleo back in the two after."""
    visit(garden, ANNA, "2025-11-20", "2025-12-02")
    visit(garden, BERT, "2025-12-03", "2025-12-04")
    visit(garden, CLEO, "2025-12-07", "2025-12-08", "2025-12-15", country="FR")


async def opened(garden: Garden, query: str) -> Reading:
    garden.store()
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/return?{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


WEEKS = "Share of the new visitors of each week who came again so many weeks later"


async def test_cohorts_by_week_are_whose_very_first_visit_began_in_it(garden: Garden) -> None:
    three_visitors(garden)
    page = await opened(garden, f"{DECEMBER}&step=week")
    assert page.tables[WEEKS] == [
        ["1 Dec 2025", "2", "50%, 1 of 2", "50%, 1 of 2"],
        ["8 Dec 2025", "0", "", ""],
        ["15 Dec 2025", "0", "", ""],
        ["Together", "", "50%, 1 of 2", "50%, 1 of 2"],
    ]
    assert page.tables["Visitors who came again, by week"][0] == ["1 Dec 2025", "2", "1", "1"]
    assert (
        "Of the 2 new visitors whose next week is over, 50% came back in the week after."
        in " ".join(page.text.split())
    )


async def test_new_and_returning_visitors_and_groups_equal_a_count_by_hand(garden: Garden) -> None:
    three_visitors(garden)
    page = await opened(garden, f"{DECEMBER}&step=week")
    assert page.figures["New visitors"] == ["2 66.7%"]
    assert page.figures["Returning visitors"] == ["1 33.3%"]
    assert page.figures["Visits a visitor"] == ["2.00"]
    assert page.figures["Days between visits"] == ["4 median"]  # of 1, 1, 7 and 12
    assert page.tables["New and returning visitors"] == [
        ["1 Dec 2025", "2", "1"],
        ["8 Dec 2025", "0", "1"],
        ["15 Dec 2025", "0", "1"],
    ]
    assert [row[:2] for row in page.tables["Visitors by their visits in these days"]] == [
        ["1", "1"],
        ["2", "1"],
        ["3", "1"],
    ]
    between = page.tables["Visits by the time since the one before"]
    assert [row[:2] for row in between] == [
        ["Less than a day", "0"],
        ["1 day", "2"],
        ["2 days", "0"],
        ["3 to 6 days", "0"],
        ["7 to 13 days", "2"],
    ]


async def test_a_filter_keeps_visits_and_a_first_visit_is_the_first_of_all(garden: Garden) -> None:
    three_visitors(garden)
    visit(garden, ANNA, "2025-12-09", country="FR")
    page = await opened(garden, f"{DECEMBER}&step=week&where=country,is,FR")
    assert page.figures["New visitors"] == ["1 50.0%"]
    assert page.tables[WEEKS][0] == ["1 Dec 2025", "1", "100%, 1 of 1", "100%, 1 of 1"]


async def test_a_step_that_the_period_or_the_present_cuts_is_told_as_such(garden: Garden) -> None:
    """The present is 1 January 2026, a Thursday."""
    visit(garden, BERT, "2025-12-17", "2025-12-30")
    visit(garden, CLEO, "2025-12-24")
    page = await opened(garden, "period=custom&from=2025-12-17&to=2026-01-04&step=week")
    assert page.tables[WEEKS] == [
        ["15 Dec 2025, in part", "1", "0%, 0 of 1", "100%, 1 of 1, so far"],
        ["22 Dec 2025", "1", "0%, 0 of 1, so far", ""],
        ["29 Dec 2025, in part", "0", "", ""],
        ["Together", "", "0%, 0 of 1", "\N{EN DASH}"],
    ]


async def test_periods_in_which_nothing_can_be_told_say_so(garden: Garden) -> None:
    three_visitors(garden)
    assert "No visit began in these days." in (await opened(garden, "period=7d")).text
    page = await opened(garden, "period=custom&from=2025-12-02&to=2025-12-02")
    assert "Nobody came for the first time in these days." in page.text
    page = await opened(garden, "period=custom&from=2025-12-07&to=2025-12-07")
    assert "These days are too few" in page.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("step=hour", "step"),
        ("period=12m&step=day", "step"),
        ("period=custom&from=2000-01-01&to=2026-01-01&step=week", "step"),
        ("where=nothing,is,1", "where"),
    ],
)
async def test_what_an_address_cannot_mean_is_refused(
    garden: Garden, query: str, field: str
) -> None:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}/return?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


async def test_thirty_years_have_a_page(garden: Garden) -> None:
    three_visitors(garden)
    page = await opened(garden, "period=custom&from=2000-01-01&to=2026-12-31")
    assert page.figures["New visitors"] == ["3 100.0%"]
