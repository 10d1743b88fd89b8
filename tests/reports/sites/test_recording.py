"""The page about recording: parameters that are kept, and the owner's rules for channels."""

from pathlib import Path

from askfirst.recording_rules import RecordingRules
from tests.factories import a_view
from tests.reports.reading import Reading
from tests.reports.wording.owner import Owner
from tests.world import open_world

RULES = '[{"channel": "Partners", "referrer": ["*.partner.example", "partner.example"]}]'


async def test_an_owners_parameters_and_rules_hold_from_the_next_view_on(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        owner.path = f"/sites/{world.site.key}/recording"
        csrf = (await owner.read()).fields["csrf"]
        fields = {"parameters": "id, filter[x]", "channels": RULES, "whole_address_days": "30"}
        form = {"csrf": csrf, **fields}
        saved = await owner.client.post(owner.path, data=form)
        page = await owner.read()
        visitor = world.browser()
        await visitor.accept()
        url = "https://example.org/shop?id=7&secret=1&filter%5Bx%5D=2"
        await visitor.send(a_view(url=url, referrer="https://shop.partner.example/x"))
        journal = world.journal_bytes()
        (row,) = await world.rows()

    assert saved.status_code == 303
    assert "id\nfilter[x]" in page.text
    assert '"channel":"Partners"' in page.text
    assert page.fields["whole_address_days"] == "30"
    assert world.services.book.get(world.site.key).rules.whole_address_days == 30
    assert (row["source"], row["channel"]) == ("shop.partner.example", "Partners")
    assert (row["path"], row["query"]) == ("/shop", "id=7&filter%5Bx%5D=2")
    assert b"secret" not in journal


async def test_what_is_wrong_is_said_with_its_place_and_nothing_is_saved(tmp_path: Path):
    async with open_world(tmp_path) as world:
        owner = Owner(world)
        await owner.sign_in()
        owner.path = f"/sites/{world.site.key}/recording"
        csrf = (await owner.read()).fields["csrf"]
        for wrong, said in (
            ({"parameters": "a=b"}, "Use letters, digits"),
            ({"channels": "{"}, "not a JSON list"),
            ({"channels": '[{"channel": "A"}]'}, "(rules[0])"),
            ({"channels": '[{"channel": "<b>", "medium": ["x"]}]'}, "(rules[0].channel)"),
            ({"whole_address_days": "0"}, "A whole number of days from 1 to 760, or nothing."),
        ):
            form = {"csrf": csrf, "whole_address_days": "9", **wrong}
            answer = await owner.client.post(owner.path, data=form)
            assert answer.status_code == 422
            assert said in Reading(answer.text).text
            assert "<b>" not in answer.text.replace("<b>Example</b>", "")
        forged = await owner.client.post(owner.path, data={"csrf": "x", "parameters": "id"})
        kept = world.services.book.get(world.site.key).rules

    assert forged.status_code == 403
    assert kept == RecordingRules()
