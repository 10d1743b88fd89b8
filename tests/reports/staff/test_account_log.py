"""The security log lists what staff did, newest first, in words."""

import pytest

from reports.staff.account_log import SENTENCES
from reports.staff.audit_log import Act, StaffActs
from tests.reports.garden import EMAIL, Garden
from tests.reports.reading import Reading


async def test_the_log_lists_acts_newest_first_and_pages_back(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    for number in range(205):
        await acts.note(Act.SIGNED_OUT, f"{number}@example.org")
    client = await garden.signed_in()
    first = Reading((await client.get("/account/log")).text)
    second = Reading((await client.get(first.links["Older"])).text)
    third = Reading((await client.get(second.links["Older"])).text)

    [newest], [older], [oldest] = (page.tables.values() for page in (first, second, third))
    assert newest[0][1:3] == ["Signed in", EMAIL]
    assert newest[1][2] == "204@example.org"
    assert (len(newest), len(older), len(oldest)) == (100, 100, 6)
    assert oldest[-1][2] == "0@example.org"
    assert "Older" not in third.links


async def test_the_log_names_sites_and_escapes_what_it_shows(garden: Garden):
    acts = StaffActs(garden.deps.ledger, garden.clock)
    await acts.note(Act.SITE_CHANGED, "<b>@example.org", garden.site.key)
    await acts.note(Act.SITE_DELETED, EMAIL, "f" * 16)
    client = await garden.signed_in()
    answer = await client.get("/account/log")
    [listed] = Reading(answer.text).tables.values()

    assert [row[3] for row in listed] == ["", "f" * 16, "Garden"]
    assert "<b>@" not in answer.text


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "9" * 30, "\u0663", ""])
async def test_an_odd_place_in_the_log_is_refused(garden: Garden, before):
    client = await garden.signed_in()
    answer = await client.get("/account/log", params={"before": before})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_every_act_has_its_words():
    assert set(SENTENCES) == set(Act)
