"""Goals, funnels, paths and return as tables have the figures of their pages."""

import pytest

from askfirst.errors import Malformed, NotFound
from askfirst.store.ledger.goals import Deed
from tests.reports.garden import ANNA, BERT, CLEO, Garden
from tests.reports.goals.club import add_funnel, add_goal, some_visits, some_walks
from tests.reports.tables.test_tables import answer

WEEK = "period=7d"


async def test_goals_have_a_row_each_and_a_goal_one_for_each_value(garden: Garden) -> None:
    some_visits(garden)
    number = await add_goal(garden)
    [row] = await answer(garden, "goals", WEEK)
    countries = await answer(garden, "goal", f"{WEEK}&goal={number}&list=countries", sort="name")
    of_one = await answer(garden, "goal", f"{WEEK}&list=countries&where=country,is,FR")

    assert row == {
        "goal": number,
        "name": "Joined",
        "how": "Page /join*",
        "visitors": 2,
        "visits": 2,
        "times": 3,
        "conversion": 0.5,
        "amount": None,
        "currency": "",
        "fault": "",
    }
    assert [list(one.values()) for one in countries] == [["DE", 2, 1, 0.5], ["FR", 2, 1, 0.5]]
    assert [list(one.values()) for one in of_one] == [["FR", 2, 1, 0.5]]
    with pytest.raises(NotFound):
        await answer(garden, "goal", f"{WEEK}&goal=99")
    with pytest.raises(Malformed):
        await answer(garden, "goal", f"{WEEK}&list=secrets")


async def test_the_value_of_a_goal_is_a_number_and_its_currency_stands_beside_it(
    garden: Garden,
) -> None:
    """Where it is in several currencies there is a row for each in the report of values."""
    some_visits(garden)
    gave = {"kind": "custom_event", "event_name": "pay"}
    for day, amount, currency in (("01", 1_710_000, "GBP"), ("01", 5, "EUR")):
        garden.event(f"2026-01-{day}T10:00", amount=amount, currency=currency, **gave)
    garden.event("2025-12-31T10:00", amount=2_500, currency="USD", **gave)
    garden.store()
    await add_goal(garden, value_from="fixed", amount=570_000, currency="GBP")
    await add_goal(garden, name="Gave", deed=Deed("event", "pay"), value_from="event")
    gave_row, joined = await answer(garden, "goals", "period=today&against=before")
    values = await answer(garden, "goal-values", "period=today&against=before")

    assert (joined["amount"], joined["currency"]) == (1710.0, "GBP")
    assert (joined["amount_before"], joined["currency_before"]) == (0.0, "GBP")
    assert (gave_row["amount"], gave_row["currency"]) == (None, "EUR, GBP")
    assert (gave_row["amount_before"], gave_row["currency_before"]) == (2.5, "USD")
    assert [list(row.values())[1:] for row in values] == [
        ["Gave", "EUR", 0.005, 0.0],
        ["Gave", "GBP", 1710.0, 0.0],
        ["Gave", "USD", 0.0, 2.5],
        ["Joined", "GBP", 1710.0, 0.0],
    ]


async def test_a_funnel_has_a_row_for_each_step(garden: Garden) -> None:
    await some_walks(garden)
    number = await add_funnel(garden)
    [funnel] = await answer(garden, "funnels", WEEK)
    steps = await answer(garden, "funnel", f"{WEEK}&funnel={number}")

    assert list(funnel.values()) == [number, "Joining", 3, "within one visit", ""]
    assert [(one["step"], one["visitors"], one["lost"]) for one in steps] == [
        (1, 3, 1), (2, 2, 1), (3, 1, 0),
    ]  # fmt: skip
    assert [one["mean_seconds"] for one in steps] == [None, 180, 480]
    assert steps[1]["share"] == pytest.approx(2 / 3)


async def test_without_goals_and_funnels_there_are_no_rows(garden: Garden) -> None:
    for name in ("goals", "goal", "funnels", "funnel", "flow", "paths", "cohorts"):
        assert await answer(garden, name, WEEK) == [], name


async def test_paths_and_what_is_around_a_page_are_rows(garden: Garden) -> None:
    await some_walks(garden)
    flow = await answer(garden, "flow", f"{WEEK}&at=/join")
    paths = await answer(garden, "paths", f"{WEEK}&steps=2")

    assert [tuple(one.values())[:4] for one in flow] == [
        ("before", "page", "/", 2),
        ("before", "", "", 1),
        ("after", "", "", 2),
        ("after", "page", "/thanks", 1),
    ]
    assert sum(one["share"] for one in flow) == pytest.approx(2)
    assert [(one["step_1"], one["step_2"], one["step_3"], one["visits"]) for one in paths] == [
        ("/", "/join", None, 2),
        ("/join", "/thanks", None, 1),
    ]


async def test_who_comes_back_is_told_by_cohort_step_visits_and_days(garden: Garden) -> None:
    for day, who in (("29", ANNA), ("29", BERT), ("30", ANNA), ("31", CLEO), ("31", ANNA)):
        garden.event(f"2025-12-{day}T10:00", visitor_id=who, visit_id=f"{who[:9]}-{day}")
    week = f"{WEEK}&step=day"
    cohorts = await answer(garden, "cohorts", week)
    new = await answer(garden, "new-and-returning", week, offset="3")

    assert [tuple(one.values()) for one in cohorts] == [
        ("2025-12-29", 2, 1, 1, 0.5, 1),
        ("2025-12-29", 2, 2, 1, 0.5, 1),
        ("2025-12-29", 2, 3, 0, 0, 0),
        ("2025-12-31", 1, 1, 0, 0, 0),
    ]
    assert [(one["begins"], one["new"], one["returning"]) for one in new] == [
        ("2025-12-29", 2, 0), ("2025-12-30", 0, 1), ("2025-12-31", 1, 1), ("2026-01-01", 0, 0),
    ]  # fmt: skip
    assert await answer(garden, "visits-each", WEEK) == [
        {"visits": 1, "visitors": 2},
        {"visits": 3, "visitors": 1},
    ]
    assert await answer(garden, "days-between", WEEK) == [{"days": 1, "visits": 2}]


async def test_goals_and_funnels_have_the_figures_of_the_compared_days_beside_their_own(
    garden: Garden,
) -> None:
    """They are those of the same days asked for alone; a field without `against` is not there."""
    some_visits(garden)
    await some_walks(garden)
    await add_goal(garden)
    await add_funnel(garden)
    empty = "period=custom&from=2025-11-01&to=2025-11-02"
    for name, figure in (("goals", "visitors"), ("funnel", "lost")):
        alone = await answer(garden, name, WEEK)
        first, last = "2025-12-26", "2026-01-01"
        against = f"&against=custom&against_from={first}&against_to={last}"
        beside = await answer(garden, name, f"{empty}{against}")
        none = await answer(garden, name, f"{empty}&against=none")
        was = [row[f"{figure}_before"] for row in beside]
        assert was == [row[figure] for row in alone]
        assert any(was)
        assert [row[figure] for row in beside] == [0] * len(beside)
        assert not any(key.endswith("_before") for row in none for key in row)


async def test_a_goal_by_values_has_the_figures_of_the_compared_days_beside_its_own(
    garden: Garden,
) -> None:
    """They are those of the same days asked for alone, filtered or not, for each kind of list."""
    some_visits(garden)
    for day, who, path in (("20", ANNA, "/"), ("20", BERT, "/"), ("21", BERT, "/join")):
        garden.event(f"2025-12-{day}T10:00", visitor_id=who, visit_id=f"{who[:9]}-{day}",
                     path=path, country="DE", region="BE" if path == "/" else "")  # fmt: skip
    garden.store()
    await add_goal(garden)
    custom = "&against=custom&against_from=2025-12-20&against_to=2025-12-21"
    for asked in ("countries", "pages", "sections", "countries&where=path,is,/join"):
        then = "period=custom&from=2025-12-20&to=2025-12-21"
        alone = await answer(garden, "goal", f"{then}&list={asked}")
        was = {row["name"]: list(row.values())[1:] for row in alone}
        rows = await answer(garden, "goal", f"{WEEK}&list={asked}{custom}")
        assert rows
        for row in rows:
            assert list(row.values())[4:] == was.get(row["name"], [0, 0, None]), asked
    without = await answer(garden, "goal", f"{WEEK}&against=none")
    assert not any(key.endswith("_before") for row in without for key in row)
