"""The page about mail: what one chooses, what is asked for now, and what became of it."""

from pathlib import Path

import pytest

from reports.mail.outbox import Outbox
from reports.mail.subscriptions import Subscriptions
from tests.reports.garden import EMAIL, Garden, open_garden
from tests.reports.reading import Reading

PATH = "/mail"
SETTINGS = {
    "smtp_url": "smtps://us3r:s3cret@mail.example.org",
    "mail_from": "stats@example.org",
    "public_url": "https://reports.example",
}


async def chosen(garden: Garden) -> list[tuple[str, int, int]]:
    found = await Subscriptions(garden.deps.ledger, garden.clock).every()
    return [(one.what, one.hour, one.silent_hours) for one in found]


async def test_what_is_chosen_is_kept_for_this_account_and_site(garden: Garden) -> None:
    client = await garden.signed_in()
    path = f"/sites/{garden.site.key}/mail"
    empty = Reading((await client.get(path)).text)
    assert EMAIL in empty.text
    assert "No mail server is set" in empty.text
    assert "Europe/Berlin" in empty.text
    assert "Nothing yet." in empty.text

    form = {"day": "on", "silence": "on", "hour": "8", "silent_hours": "5"}
    answer = await garden.post(client, PATH, **form)
    assert answer.status_code == 303
    page = await client.get(answer.headers["location"])
    assert "Saved." in Reading(page.text).text
    assert page.text.count(" checked") == 2
    assert sorted(await chosen(garden)) == [("day", 8, 5), ("silence", 8, 5)]
    other = await client.get(f"/sites/{garden.other.key}/mail")
    assert " checked" not in other.text

    await garden.post(client, PATH, hour="8", silent_hours="5", week="on")
    assert await chosen(garden) == [("week", 8, 5)]
    assert await garden.acts() == [("mail_changed", EMAIL, garden.site.key)] * 2


async def test_mails_that_a_restore_stopped_are_named_until_somebody_chooses(
    garden: Garden,
) -> None:
    client, path = await garden.signed_in(), f"/sites/{garden.site.key}/mail"
    await garden.post(client, PATH, hour="8", silent_hours="5", day="on", silence="on")
    subscriptions = Subscriptions(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        assert await subscriptions.stop_all(connection) == 2
    asked = await client.get(path)
    before = await chosen(garden)
    await garden.post(client, PATH, hour="8", silent_hours="5", day="on")
    after = await client.get(path)

    notice = "until you say that you want them: Daily report, "
    assert notice in " ".join(asked.text.split())
    assert " checked" not in asked.text
    assert before == []
    assert await chosen(garden) == [("day", 8, 5)]
    assert "A backup was restored" not in after.text


@pytest.mark.parametrize("hours", ["", "0", "49", "x", "-1", "٣", "3.5"])
async def test_hours_that_are_none_are_said_and_nothing_is_kept(garden: Garden, hours: str) -> None:
    client = await garden.signed_in()
    answer = await garden.post(client, PATH, day="on", hour="7", silent_hours=hours)
    assert answer.status_code == 422
    assert "Say after how many hours, from 1 to 48." in answer.text
    assert answer.text.count(" checked") == 1
    assert await chosen(garden) == []


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (PATH, {"hour": "24", "silent_hours": "3"}),
        (PATH, {"hour": "", "silent_hours": "3"}),
        (f"{PATH}/now", {"what": "silence"}),
        (f"{PATH}/now", {}),
    ],
)
async def test_what_the_form_does_not_offer_is_refused(
    garden: Garden, path: str, form: dict[str, str]
) -> None:
    answer = await garden.post(await garden.signed_in(), path, **form)
    assert answer.status_code == 400
    assert await chosen(garden) == []


async def test_one_is_sent_now_once_a_minute_also_where_none_is_chosen(tmp_path: Path) -> None:
    async with open_garden(tmp_path, **SETTINGS) as garden:
        client = await garden.signed_in()
        for _ in range(2):
            answer = await garden.post(client, f"{PATH}/now", what="week")
        page = Reading((await client.get(answer.headers["location"])).text).text
        due = await Outbox(garden.deps.ledger, garden.clock).due()
        kept = await chosen(garden)
    assert [dict(one.facts) for one in due] == [
        {"first": "2025-12-22", "last": "2025-12-28", "asked": True, "language": ""}
    ]
    assert "It is on its way." in page
    assert "Weekly report" in page
    assert kept == []


async def test_the_page_names_the_server_and_never_the_password(tmp_path: Path) -> None:
    async with open_garden(tmp_path, **SETTINGS) as garden:
        answer = await (await garden.signed_in()).get(f"/sites/{garden.site.key}/mail")
    assert "Mail is sent by mail.example.org:465 from stats@example.org." in answer.text
    assert "s3cret" not in answer.text
    assert "us3r" not in answer.text
    assert "No mail server is set" not in answer.text


async def test_a_stranger_is_sent_to_the_sign_in_form(garden: Garden) -> None:
    answer = await garden.client().get(f"/sites/{garden.site.key}/mail")
    assert answer.status_code == 303
