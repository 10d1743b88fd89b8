"""Funnels: the page, the form, and the visitors behind a step's loss."""

import pytest

from askfirst.store.ledger.goals import MOST_FUNNELS, Deed, Funnel, Goal, GoalBook, Plans, Step
from reports.goals.funnel_form import read_funnel
from reports.goals.funnels import within_words
from tests.factories import a_site
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden
from tests.reports.reading import Reading

WEEK = "?period=7d"
PAGES = tuple(Step(deed=Deed("page", path)) for path in ("/", "/join", "/thanks"))


async def some_walks(garden: Garden) -> None:
    """Anna goes all the way, Bert as far as /join, Cleo only to /; one begins in the middle."""
    for minute, who, path in (
        ("10:00", ANNA, "/"),
        ("10:02", ANNA, "/join"),
        ("10:10", ANNA, "/thanks"),
        ("10:01", BERT, "/"),
        ("10:05", BERT, "/join"),
        ("10:01", CLEO, "/"),
        ("10:01", "d" * 32, "/join"),
    ):
        country = "DE" if who in (ANNA, CLEO) else "FR"
        garden.event(
            f"2026-01-01T{minute}", visitor_id=who, visit_id=who, path=path, country=country
        )
    garden.store()
    for who in (ANNA, BERT, CLEO):
        await garden.consent(who)


async def added(garden: Garden, steps: tuple[Step, ...] = PAGES, within_ms: int = 0) -> int:
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        funnel = Funnel(0, "Joining", steps, within_ms)
        number = await book.save_funnel(connection, garden.site.id, funnel)
    assert number
    return number


async def plans(garden: Garden) -> Plans:
    return await GoalBook(garden.deps.ledger, garden.clock).of(garden.site.id)


async def read(garden: Garden, path: str) -> str:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return " ".join(Reading(answer.text).text.split())


async def test_a_funnel_shows_who_goes_on_who_is_lost_and_how_long_it_takes(
    garden: Garden,
) -> None:
    await some_walks(garden)
    await added(garden)
    text = await read(garden, f"/goals/funnels{WEEK}")

    assert "1 of 3 visitors went all the way: 33.3%" in text
    assert "In this order, within one visit. Half of them took 10m 00s or less." in text
    assert "▼ 1 left, 33.3% of those before" in text
    assert "▼ 1 left, 50.0% of those before" in text
    assert "Page /join half within 3m 00s, 3m 00s on average 2 66.7%" in text


async def test_filters_and_the_time_of_a_funnel_apply(garden: Garden) -> None:
    await some_walks(garden)
    number = await added(garden, within_ms=5 * 60_000)
    assert "0 of 3 visitors went all the way" in await read(garden, f"/goals/funnels{WEEK}")
    french = await read(garden, f"/goals/funnels{WEEK}&where=country,is,FR&funnel={number}")
    assert "0 of 1 visitor went all the way" in french


async def test_choosing_days_keeps_the_funnel_the_step_and_the_filters(garden: Garden) -> None:
    number = await added(garden)
    client = await garden.signed_in()
    where = "&where=country,is,FR"
    for path, field, value in (
        (f"?funnel={number}{where}", "funnel", str(number)),
        (f"/{number}/visitors?step=2{where}", "step", "2"),
    ):
        answer = await client.get(f"/sites/{garden.site.key}/goals/funnels{path}")
        form = answer.text.split('class="days"')[1].split("</form>")[0]
        assert (
            Reading(form).fields | {field: value, "where": "country,is,FR"} == Reading(form).fields
        )


async def test_law_9_the_visitors_behind_a_loss_are_listed_by_own_click_and_told_of_it(
    garden: Garden,
) -> None:
    await some_walks(garden)
    number = await added(garden)
    path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors{WEEK}&step=2"
    client = await garden.signed_in()
    foreign = await client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
    assert BERT not in foreign.text
    assert await garden.entries() == []

    page = await client.get(path)
    text = " ".join(Reading(page.text).text.split())
    assert "1 visitor did “Page /join” and not “Page /thanks” after it." in text
    assert f"/visitors/{BERT}" in page.text
    assert ANNA not in page.text
    assert CLEO not in page.text
    assert await garden.entries() == [(BERT, EMAIL, "listed")]
    all_the_way = await client.get(path.replace("step=2", "step=3"))
    assert f"/visitors/{ANNA}" in all_the_way.text
    filtered = await client.get(f"{path}&where=country,is,DE")
    assert BERT not in filtered.text


async def test_law_9_whom_no_record_names_is_not_listed(garden: Garden) -> None:
    garden.event("2026-01-01T10:00", visitor_id=ANNA)
    garden.store()
    number = await added(garden)
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors{WEEK}&step=1"
    assert ANNA not in (await client.get(path)).text
    assert await garden.entries() == []


async def test_a_step_that_is_not_there_or_was_taken_away_is_not_found(garden: Garden) -> None:
    number = await added(garden)
    client = await garden.signed_in()
    for step in ("", "0", "4", "-1", "x", "9" * 30, "²"):
        path = f"/sites/{garden.site.key}/goals/funnels/{number}/visitors?step={step}"
        assert (await client.get(path)).status_code == 404
    assert await garden.entries() == []


async def test_a_goal_that_is_deleted_stays_in_funnels_as_what_it_asked_for(
    garden: Garden,
) -> None:
    await some_walks(garden)
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        goal = Goal(0, "Opened it", Deed("page", "/join"))
        number = await book.save_goal(connection, garden.site.id, goal)
    assert number
    await added(garden, (PAGES[0], Step(goal=number)))
    before = await read(garden, f"/goals/funnels{WEEK}")
    assert "Opened it Page /join" in before

    await garden.post(await garden.signed_in(), f"/goals/{number}/delete")
    (funnel,) = (await plans(garden)).funnels
    assert funnel.steps == (PAGES[0], Step(deed=Deed("page", "/join")))
    after = await read(garden, f"/goals/funnels{WEEK}")
    assert "2 of 3 visitors went all the way" in before
    assert "2 of 3 visitors went all the way" in after


FORM = {
    "name": "Joining",
    "length": "7",
    "unit": "days",
    "what-1": "page",
    "pattern-1": "/",
    "what-2": "page",
    "pattern-2": "/join*",
}


async def test_funnels_are_added_changed_and_deleted_and_that_is_noted(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, "/goals/funnels/new", **FORM, do="save")
    assert answer.status_code == 303
    (funnel,) = (await plans(garden)).funnels
    assert funnel.within_ms == 7 * 86_400_000
    assert [step.deed.pattern for step in funnel.steps] == ["/", "/join*"]

    path = f"/goals/funnels/{funnel.id}"
    form = Reading((await client.get(f"/sites/{garden.site.key}{path}/edit")).text)
    assert (form.fields["name"], form.fields["pattern-2"]) == ("Joining", "/join*")
    await garden.post(client, f"{path}/edit", **{**FORM, "unit": "visit"})
    assert (await plans(garden)).funnels[0].within_ms == 0
    await garden.post(client, f"{path}/delete")
    assert (await plans(garden)).funnels == ()
    acts = [act for act, *_ in await garden.acts()]
    assert acts == ["funnel_added", "funnel_changed", "funnel_deleted"]
    assert (await client.get(f"/sites/{garden.site.key}{path}/edit")).status_code == 404


async def test_steps_are_moved_taken_away_and_added_without_a_script(garden: Garden) -> None:
    client = await garden.signed_in()

    async def sent(do: str) -> dict[str, str]:
        answer = await garden.post(client, "/goals/funnels/new", **FORM, do=do)
        assert answer.status_code == 200
        return Reading(answer.text).fields

    moved = await sent("up-2")
    assert (moved["pattern-1"], moved["pattern-2"]) == ("/join*", "/")
    gone = await sent("off-1")
    assert (gone["pattern-1"], gone["pattern-2"]) == ("/join*", "")
    assert "pattern-3" in await sent("more")
    assert (await sent("up-99"))["pattern-1"] == "/"
    assert (await plans(garden)).funnels == ()


def steps(count: int) -> dict[str, str]:
    return {f"{name}-{n}": v for n in range(1, count + 1) for name, v in _PAGE.items()}


_PAGE = {"what": "page", "pattern": "/"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"length": "0"}, "length"),
        ({"length": "-1"}, "length"),
        ({"length": "1.5"}, "length"),
        ({"length": "366"}, "length"),
        ({"length": "²"}, "length"),
        ({"unit": "weeks"}, "length"),
        ({"what-2": "", "pattern-2": ""}, "steps"),
        (steps(11), "steps"),
        ({"pattern-2": "/" + "x" * 999}, "pattern-2"),
        ({"what-2": "goal-7"}, "pattern-2"),
        ({"what-2": "goal-x"}, "pattern-2"),
        ({"what-2": ""}, "pattern-2"),
    ],
)
def test_what_is_no_funnel_is_told_at_its_field(changes: dict[str, str], field: str) -> None:
    _, errors = read_funnel({**FORM, **changes}, Plans((), ()), a_site())
    assert list(errors) == [field]


@pytest.mark.parametrize("count", [1, 11])
async def test_a_funnel_of_one_step_or_of_eleven_is_not_saved(garden: Garden, count: int) -> None:
    typed = {**FORM, **steps(count)} if count > 1 else {**FORM, "what-2": "", "pattern-2": ""}
    answer = await garden.post(await garden.signed_in(), "/goals/funnels/new", **typed)
    assert answer.status_code == 422
    assert "A funnel has 2 to 10 steps." in answer.text
    assert (await plans(garden)).funnels == ()


async def test_ten_steps_are_a_funnel(garden: Garden) -> None:
    await some_walks(garden)
    answer = await garden.post(
        await garden.signed_in(), "/goals/funnels/new", **{**FORM, **steps(10)}
    )
    assert answer.status_code == 303
    assert "0 of 3 visitors" in await read(garden, f"/goals/funnels{WEEK}")


async def test_a_funnel_of_another_site_or_none_is_not_found(garden: Garden) -> None:
    number = await added(garden)
    client = await garden.signed_in()
    other = f"/sites/{garden.other.key}/goals/funnels"
    assert (await client.get(f"{other}?funnel={number}")).status_code == 404
    assert (await client.get(f"{other}/{number}/visitors?step=1")).status_code == 404
    assert (await client.get(f"{other}/{number}/edit")).status_code == 404
    assert "Make the first funnel" in (await client.get(other)).text


async def test_a_site_has_so_many_funnels(garden: Garden) -> None:
    for _ in range(MOST_FUNNELS):
        await added(garden)
    answer = await garden.post(await garden.signed_in(), "/goals/funnels/new", **FORM)
    assert answer.status_code == 422
    assert f"at most {MOST_FUNNELS} funnels" in answer.text


def test_the_time_of_a_funnel_is_written_in_hours_or_days() -> None:
    written = [within_words(ms) for ms in (0, 3_600_000, 7_200_000, 86_400_000, 7 * 86_400_000)]
    assert written == [
        "within one visit",
        "within 1 hour",
        "within 2 hours",
        "within 1 day",
        "within 7 days",
    ]
