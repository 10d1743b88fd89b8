"""Of days of another number, counts are compared per day: figures, lists and months."""

from askfirst.store.ledger.goals import Deed
from tests.reports.garden import Garden
from tests.reports.goals.club import add_goal

NOVEMBER = "?period=custom&from=2025-11-01&to=2025-11-30"
DECEMBER = "&against=custom&against_from=2025-12-01&against_to=2025-12-31"


def some_visits(garden: Garden) -> None:
    """Store thirty visits in the 30 days of November, and 31 in the 31 of December."""
    for number in range(61):
        month, day = ("11", number + 1) if number < 30 else ("12", number - 29)
        who = f"{number:032x}"
        garden.event(f"2025-{month}-{day:02d}T10:00", visitor_id=who, visit_id=who, path="/a")
    garden.store()


async def test_a_visit_a_day_is_no_change_however_many_days_a_month_has(garden: Garden) -> None:
    some_visits(garden)
    page = await garden.overview(f"{NOVEMBER}{DECEMBER}&by=month")
    listed = await garden.overview(f"{NOVEMBER}{DECEMBER}&show=pages")
    [months] = [rows for title, rows in page.tables.items() if title.startswith("From")]

    assert page.figures["Visits"][0] == "30"
    assert " ".join(page.figures["Visits"][1].split()) == "= from 31 in 31 days"
    assert "31 days against 30, so counts are compared per day" in page.text
    assert months[0][1:] == ["30", "31", "="]
    assert listed.tables["Pages"][0][-1] == "="
    assert page.figures["Bounce rate"][1].startswith("=")


async def test_visitors_of_far_more_days_have_no_change_as_who_comes_again_counts_once(
    garden: Garden,
) -> None:
    """Two visitors come on each of 30 days: 2 visitors and 60 visits; on 31 December both, too."""
    for number in range(62):
        day = f"11-{number // 2 + 1:02d}" if number < 60 else "12-31"
        who = f"{number % 2:032x}"
        garden.event(f"2025-{day}T10:00", visitor_id=who, visit_id=f"{number:032x}", path="/a")
    garden.store()
    last = "?period=custom&from=2025-12-31&to=2025-12-31"
    far = f"{last}&against=custom&against_from=2025-11-01&against_to=2025-11-30"
    page = await garden.overview(far)
    listed = await garden.overview(f"{far}&show=pages&sort=visitors")
    by_visits = await garden.overview(f"{far}&show=pages&sort=visits")

    assert " ".join(page.figures["Visitors"][1].split()) == "\N{EN DASH} from 2 in 30 days"
    assert " ".join(page.figures["Visits"][1].split()) == "= from 60 in 30 days"
    assert listed.tables["Pages"][0][-1] == "\N{EN DASH}"
    assert by_visits.tables["Pages"][0][-1] == "="
    assert "but visitors not at all, as who comes on several of them counts once" in page.text


async def test_a_goal_a_day_is_no_change_in_its_chart_either(garden: Garden) -> None:
    some_visits(garden)
    goal = await add_goal(garden, deed=Deed("page", "/a"))
    page = await garden.overview(f"/goals/{goal}{NOVEMBER}{DECEMBER}&by=month")
    [months] = [rows for title, rows in page.tables.items() if title.startswith("From")]

    assert months[0] == ["Nov 2025, 30 days against 31", "30", "31", "="]
