"""The form of a funnel, which adds, changes and deletes it and arranges its steps."""

import pytest

from askfirst.store.ledger.goals import MOST_FUNNELS, Plans
from reports.goals.funnel_form import read_funnel
from tests.factories import a_site
from tests.reports.garden import Garden
from tests.reports.goals.club import WEEK, add_funnel, plans, read_text, some_walks
from tests.reports.reading import Reading

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
    assert "0 of 3 visitors" in await read_text(garden, f"/goals/funnels{WEEK}")


async def test_a_site_has_so_many_funnels(garden: Garden) -> None:
    for _ in range(MOST_FUNNELS):
        await add_funnel(garden)
    answer = await garden.post(await garden.signed_in(), "/goals/funnels/new", **FORM)
    assert answer.status_code == 422
    assert f"at most {MOST_FUNNELS} funnels" in answer.text
