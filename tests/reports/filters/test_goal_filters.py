"""Filters about goals: visits that reached one or did not, on pages, in files, by share link."""

import json
from urllib.parse import urlencode, urlsplit

from askfirst.store.ledger.goals import Deed, Goal, GoalBook
from tests.reports.garden import Garden
from tests.reports.goals.club import WEEK, add_goal, some_visits
from tests.reports.reading import Reading
from tests.reports.sharing.links import PATH as SHARING
from tests.reports.sharing.links import made

REACHED, NOT_REACHED = "where=goal,reached,1", "where=goal,not_reached,1"
GONE = "There is no such goal any more."


async def forget_goal(garden: Garden) -> None:
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        assert await book.delete_goal(connection, garden.site.id, 1)


async def test_visits_that_reached_a_goal_and_those_that_did_not_are_all(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden)
    reached = await garden.overview(f"{WEEK}&{REACHED}")
    others = await garden.overview(f"{WEEK}&{NOT_REACHED}")

    assert reached.figures["Visits"][0] == "2"
    assert others.figures["Visits"][0] == "2"
    assert [row[:2] for row in reached.tables["Pages"]] == [
        ["/join", "2"],
        ["/", "1"],
        ["/join/fees", "1"],
    ]
    assert [row[0] for row in others.tables["Pages"]] == ["/"]
    assert "where" not in reached.links["Take away: Goal \u201cJoined\u201d was reached"]


async def test_a_click_reaches_a_goal_of_its_kind_of_link_alone(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden, name="Took a list", deed=Deed("download", "*.pdf"))
    await add_goal(garden, name="Left", deed=Deed("outbound", "*.pdf"))

    assert (await garden.overview(f"{WEEK}&{REACHED}")).figures["Visits"][0] == "1"
    assert (await garden.overview(f"{WEEK}&where=goal,reached,2")).figures["Visits"][0] == "0"


async def test_the_form_offers_each_goal_and_takes_no_value(garden: Garden) -> None:
    await add_goal(garden)
    client = await garden.signed_in()
    site = f"/sites/{garden.site.key}"
    page = (await client.get(site)).text
    fields = {"report": "", "column": "goal.1", "how": "not_reached", "which": "whatever"}
    added = await client.get(f"{site}/filter?{urlencode(fields)}")
    wrong = await client.get(f"{site}/filter?{urlencode({**fields, 'how': 'contains'})}")
    changed = (await client.get(f"{site}?{REACHED}&edit=0")).text

    assert '<option value="goal.1">Joined</option>' in page
    assert urlsplit(added.headers["Location"]).query == "where=goal%2Cnot_reached%2C1"
    assert (wrong.status_code, "is one of reached, not_reached" in wrong.text) == (400, True)
    assert '<option value="goal.1" selected>Joined</option>' in changed


async def test_a_goals_page_leads_to_the_visits_that_reached_it(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden)
    client = await garden.signed_in()
    site = f"/sites/{garden.site.key}"
    page = Reading((await client.get(f"{site}/goals/1{WEEK}&{NOT_REACHED}")).text)

    assert page.links["visits that reached it"].endswith("where=goal%2Creached%2C1")
    assert page.links["those that did not"].endswith("where=goal%2Cnot_reached%2C1")


async def test_a_goal_of_another_site_or_of_what_the_policy_leaves_out_is_refused(
    garden: Garden,
) -> None:
    await add_goal(garden)
    await add_goal(garden, name="Took a list", deed=Deed("download", ""))
    client = await garden.signed_in()
    foreign = await client.get(f"/sites/{garden.other.key}?{REACHED}")
    content = garden.deps.book.policy(garden.site).content
    kept = [
        {**one, "columns": [name for name in one["columns"] if name != "link_kind"]}
        for one in content["purposes"]
    ]
    await garden.deps.book.publish(garden.site, {**content, "purposes": kept}, asks_again=False)
    await garden.deps.book.refresh()
    barred = await client.get(f"/sites/{garden.site.key}?where=goal,reached,2")
    form = (await client.get(f"/sites/{garden.site.key}")).text

    assert (foreign.status_code, GONE in foreign.text) == (400, True)
    assert barred.status_code == 400
    assert "policy does not cover what this goal asks for" in barred.text
    assert "Took a list" not in form
    assert "Joined" in form


async def test_a_segment_whose_goal_was_deleted_says_that_it_ended(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden)
    client = await garden.signed_in()
    await garden.post(client, f"/segments/keep?{REACHED}", name="Members")
    site = f"/sites/{garden.site.key}"
    before = Reading((await client.get(f"{site}/compare{WEEK}")).text)
    listed_before = Reading((await client.get(f"{site}/segments")).text)
    await forget_goal(garden)
    pages = {path: await client.get(f"{site}{path}") for path in ("", "/segments", "/compare")}
    asked = await client.get(f"{site}?{REACHED}")

    assert before.tables["The figures of each segment"][0] == ["Visitors", "4", "2"]
    assert "Goal \u201cJoined\u201d was reached" in listed_before.text
    for answer in pages.values():
        assert answer.status_code == 200
        assert "The goal that this segment asks for was deleted." in answer.text
    assert "A goal that was deleted was reached" in pages["/segments"].text
    assert (asked.status_code, GONE in asked.text) == (400, True)


async def test_a_share_link_keeps_asking_for_what_its_goal_was(garden: Garden) -> None:
    for number in range(40):
        path = "/join" if number < 20 else "/"
        who = f"{number:032x}"
        garden.event("2025-12-31T10:00", visitor_id=who, visit_id=who, path=path)
    garden.store()
    await add_goal(garden)
    owner = await garden.signed_in()
    await garden.post(owner, f"/segments/keep?{REACHED}", name="Members")
    path = await made(garden, owner, segment="1")
    stranger = garden.client(garden.app())
    before = Reading((await stranger.get(path)).text)
    await forget_goal(garden)
    after = Reading((await stranger.get(path)).text)
    listed = await owner.get(f"/sites/{garden.site.key}{SHARING}")

    assert before.figures["Visitors"][0] == after.figures["Visitors"][0] == "20"
    assert "Goal \u201cJoined\u201d was reached" in after.text
    assert "A goal of its conditions was changed or deleted since" in listed.text


async def test_a_share_link_is_not_widened_by_a_change_of_its_goal(garden: Garden) -> None:
    await add_goal(garden)
    owner = await garden.signed_in()
    await garden.post(owner, f"/segments/keep?{REACHED}", name="Members")
    path = await made(garden, owner, segment="1")
    for number in range(40):
        who, at = f"{number:032x}", "/join" if number < 20 else "/"
        garden.event("2025-12-31T10:00", visitor_id=who, visit_id=who, path=at)
    garden.store()
    book = GoalBook(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        wide = Goal(1, "Anything", Deed("page", "*"))
        await book.save_goal(connection, garden.site.id, wide)
    shared = Reading((await garden.client(garden.app()).get(path)).text)

    assert shared.figures["Visitors"][0] == "20"


async def test_files_count_the_visits_that_reached_a_goal(garden: Garden) -> None:
    some_visits(garden)
    await add_goal(garden)
    client = await garden.signed_in()
    file = f"/sites/{garden.site.key}/files/totals.jsonl{WEEK}&{REACHED}"
    [row] = (await client.get(file)).text.splitlines()

    assert json.loads(row)["visits"] == 2
