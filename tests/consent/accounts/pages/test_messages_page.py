"""Choices about messages: off at first, on by a tick, and off by one press without signing in."""

from askfirst.store.ledger.accounts.messages import OWN, POLICY, offer, stop_token, wanted_by
from askfirst.store.ledger.rights.account_deletion import delete_accounts
from consent.policy.my_data_words import words_in
from tests.consent.accounts.pages.test_fields_page import Visitor, a_visitor
from tests.consent.accounts.visitors_account import BEN
from tests.consent.conftest import Room
from tests.reports.reading import Reading

WORDS = words_in("en")


def path_of(room: Room, token: str = "") -> str:
    return f"/account/{room.site.key}/messages{'/' if token else ''}{token}"


async def on(ada: Visitor) -> set[str]:
    async with ada.room.deps.ledger.read() as connection:
        return await wanted_by(connection, ada.account)


async def offers(room: Room, *kinds: str) -> None:
    async with room.deps.ledger.write() as connection:
        words = {kind: f"About {kind} & <more>" for kind in kinds}
        await offer(connection, room.site.id, words)


async def choose(ada: Visitor, *kinds: str) -> str:
    path = path_of(ada.room)
    csrf = Reading((await ada.browser.get(path)).text).fields["csrf"]
    form = {"csrf": csrf, "do": "save"} | dict.fromkeys(kinds, "on")
    return (await ada.browser.post(path, data=form, follow_redirects=True)).text


async def test_every_message_is_off_until_it_is_turned_on(room: Room) -> None:
    ada = await a_visitor(room)
    await offers(room, "news")
    shown = (await ada.browser.get(path_of(room))).text
    assert WORDS["message_policy"] in shown
    assert "About news &amp; &lt;more&gt;" in shown
    assert " checked" not in shown
    assert "message_offers" not in shown
    assert await on(ada) == set()
    shown = await choose(ada, POLICY, "news")
    assert shown.count(" checked") == 2
    assert WORDS["field_saved"] in shown
    await choose(ada, "news")
    assert await on(ada) == {"news"}


async def test_what_is_not_offered_cannot_be_turned_on_but_what_is_on_can_be_turned_off(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await choose(ada, *OWN, "anything")
    assert await on(ada) == set()
    await offers(room, "news")
    await choose(ada, "news")
    await offers(room)
    assert WORDS["message_news"] in await choose(ada, "news")
    assert await on(ada) == {"news"}
    await choose(ada)
    assert await on(ada) == set()


async def test_one_press_turns_a_message_off_without_signing_in_and_opening_the_link_does_not(
    room: Room,
) -> None:
    ada = await a_visitor(room)
    await offers(room, "news")
    await choose(ada, POLICY, "news")
    link = path_of(room, stop_token(room.deps.sealing, ada.account, POLICY))
    asked = await room.browser.get(link)
    assert WORDS["message_stop_title"] in asked.text
    assert await on(ada) == {POLICY, "news"}
    assert asked.headers["referrer-policy"] == "no-referrer"
    # what mail programs send (RFC 8058), with the origin of nobody
    answer = await room.browser.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert WORDS["message_stopped"] in answer.text
    assert await on(ada) == {"news"}
    again = await room.browser.post(link)
    assert WORDS["message_stopped"] in again.text


async def test_a_link_of_somebody_else_a_made_up_or_a_closed_accounts_one_does_nothing(
    room: Room,
) -> None:
    ada, ben = await a_visitor(room), await a_visitor(room, BEN)
    await choose(ada, POLICY)
    good = stop_token(room.deps.sealing, ada.account, POLICY)
    of_ben = stop_token(room.deps.sealing, ben.account, POLICY)
    mixed = good.rpartition("-")[0] + "-" + of_ben.rpartition("-")[2]
    for token in (mixed, "a-b-c", "x", good[:-1], f"{ada.account}-{POLICY}-", "é" * 40):
        answer = await room.browser.post(path_of(room, token))
        assert (answer.status_code, WORDS["message_no_link"] in answer.text) == (404, True)
    await room.browser.post(path_of(room, of_ben))
    assert await on(ada) == {POLICY}
    async with room.deps.ledger.write() as connection:
        await delete_accounts(connection, [ada.account])
    assert (await room.browser.post(path_of(room, good))).status_code == 404


async def test_the_choices_need_a_session_and_its_secret(room: Room) -> None:
    ada = await a_visitor(room)
    for answer in (
        await room.browser.get(path_of(room)),
        await room.browser.post(path_of(room), data={POLICY: "on"}),
    ):
        assert answer.status_code == 303
    refused = await ada.browser.post(path_of(room), data={"csrf": "x", POLICY: "on"})
    assert refused.status_code == 403
    assert await on(ada) == set()
