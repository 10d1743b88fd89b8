"""The page about what was not recorded: reasons, days, and the rules that leave something out."""

from pathlib import Path

from consent.policy.wording import default_policy
from server.maintenance.left_out import settle_rules
from tests.factories import CHROME, GOOGLEBOT, a_view
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.world import World, open_world

RULES = "Rules, with what they leave out in these days"


async def page_of(owner: Owner, query: str = "?period=7d") -> Reading:
    answer = await owner.client.get(f"{base(owner.world)}{query}")
    assert answer.status_code == 200, answer.text
    return Reading(answer.text)


def base(world: World) -> str:
    return f"/sites/{world.site.key}/not-recorded"


async def steered(world: World, views: int) -> None:
    """Send views of a visitor who said yes, from a browser that a program steers."""
    visitor = world.browser()
    await visitor.accept()
    for _ in range(views):
        body = {"site": world.site.key, "token": visitor.token, "webdriver": True}
        answer = await visitor.post("/event", {**body, "events": [a_view()]})
        assert answer.json() == {"recorded": 1}
    await world.services.shipper.ship_all()


async def test_law_8_what_is_turned_away_or_left_out_stands_there_by_reason_and_day(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        nobody, robot = world.browser(), world.browser()
        await nobody.send()
        await steered(world, 3)
        await robot.accept()
        await robot.send(**{"User-Agent": GOOGLEBOT})
        world.clock.move(days=1)
        await nobody.send()
        owner = Owner(world)
        await owner.sign_in()
        page = await page_of(owner)

    assert "Turned away 3 requests or events, recorded but left out 3 events." in page.text
    reasons = page.tables["What was turned away, by reason"]
    assert [row[:2] for row in reasons] == [
        ["No consent", "2"],
        ["A crawler that names itself: Googlebot search engine", "1"],
    ]
    days = [row[1:] for row in page.tables["What was not recorded, by day"]]
    assert days == [["1", "0"], ["2", "3"]]
    rules = page.tables["Rules, with what they leave out in these days"]
    assert rules[0][1:4] == ["1", "1", "3"]
    assert rules[0][0].startswith("Steered by a program")
    assert rules[0][0].endswith("Fitted 3 events, 3 kept. Left out.")


async def test_the_operator_and_the_purpose_of_an_agent_stand_beside_its_rule(tmp_path: Path):
    agent = (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 GPTBot/1.2"
    )
    async with open_world(tmp_path) as world:
        owner, visitor = Owner(world), world.browser()
        await owner.sign_in()
        await visitor.accept()
        await visitor.send(**{"User-Agent": agent})
        await world.services.shipper.ship_all()
        page = await page_of(owner)

    [row] = page.tables["Rules, with what they leave out in these days"]
    assert "GPTBot" in row[0]
    assert "OpenAI" in row[0]
    assert "training" in row[0]


async def test_a_crawler_that_is_turned_away_stands_there_with_operator_and_purpose(
    tmp_path: Path,
):
    agents = ("GPTBot/1.2", "Claude-User/1.0")
    async with open_world(tmp_path) as world:
        owner, visitor = Owner(world), world.browser()
        await owner.sign_in()
        await visitor.accept()
        for agent in agents:
            await visitor.send(**{"User-Agent": f"{agent}; +https://example.org/about"})
        page = await page_of(owner)

    reasons = page.tables["What was turned away, by reason"]
    assert sorted(row[0] for row in reasons) == [
        "A crawler that names itself: Claude-User Anthropic, for a person",
        "A crawler that names itself: GPTBot OpenAI, training of models",
    ]
    [day] = page.tables["What was not recorded, by day"]
    assert day[1:] == ["2", "0"]


async def test_what_a_rule_leaves_out_is_in_no_report_and_the_visitor_sees_it_all_the_same(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        await steered(world, 2)
        overview = (await owner.client.get(f"/sites/{world.site.key}?period=7d")).text

    assert "webdriver" not in overview
    assert Reading(overview).figures.get("Page views", ["0"])[0] == "0"


async def test_a_rule_that_is_switched_off_counts_what_was_recorded_before_and_on_again_it_does_not(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        await steered(world, 2)
        person = world.browser()
        await person.accept()
        await person.send()
        await world.services.shipper.ship_all()
        seen = []
        for counted in ("yes", "no"):
            csrf = (await page_of(owner)).fields["csrf"]
            form = {"csrf": csrf, "rule": "webdriver", "counted": counted}
            assert (await owner.client.post(f"{base(world)}/rule", data=form)).status_code == 303
            overview = await owner.client.get(f"/sites/{world.site.key}?period=7d")
            figures = Reading(overview.text).figures
            [row] = (await page_of(owner)).tables["Rules, with what they leave out in these days"]
            said = figures["Page views"][0], figures["Visitors"][0], row[3], row[0].split()[-1]
            seen.append(said)
        check = await owner.client.get(f"/sites/{world.site.key}/consent-check")
        rows = len(await world.rows())

    assert seen == [("3", "2", "2", "Counted."), ("1", "1", "2", "out.")]
    assert rows == 3
    assert "0 " in " ".join(Reading(check.text).text.split())


async def test_what_would_have_counted_is_what_counts_once_the_rule_is_switched_off(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        await steered(world, 2)
        world.clock.move(days=1)
        await steered(world, 3)
        owner = Owner(world)
        await owner.sign_in()
        before = await figures_of(owner)
        page = await page_of(owner)
        [row] = page.tables[RULES]
        form = {"csrf": page.fields["csrf"], "rule": "webdriver", "counted": "yes"}
        wrong = await owner.client.post(f"{base(world)}/rule?period=x", data=form)
        assert (wrong.status_code, await figures_of(owner)) == (400, before)
        answer = await owner.client.post(f"{base(world)}/rule?period=7d", data=form)
        assert answer.headers["location"] == f"{base(world)}?period=7d&saved=yes#rules"
        after = await figures_of(owner)
        [counted] = (await page_of(owner)).tables[RULES]

    assert row[1:4] == ["2", "2", "5"]
    assert (before, after) == (["0", "0", "0"], ["2", "2", "5"])
    assert counted[1:4] == row[1:4]


async def test_the_page_says_why_its_rules_have_more_views_than_the_line_of_the_overview(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        await steered(world, 3)
        program = world.browser()
        await program.accept()
        await program.send(**{"User-Agent": f"{CHROME} HeadlessChrome/120.0.0.0"})
        await world.services.shipper.ship_all()
        owner = Owner(world)
        await owner.sign_in()
        page = await page_of(owner)
        answer = await owner.client.get(f"/sites/{world.site.key}?period=7d")
    overview = Reading(answer.text)

    assert sum(int(row[3]) for row in page.tables[RULES]) == 4
    assert "3 of the 3 recorded are left out" in overview.text
    assert "named as a program, looks like one or is fetched ahead is in neither side" in page.text
    assert "Requests or events" in overview.text


async def figures_of(owner: Owner) -> list[str]:
    overview = await owner.client.get(f"/sites/{owner.world.site.key}?period=7d")
    figures = Reading(overview.text).figures
    return [figures.get(name, ["0"])[0] for name in ("Visitors", "Visits", "Page views")]


async def test_what_is_left_out_without_the_name_of_its_rule_is_shown_and_cannot_be_switched(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        content = default_policy("Example", "Example", "privacy@example.org", "")
        for purpose in content["purposes"]:
            purpose["columns"] = [one for one in purpose["columns"] if one != "bot_rule"]
        await world.services.book.publish(world.site, content, asks_again=False)
        await steered(world, 2)
        owner = Owner(world)
        await owner.sign_in()
        page = await page_of(owner)

    [row] = page.tables[RULES]
    assert row[0].startswith("Looks like a program")
    assert row[1:] == ["1", "1", "2", ""]
    assert "rule" not in page.fields


async def test_a_visit_that_referrer_spam_began_is_left_out_to_its_end(tmp_path: Path):
    async with open_world(tmp_path) as world:
        visitor, person = world.browser(), world.browser()
        for one in (visitor, person):
            await one.accept()
        await visitor.send(a_view(referrer="https://0-0.fr/"))
        await visitor.send(a_view(referrer="https://example.org/"))
        read = a_view(kind="engagement", engaged_ms=5)
        await visitor.send(read)
        await person.send()
        rows = await world.rows()
        sides = world.services.warehouse.answer("SELECT site FROM events")["site"].tolist()
        tally = await world.tally()

    assert sorted(row["bot_rule"] for row in rows) == ["", "spam", "spam", "spam"]
    assert sorted(sides) == [-world.site.id] * 3 + [world.site.id]
    assert tally["spam"] == 3


async def test_what_a_crash_left_on_the_other_side_is_moved_by_the_job(tmp_path: Path):
    async with open_world(tmp_path) as world:
        await steered(world, 2)
        rules = world.site.rules.counting("webdriver", counted=True)
        await world.services.book.change_rules(world.site, lambda _: rules)
        kept = "SELECT DISTINCT site FROM events"
        before = world.services.warehouse.answer(kept)["site"].tolist()
        await settle_rules(world.services)
        after = world.services.warehouse.answer(kept)["site"].tolist()

    assert (before, after) == ([-world.site.id], [world.site.id])


async def test_an_owner_names_networks_of_programs_and_visits_from_there_are_left_out(
    tmp_path: Path,
):
    async with open_world(tmp_path, peer="192.0.2.7") as world:
        owner = Owner(world)
        await owner.sign_in()
        csrf = (await page_of(owner)).fields["csrf"]
        form = {"csrf": csrf, "networks": "192.0.2.0/24\n2001:DB8::/32"}
        saved = await owner.client.post(f"{base(world)}/networks", data=form)
        visitor = world.browser()
        await visitor.accept()
        await visitor.send()
        (row,) = await world.rows()
        page = await page_of(owner)

    assert saved.status_code == 303
    assert row["bot_rule"] == "network"
    assert "192.0.2.0/24\n2001:db8::/32" in page.text
    assert "From a network of programs" in page.text


async def test_a_network_that_is_none_is_said_and_what_was_typed_stays(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        csrf = (await page_of(owner)).fields["csrf"]
        for typed in ("somewhere", "0.0.0.0/0", "192.0.2.0/99"):
            form = {"csrf": csrf, "networks": f"192.0.2.1\n{typed}"}
            answer = await owner.client.post(f"{base(world)}/networks", data=form)

            assert answer.status_code == 422
            assert typed in Reading(answer.text).text
            assert world.services.book.get(world.site.key).rules.networks == ()


async def test_a_form_of_another_session_changes_no_rule(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        for path, form in (("rule", {"rule": "webdriver", "counted": "yes"}), ("networks", {})):
            answer = await owner.client.post(f"{base(world)}/{path}", data={**form, "csrf": "x"})
            assert answer.status_code == 403
        csrf = (await page_of(owner)).fields["csrf"]
        bad = {"csrf": csrf, "rule": "<b>", "counted": "yes"}
        assert (await owner.client.post(f"{base(world)}/rule", data=bad)).status_code == 400

        assert world.services.book.get(world.site.key).rules.counted == ()
