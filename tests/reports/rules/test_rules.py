"""The page about the rules for the reports: they are looked at, saved, and followed backwards."""

from pathlib import Path

import pytest

from askfirst.rules.applying import BY_VISITOR
from askfirst.rules.report_rules import MOST, NO_RULES, ReportRules
from askfirst.sites import Site
from askfirst.store.ledger.rules.report_rules import RulesOfSites
from askfirst.store.warehouse.ruling import rewriting
from consent.policy.drafts import content_of, draft_of
from reports.rules.typed import read, typed_of
from server.maintenance.folding import fold
from server.maintenance.left_out import count_rule
from server.maintenance.report_rules import follow_rules
from server.services import Rewritten
from tests.factories import a_site, a_view
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.world import World, open_world

RULES = {
    "exclude_paths": "/admin*",
    "group_paths": "/product/:id",
    "index_files": "yes",
    "hosts": "www.example.org = example.org",
}
"""What stands in the form."""


async def views(world: World, *paths: str) -> str:
    """Send page views of a new visitor, and return the visitor's pseudonym."""
    visitor = world.browser()
    await visitor.accept()
    for path in paths:
        await visitor.send(a_view(url=f"https://example.org{path}"))
        world.clock.move(minutes=1)
    await world.services.shipper.ship_all()
    return max(await world.rows(), key=lambda row: row["time"])["visitor_id"]


async def owner_of(world: World) -> Owner:
    owner = Owner(world)
    await owner.sign_in()
    owner.path = f"/sites/{world.site.key}/rules"
    return owner


async def posted(owner: Owner, do: str = "preview", **fields: str) -> Reading:
    page = await owner.read()
    form = {"csrf": page.fields["csrf"], "do": do, **fields}
    return Reading((await owner.client.post(owner.path, data=form)).text)


async def save(owner: Owner, **fields: str) -> None:
    """Save rules as they were previewed."""
    seen = (await posted(owner, **fields)).fields["seen"]
    csrf = (await owner.read()).fields["csrf"]
    form = {"csrf": csrf, "do": "save", "seen": seen, **fields}
    assert (await owner.client.post(owner.path, data=form)).status_code == 303


def rules_of(world: World) -> ReportRules:
    return world.services.book.get(world.site.key).report_rules


def paths_of(rows) -> list[tuple[str, int]]:
    return [(row["path"], row["excluded"]) for row in rows]


async def overview(owner: Owner) -> str:
    page = await owner.client.get(f"/sites/{owner.world.site.key}?period=7d")
    return Reading(page.text).figures.get("Page views", ["0"])[0]


async def test_rules_are_saved_once_they_were_looked_at_and_hold_then_for_all_that_is_stored(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        owner = await owner_of(world)
        await views(world, "/product/1", "/product/2", "/admin/x", "/a/index.html")
        unseen = await posted(owner, "save", **RULES)
        assert rules_of(world) == NO_RULES
        before = await overview(owner)
        await save(owner, **RULES)
        page = await owner.read()
        await views(world, "/product/3", "/admin")
        shown, stored = await overview(owner), paths_of(await world.rows())
        await follow_rules(world.services)
        after, rows = await overview(owner), await world.rows()
        followed = await owner.read()
        await world.services.tallies.flush()
        dropped = await owner.client.get(f"/sites/{world.site.key}/not-recorded?period=7d")

    figures = unseen.tables["Figures now, and with the rules"]
    assert [row[-2:] for row in figures] == [["1", "1"], ["4", "3"], ["4", "2"], ["0", "0"]]
    becomes = unseen.tables["What becomes of pages and sources"]
    assert ["example.org/product/1", "example.org/product/:id", "1"] in becomes
    assert ["example.org/admin/x", "left out", "1"] in becomes
    assert rules_of(world).group_paths == ("/product/:id",)
    assert "about to be rewritten" in page.text
    assert "rewritten" not in followed.text
    assert (before, shown, after) == ("4", "5", "4")
    assert stored[:3] == [("/product/1", 0), ("/product/2", 0), ("/admin/x", 0)]
    assert paths_of(rows) == [
        ("/product/:id", 0),
        ("/product/:id", 0),
        ("/admin/x", 1),
        ("/a/", 0),
        ("/product/:id", 0),
        ("/admin", 1),
    ]
    assert rows[0]["original"] == '{"path":"/product/1"}'
    [row] = Reading(dropped.text).tables["Rules, with what they leave out in these days"]
    assert row[0].startswith("Excluded by your rules")
    assert "Fitted 1 event, 2 kept" in row[0]


@pytest.mark.parametrize(("days", "seen"), [(29, "1"), (29.4, "1"), (29.5, "0"), (30, "0")])
async def test_the_days_of_the_preview_are_those_of_the_overview(
    tmp_path: Path, days: float, seen: str
):
    """The view is of 13:00 on the site's clocks, and its 30th day ends 29.46 days later."""
    async with open_world(tmp_path) as world:
        await views(world, "/")
        world.clock.move(days=days)
        owner = await owner_of(world)
        preview = await posted(owner, **RULES)
        page = await owner.client.get(f"/sites/{world.site.key}?period=30d")

    figures = preview.tables["Figures now, and with the rules"]
    assert [row[-2:] for row in figures[:2]] == [[seen, seen], [seen, seen]]
    assert Reading(page.text).figures.get("Visitors", ["0"])[0] == seen


async def test_a_rule_that_excludes_everything_is_said_to_before_it_is_saved(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = await owner_of(world)
        await views(world, "/", "/a")
        all_of_it = await posted(owner, exclude_paths="/*")
        some = await posted(owner, exclude_paths="/a")
        nothing = await posted(owner, exclude_paths="/b")

    assert "leave out everything" in all_of_it.text
    assert "leave out everything" not in some.text
    assert "They change no page and no source of these days." in nothing.text


WRONG = (
    ("exclude_paths", "admin"),
    ("group_paths", "/a**"),
    ("group_paths", "\n".join(f"/{number}" for number in range(5 * MOST))),
    ("exclude_hosts", "https://a.test/"),
    ("exclude_addresses", "localhost"),
    ("hosts", "a.test"),
    ("sources", "a = b\na = c"),
    ("sources", "<b>"),
)


async def test_what_is_wrong_is_said_and_nothing_is_saved(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = await owner_of(world)
        csrf = (await owner.read()).fields["csrf"]
        for field, typed in WRONG:
            form = {"csrf": csrf, "do": "save", "seen": "", field: typed}
            answer = await owner.client.post(owner.path, data=form)
            assert answer.status_code == 422
            assert "Nothing was saved" in Reading(answer.text).text
            assert "<b>" not in answer.text.replace("<b>Example</b>", "")
        form = {"csrf": csrf, "visitor": "x", "left_out": "yes"}
        refused = await owner.client.post(f"{owner.path}/visitor", data=form)
        forged = await owner.client.post(owner.path, data={"csrf": "x"})
        kept = rules_of(world)

    assert (refused.status_code, forged.status_code) == (400, 403)
    assert kept == NO_RULES


def test_an_address_can_be_left_out_only_where_addresses_are_kept_whole():
    typed = typed_of(NO_RULES) | {"exclude_addresses": "192.0.2.7"}
    rules, errors = read(typed, a_site(ip_mode="shortened"))
    assert (rules, list(errors)) == (NO_RULES, ["exclude_addresses"])
    rules, errors = read(typed, a_site(ip_mode="whole"))
    assert (rules.exclude_addresses, errors) == (("192.0.2.7/32",), {})
    assert typed_of(rules)["exclude_addresses"] == "192.0.2.7/32"


def test_an_older_rule_of_addresses_hinders_no_other_rule_once_the_wording_shortens_them():
    office = ("192.0.2.0/24", "198.51.100.7/32")
    site = a_site(ip_mode="shortened", report_rules=ReportRules(exclude_addresses=office))
    fewer = typed_of(site.report_rules) | {"exclude_addresses": office[1], "group_paths": "/a/*"}
    more = typed_of(site.report_rules) | {"exclude_addresses": "\n".join((*office, "203.0.113.7"))}
    wider = typed_of(site.report_rules) | {"exclude_addresses": "192.0.0.0/16"}

    rules, errors = read(fewer, site)
    assert (rules.exclude_addresses, rules.group_paths, errors) == (office[1:], ("/a/*",), {})
    for typed in (more, wider):
        assert list(read(typed, site)[1]) == ["exclude_addresses"]


async def test_where_the_wording_shortens_addresses_the_page_says_that_older_rules_stay(
    tmp_path: Path,
):
    stays = "What stands here is from before, and stays until you take it out."
    async with open_world(tmp_path) as world:
        owner, book = await owner_of(world), world.services.book
        await save(owner, exclude_addresses="203.0.113.0/24")
        whole = (await owner.read()).text
        shortened = draft_of(book.policy(world.site).content) | {"ip_mode": "shortened"}
        await book.publish(world.site, content_of(shortened), asks_again=False)
        after = (await owner.read()).text
        await save(owner, exclude_addresses="")
        emptied = (await owner.read()).text

    assert "203.0.113.0/24" in after
    assert stays in after
    assert stays not in whole + emptied


async def test_law_6_an_own_visitor_is_left_out_counts_again_and_an_erasure_reaches_the_note(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        owner = await owner_of(world)
        mine = await views(world, "/", "/a")
        await views(world, "/")
        held = world.services.personal_data
        for left_out, expected in (("yes", "1"), ("no", "3"), ("yes", "1")):
            csrf = (await owner.read()).fields["csrf"]
            form = {"csrf": csrf, "visitor": mine, "left_out": left_out}
            assert (await owner.client.post(f"{owner.path}/visitor", data=form)).status_code == 303
            await follow_rules(world.services)
            assert await overview(owner) == expected
            assert (mine[:8] in (await owner.read()).text) is (left_out == "yes")
        before = await held.rows(world.site.id, mine)
        await world.services.eraser.erase_alone(world.site.id, [mine])
        after, page = await held.rows(world.site.id, mine), await owner.read()

    assert len(before["ledger.left_out_visitors"]) == 1
    assert [row["excluded"] for row in before["warehouse.events"]] == [BY_VISITOR] * 2
    assert mine[:8] not in page.text
    assert after["ledger.left_out_visitors"] == after["warehouse.events"] == []


async def test_rules_that_are_changed_while_events_are_rewritten_hold_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with open_world(tmp_path) as world:
        services = world.services
        owner = await owner_of(world)
        await views(world, "/product/1", "/product/2")
        monkeypatch.setattr(rewriting, "AT_ONCE", 1)
        await save(owner, **RULES)
        stale, folded = site_of(world), []
        monkeypatch.setattr(services.warehouse, "fold", lambda *_: folded.append(1))
        await fold(services)
        services.rewritten[stale.id] = Rewritten(1, 2)
        page = await owner.read()
        await RulesOfSites(services.ledger, services.book).follow_again(stale, 0)
        await RulesOfSites(services.ledger, services.book).followed(stale)
        still = site_of(world).rules_changed_at
        await save(owner, group_paths="/product/*")
        await follow_rules(services)
        rows, done = await world.rows(), site_of(world).rules_changed_at
        await count_rule(services, site_of(world), "prefetch", True)
        again = site_of(world).rules_changed_at

    assert not folded
    assert "Stored events are rewritten: 1 of 2 so far." in page.text
    assert still > stale.rules_changed_at > 0
    assert [row["path"] for row in rows] == ["/product/*"] * 2
    assert done == 0
    assert again


def site_of(world: World) -> Site:
    return world.services.book.get(world.site.key)
