"""Goals: their list, one goal's page, and the form that adds, tries, changes and deletes them."""

import pytest
from msgspec import structs

from askfirst.store.ledger.goals import MOST_GOALS, Deed, Goal, GoalBook, Plans
from reports.goals.goal_form import read_goal
from tests.factories import a_site
from tests.reports.garden import ANNA, BERT, CLEO, EMAIL, Garden
from tests.reports.reading import Reading

WEEK = "?period=7d"
NONE = "\N{EN DASH}"


def some_visits(garden: Garden) -> None:
    """Four visitors: Anna joins twice, Bert once, Cleo clicks on a list; one more looks."""
    for minute, who, path in (
        (0, ANNA, "/"),
        (1, ANNA, "/join"),
        (2, ANNA, "/join/fees"),
        (3, BERT, "/join"),
        (4, CLEO, "/"),
        (5, "d" * 32, "/"),
    ):
        country = "DE" if who in (ANNA, CLEO) else "FR"
        garden.event(
            f"2026-01-01T10:0{minute}", visitor_id=who, visit_id=who, path=path, country=country
        )
    click = {"kind": "link_click", "link_url": "https://example.org/a.pdf"}
    garden.event(
        "2026-01-01T10:07",
        visitor_id=CLEO,
        visit_id=CLEO,
        link_kind="download",
        country="DE",
        **click,
    )
    paid = {"kind": "custom_event", "event_name": "donate", "amount": 19_990, "currency": "EUR"}
    garden.event("2026-01-01T10:08", visitor_id=BERT, visit_id=BERT, country="FR", **paid)
    garden.store()


async def added(garden: Garden, **changes: object) -> int:
    goal = Goal(**{"id": 0, "name": "Joined", "deed": Deed("page", "/join*"), **changes})  # type: ignore[arg-type]
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        number = await book.save_goal(connection, garden.site.id, goal)
    assert number
    return number


async def plans(garden: Garden) -> Plans:
    return await GoalBook(garden.deps.ledger, garden.clock).of(garden.site.id)


async def read(garden: Garden, path: str) -> Reading:
    client = await garden.signed_in()
    answer = await client.get(f"/sites/{garden.site.key}{path}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


FIELDS = {
    "name": "Joined",
    "what": "page",
    "pattern": "/join*",
    "value": "",
    "amount": "",
    "currency": "",
}


async def test_the_list_tells_who_reached_each_goal_and_what_it_was_worth(garden: Garden) -> None:
    some_visits(garden)
    await added(garden, value_from="fixed", amount=20_000, currency="EUR")
    await added(garden, name="Lists", deed=Deed("download", ""))
    await added(garden, name="Gave", deed=Deed("event", "donate"), value_from="event")
    page = await read(garden, f"/goals{WEEK}")

    (rows,) = page.tables.values()
    assert rows == [
        ["Gave Event “donate”", "1", "1", "1", "25.0%", NONE, "19.99 EUR"],
        ["Joined Page /join*", "2", "2", "3", "50.0%", NONE, "60.00 EUR"],
        ["Lists Any download", "1", "1", "1", "25.0%", NONE, NONE],
    ]
    assert "of the 4 visitors" in page.text


async def test_filters_apply_to_goals_and_to_whom_they_are_a_share_of(garden: Garden) -> None:
    some_visits(garden)
    number = await added(garden)
    where = f"{WEEK}&where=country,is,DE"
    page = await read(garden, f"/goals{where}")
    goal = await read(garden, f"/goals/{number}{where}")

    assert next(iter(page.tables.values()))[0][1:5] == ["1", "1", "2", "50.0%"]
    assert goal.figures["Conversion"] == [f"50.0% {NONE}"]
    assert goal.tables["Conversion by country"] == [["Germany", "2", "1", "50.0%"]]


async def test_the_change_is_against_the_period_before_in_points(garden: Garden) -> None:
    some_visits(garden)
    garden.event("2025-12-23T10:00", visitor_id=ANNA, visit_id="old", path="/join")
    garden.store()
    await added(garden)
    page = await read(garden, f"/goals{WEEK}")

    assert next(iter(page.tables.values()))[0][5] == "▼down 50.0 pts"


async def test_a_goal_has_its_figures_its_line_and_every_breakdown(garden: Garden) -> None:
    some_visits(garden)
    number = await added(garden)
    page = await read(garden, f"/goals/{number}{WEEK}")

    assert page.figures["Visitors who reached it"] == ["2 of 4"]
    numbers = next(rows for name, rows in page.tables.items() if name.startswith("From"))
    assert numbers[-1][:2] == ["Thu 1 Jan, so far", "2"]
    assert page.tables["Conversion by page"] == [
        ["/", "3", "1", "33.3%"],
        ["/join", "2", "2", "100.0%"],
        ["/join/fees", "1", "1", "100.0%"],
    ]
    assert page.tables["Conversion by country"] == [
        ["Germany", "2", "1", "50.0%"],
        ["France", "2", "1", "50.0%"],
    ]
    assert "where=country%2Cis%2CDE" in page.links["Germany"]
    for tab in ("Entry", "Channels", "Sources", "Browsers", "Devices", "Languages"):
        assert f"/goals/{number}" in page.links[tab]
    entry = await read(garden, f"/goals/{number}{WEEK}&pages=entry-pages")
    assert ["/join", "1", "1", "100.0%"] in entry.tables["Conversion by page"]
    whole = await read(garden, f"/goals/{number}{WEEK}&show=pages")
    assert whole.tables["Joined: conversion by page"] == page.tables["Conversion by page"]


async def test_without_goals_the_page_says_what_one_is_and_leads_to_the_form(
    garden: Garden,
) -> None:
    page = await read(garden, "/goals")
    assert page.links["Set the first goal"].endswith("/goals/new")
    assert "A goal is what you want visitors to do" in page.text


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
    assert (await garden.post(client, f"/goals/{'9' * 30}/delete")).status_code == 303


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


async def test_law_3_a_goal_on_a_column_of_another_purpose_is_refused_and_not_counted(
    garden: Garden,
) -> None:
    some_visits(garden)
    number = await added(garden, deed=Deed("download", "*.pdf"))
    site = structs.replace(garden.site, column_purposes={"link_url": "x", "link_kind": "x"})
    _, errors = read_goal({**FIELDS, "what": "click"}, site)
    assert "policy" in errors["pattern"]

    garden.deps.book._sites[site.key] = site
    page = await read(garden, f"/goals{WEEK}")
    assert "Not counted." in page.text
    assert "50.0%" not in page.text
    goal = await read(garden, f"/goals/{number}{WEEK}")
    assert "This goal is not counted." in goal.text
    assert "Conversion" not in goal.figures


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
        last = await added(garden, name=str(number))
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


async def test_what_is_no_list_or_card_is_refused(garden: Garden) -> None:
    number = await added(garden)
    client = await garden.signed_in()
    base = f"/sites/{garden.site.key}/goals/{number}"
    assert (await client.get(f"{base}?show=x")).status_code == 404
    assert (await client.get(f"{base}?pages=x")).status_code == 400
    assert (await client.get(f"{base}?by=x")).status_code == 400


async def test_conversion_counts_by_hand_as_the_definitions_say(garden: Garden) -> None:
    """A dozen events: of two visitors of /blog one joins, on another visit; of Berlin's none."""
    for number, (who, visit, path, country) in enumerate(
        (
            (ANNA, "a1", "/blog", "DE"),
            (ANNA, "a1", "/blog/knots", "DE"),
            (ANNA, "a2", "/join", "DE"),
            (ANNA, "a2", "/join", "DE"),
            (ANNA, "a3", "/join", "DE"),
            (BERT, "b1", "/blog", "FR"),
            (BERT, "b1", "/", "FR"),
            (BERT, "b2", "/Join", "FR"),
            (CLEO, "c1", "/join", "AT"),
            (CLEO, "c1", "/", "AT"),
            (CLEO, "c2", "", "AT"),
            (CLEO, "c2", "/x/join", "AT"),
        )
    ):
        time = f"2026-01-01T0{number // 3}:{number:02d}"
        garden.event(time, visitor_id=who, visit_id=visit, path=path, country=country)
    garden.store()
    number = await added(garden, deed=Deed("page", "/join"))
    page = await read(garden, f"/goals/{number}{WEEK}")

    assert page.figures["Visitors who reached it"] == ["2 of 3"]
    assert page.figures["Visits"] == ["3"]
    assert page.figures["Times"] == ["4"]
    assert ["/blog", "2", "1", "50.0%"] in page.tables["Conversion by page"]
    assert ["Germany", "1", "1", "100.0%"] in page.tables["Conversion by country"]
    assert ["France", "1", "0", "0.0%"] in page.tables["Conversion by country"]
