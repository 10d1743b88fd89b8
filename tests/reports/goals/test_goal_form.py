"""The form of a goal, which adds, tries, changes and deletes it."""

import pytest

from askfirst.store.ledger.goals import MOST_GOALS, Deed
from reports.goals.goal_form import read_goal
from tests.factories import a_site
from tests.reports.garden import EMAIL, Garden
from tests.reports.goals.club import add_goal, plans, read, some_visits
from tests.reports.reading import Reading

FIELDS = {
    "name": "Joined",
    "what": "page",
    "pattern": "/join*",
    "value": "",
    "amount": "",
    "currency": "",
}


async def test_a_goal_is_tried_before_it_is_saved_and_nothing_is_saved_by_that(
    garden: Garden,
) -> None:
    some_visits(garden)
    client = await garden.signed_in()
    tried = Reading((await garden.post(client, "/goals/new", **FIELDS, do="preview")).text)

    assert "2 of 4 visitors (50.0%), 3 times in 2 visits" in " ".join(tried.text.split())
    assert tried.tables["What fits, the most frequent first"] == [
        ["/join", "2"],
        ["/join/fees", "1"],
    ]
    assert tried.fields["pattern"] == "/join*"
    assert (await plans(garden)).goals == ()
    assert await garden.acts() == []


async def test_goals_are_added_changed_and_deleted_and_that_is_noted(garden: Garden) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, "/goals/new", **FIELDS, do="save")
    assert answer.status_code == 303
    (goal,) = (await plans(garden)).goals
    assert (goal.name, goal.deed) == ("Joined", Deed("page", "/join*"))

    form = await read(garden, f"/goals/{goal.id}/edit")
    assert form.fields["pattern"] == "/join*"
    changed = {**FIELDS, "value": "fixed", "amount": "19,99", "currency": "eur"}
    await garden.post(client, f"/goals/{goal.id}/edit", **changed)
    (goal,) = (await plans(garden)).goals
    assert (goal.value_from, goal.amount, goal.currency) == ("fixed", 19_990, "EUR")

    await garden.post(client, f"/goals/{goal.id}/delete")
    assert (await plans(garden)).goals == ()
    acts = [act for act, *_ in await garden.acts()]
    assert acts == ["goal_added", "goal_changed", "goal_deleted"]
    gone = await client.get(f"/sites/{garden.site.key}/goals/{goal.id}")
    assert gone.status_code == 404
    assert (await garden.post(client, f"/goals/{goal.id}/edit", **FIELDS)).status_code == 404
    assert (await garden.post(client, f"/goals/{'9' * 9}/delete")).status_code == 303


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"what": "x"}, "pattern"),
        ({"pattern": "/" + "x" * 999}, "pattern"),
        ({"pattern": "/" + "*a" * 11}, "pattern"),
        ({"pattern": ""}, "pattern"),
        ({"pattern": "/a\u202eb"}, "pattern"),
        ({"pattern": "https://example.org/join"}, "pattern"),
        ({"what": "form", "pattern": ""}, "pattern"),
        ({"value": "x"}, "value"),
        ({"value": "event"}, "value"),
        ({"value": "fixed", "amount": "0", "currency": "EUR"}, "amount"),
        ({"value": "fixed", "amount": "NaN", "currency": "EUR"}, "amount"),
        ({"value": "fixed", "amount": "1e99", "currency": "EUR"}, "amount"),
        ({"value": "fixed", "amount": "1.2345", "currency": "EUR"}, "amount"),
        ({"value": "fixed", "amount": "1", "currency": "XQQ"}, "currency"),
    ],
)
def test_what_is_no_goal_is_told_at_its_field(changes: dict[str, str], field: str) -> None:
    _, errors = read_goal({**FIELDS, **changes}, a_site())
    assert list(errors) == [field]


async def test_a_wrong_form_is_shown_again_with_what_was_typed(garden: Garden) -> None:
    client = await garden.signed_in()
    typed = {**FIELDS, "name": "<b>", "pattern": '"><script>'}
    answer = await garden.post(client, "/goals/new", **typed, do="save")

    assert answer.status_code == 422
    assert "<script>" not in answer.text
    assert Reading(answer.text).fields["pattern"] == '"><script>'
    assert (await plans(garden)).goals == ()


def test_law_3_a_goal_on_a_column_of_another_purpose_is_refused() -> None:
    site = a_site(column_purposes={"link_url": "x", "link_kind": "x"})
    _, errors = read_goal({**FIELDS, "what": "click"}, site)
    assert "policy" in errors["pattern"]


def test_amounts_that_nobody_agreed_to_are_no_value() -> None:
    event = {**FIELDS, "what": "event", "pattern": "donate", "value": "event"}
    told = a_site(column_purposes={"amount": "revenue", "currency": "revenue"})
    untold = a_site(column_purposes={"amount": "", "currency": ""})
    assert read_goal(event, told)[1] == {}
    assert list(read_goal(event, untold)[1]) == ["value"]


async def test_a_site_has_so_many_goals_and_one_of_another_site_is_not_found(
    garden: Garden,
) -> None:
    for number in range(MOST_GOALS):
        last = await add_goal(garden, name=str(number))
    client = await garden.signed_in()
    answer = await garden.post(client, "/goals/new", **FIELDS)
    assert answer.status_code == 422
    assert f"at most {MOST_GOALS} goals" in answer.text

    garden.site, garden.other = garden.other, garden.site
    path = f"/sites/{garden.site.key}/goals/{last}"
    assert (await client.get(path)).status_code == 404
    assert (await client.get(f"{path}/edit")).status_code == 404
    await garden.post(client, f"/goals/{last}/delete")
    garden.site, garden.other = garden.other, garden.site
    assert len((await plans(garden)).goals) == MOST_GOALS
    assert [act for act in await garden.acts() if act[1] == EMAIL] == []


@pytest.mark.parametrize("number", ["9" * 4400, "1234567890", "x", "-1", "1.0", "٣", "0x1"])
async def test_an_address_with_a_number_that_none_can_have_is_not_found(
    garden: Garden, number: str
) -> None:
    base = f"/sites/{garden.site.key}/goals"
    client, stranger = await garden.signed_in(), garden.client()
    paths = [
        f"{base}/{number}",
        f"{base}/{number}/edit",
        f"{base}/funnels/{number}/edit",
        f"{base}/funnels/{number}/visitors?step=1",
    ]
    for path in paths:
        assert (await client.get(path)).status_code == 404, path
        assert (await stranger.get(path)).status_code == 303, path
    for path in ("/goals", "/goals/funnels"):
        for form in ("edit", "delete"):
            answer = await garden.post(client, f"{path}/{number}/{form}", **FIELDS)
            assert answer.status_code == 404, (path, form)
