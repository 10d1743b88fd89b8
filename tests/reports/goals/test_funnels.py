"""The page of funnels: who goes on at each step, who is lost, and how long it takes."""

from askfirst.store.ledger.goals import Deed, Goal, GoalBook, Step
from reports.goals.funnels import within_words
from tests.reports.garden import Garden
from tests.reports.goals.club import PAGES, WEEK, add_funnel, plans, read_text, some_walks
from tests.reports.reading import Reading


async def test_a_funnel_shows_who_goes_on_who_is_lost_and_how_long_it_takes(
    garden: Garden,
) -> None:
    await some_walks(garden)
    await add_funnel(garden)
    text = await read_text(garden, f"/goals/funnels{WEEK}")

    assert "1 of 3 visitors went all the way: 33.3%" in text
    assert "In this order, within one visit. Half of them took 10m 00s or less." in text
    assert "▼ 1 left, 33.3% of those before" in text
    assert "▼ 1 left, 50.0% of those before" in text
    assert "Page /join half within 3m 00s, 3m 00s on average 2 66.7%" in text


async def test_filters_and_the_time_of_a_funnel_apply(garden: Garden) -> None:
    await some_walks(garden)
    number = await add_funnel(garden, within_ms=5 * 60_000)
    assert "0 of 3 visitors went all the way" in await read_text(garden, f"/goals/funnels{WEEK}")
    french = await read_text(garden, f"/goals/funnels{WEEK}&where=country,is,FR&funnel={number}")
    assert "0 of 1 visitor went all the way" in french


async def test_choosing_days_keeps_the_funnel_and_the_filters(garden: Garden) -> None:
    number = await add_funnel(garden)
    client = await garden.signed_in()
    answer = await client.get(
        f"/sites/{garden.site.key}/goals/funnels?funnel={number}&where=country,is,FR"
    )
    form = answer.text.split('class="days"')[1].split("</form>")[0]
    fields = Reading(form).fields
    assert (fields["funnel"], fields["where"]) == (str(number), "country,is,FR")


async def test_a_goal_that_is_deleted_stays_in_funnels_as_what_it_asked_for(
    garden: Garden,
) -> None:
    await some_walks(garden)
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        goal = Goal(0, "Opened it", Deed("page", "/join"))
        number = await book.save_goal(connection, garden.site.id, goal)
    assert number
    await add_funnel(garden, (PAGES[0], Step(goal=number)))
    before = await read_text(garden, f"/goals/funnels{WEEK}")
    assert "Opened it Page /join" in before

    await garden.post(await garden.signed_in(), f"/goals/{number}/delete")
    (funnel,) = (await plans(garden)).funnels
    assert funnel.steps == (PAGES[0], Step(deed=Deed("page", "/join")))
    after = await read_text(garden, f"/goals/funnels{WEEK}")
    assert "2 of 3 visitors went all the way" in before
    assert "2 of 3 visitors went all the way" in after


async def test_a_funnel_of_another_site_or_none_is_not_found(garden: Garden) -> None:
    number = await add_funnel(garden)
    client = await garden.signed_in()
    other = f"/sites/{garden.other.key}/goals/funnels"
    assert (await client.get(f"{other}?funnel={number}")).status_code == 404
    assert (await client.get(f"{other}/{number}/visitors?step=1")).status_code == 404
    assert (await client.get(f"{other}/{number}/edit")).status_code == 404
    assert "Make the first funnel" in (await client.get(other)).text


def test_the_time_of_a_funnel_is_written_in_hours_or_days() -> None:
    written = [within_words(ms) for ms in (0, 3_600_000, 7_200_000, 86_400_000, 7 * 86_400_000)]
    assert written == [
        "within one visit",
        "within 1 hour",
        "within 2 hours",
        "within 1 day",
        "within 7 days",
    ]
