"""The list of goals: who reached each of them, and what that was worth."""

from msgspec import structs

from askfirst.store.ledger.goals import Deed
from tests.reports.garden import ANNA, Garden
from tests.reports.goals.club import NONE, WEEK, add_goal, read, some_visits


async def test_the_list_tells_who_reached_each_goal_and_what_it_was_worth(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden, value_from="fixed", amount=20_000, currency="EUR")
    await add_goal(garden, name="Lists", deed=Deed("download", ""))
    await add_goal(garden, name="Gave", deed=Deed("event", "donate"), value_from="event")
    page = await read(garden, f"/goals{WEEK}")

    (rows,) = page.tables.values()
    assert rows == [
        ["Gave Event “donate”", "1", "1", "1", "25.0%", "new", "19.99 EUR"],
        ["Joined Page /join*", "2", "2", "3", "50.0%", "new", "60.00 EUR"],
        ["Lists Any download", "1", "1", "1", "25.0%", "new", NONE],
    ]
    assert "of the 4 visitors" in page.text


async def test_no_amounts_that_visitors_send_are_too_large_for_the_page(garden: Garden) -> None:
    gave = {"kind": "custom_event", "event_name": "donate", "currency": "EUR"}
    for _ in range(2):
        garden.event("2026-01-01T10:00", amount=2**63 - 1, **gave)
    garden.store()
    await add_goal(garden, name="Gave", deed=Deed("event", "donate"), value_from="event")
    goals, listed = await read(garden, f"/goals{WEEK}"), await read(garden, f"{WEEK}&show=events")

    assert "18,446,744,073,709,551.61 EUR" in goals.text
    assert "18,446,744,073,709,551.61 EUR" in listed.text


async def test_filters_apply_to_goals_and_to_whom_they_are_a_share_of(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden)
    page = await read(garden, f"/goals{WEEK}&where=country,is,DE")

    assert next(iter(page.tables.values()))[0][1:5] == ["1", "1", "2", "50.0%"]


async def test_the_change_is_against_the_period_before_in_points(garden: Garden) -> None:
    some_visits(garden)
    garden.event("2025-12-23T10:00", visitor_id=ANNA, visit_id="old", path="/join")
    garden.store()
    await add_goal(garden)
    page = await read(garden, f"/goals{WEEK}")

    assert next(iter(page.tables.values()))[0][5] == "▼down 50.0 pts"


async def test_a_change_of_a_small_conversion_is_told(garden: Garden) -> None:
    for day, number in (("2025-12-23", 100), ("2025-12-30", 110)):
        for nth in range(number):
            who = f"{day}{nth}"
            path = "/join" if nth < 3 else "/"
            garden.event(f"{day}T10:00", path=path, visitor_id=who, visit_id=who)
    garden.store()
    await add_goal(garden)
    page = await read(garden, f"/goals{WEEK}")

    assert next(iter(page.tables.values()))[0][4:6] == ["2.7%", "▼down 0.3 pts"]


async def test_without_goals_the_page_says_what_one_is_and_leads_to_the_form(
    garden: Garden,
) -> None:
    page = await read(garden, "/goals")
    assert page.links["Set the first goal"].endswith("/goals/new")
    assert "A goal is what you want visitors to do" in page.text


async def test_law_3_a_goal_on_a_column_of_another_purpose_is_not_counted(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden, deed=Deed("download", "*.pdf"))
    site = structs.replace(garden.site, column_purposes={"link_url": "x", "link_kind": "x"})
    garden.deps.book._sites[site.key] = site
    page = await read(garden, f"/goals{WEEK}")

    assert "Not counted." in page.text
    assert "50.0%" not in page.text
