"""Mail to visitors by a real mail server on loopback: sent once, in time, and never told of."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any

import pytest
import structlog
from sqlalchemy import insert, update

from askfirst.store.ledger.accounts.messages import POLICY, choose, turn_off
from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.mail.states import NO_ANSWER
from askfirst.store.ledger.tables import account_messages, visitor_accounts, visitor_mails
from consent.accounts.mailing.kinds import KINDS
from consent.accounts.mails import VisitorMails
from consent.policy.languages import languages
from consent.policy.my_data_words import words_in
from consent.policy.wording import default_policy
from server.mail import running
from server.mail.running import running_visitor_mail
from server.mail.visitor_posting import GONE, STOPPED, UNREADABLE, VisitorPosting
from tests.consent.accounts.visitors_account import ADA, BEN, an_account, mails_of
from tests.consent.conftest import Room, open_room, open_warehouse  # noqa: F401 - fixtures
from tests.server.mail.mail_server import MailServer, a_mail_server

LINK = "https://visits.example.org/account/k/link?code=c0de"
MINUTE = 60_000
Opened = Callable[..., Any]


async def a_room(open_room: Opened, port: int) -> Room:  # noqa: F811
    room: Room = await open_room(
        smtp_url=f"smtp://127.0.0.1:{port}",
        mail_from="Garden <hello@example.org>",
        public_url="https://visits.example.org",
    )
    return room


@asynccontextmanager
async def sending(open_room: Opened) -> AsyncIterator[tuple[Room, MailServer, VisitorPosting]]:  # noqa: F811
    async with a_mail_server() as server:
        room = await a_room(open_room, server.port)
        yield room, server, VisitorPosting(room.deps)


async def add(room: Room, what: str = "sign_in", about: str = "1", **facts: str) -> bool:
    told = {"to": ADA, "language": "en", "link": LINK} | facts
    async with room.deps.ledger.write() as connection:
        mails = VisitorMails(room.deps)
        return await mails.add(connection, "a" * 32, room.site, what, about, told)


async def publish(room: Room, **changes: Any) -> None:
    """Publish another version of the policy, an hour later."""
    room.clock.now += 60 * MINUTE
    content = default_policy("Example", "Example Ltd", "privacy@example.org", "")
    await room.deps.book.publish(room.site, content | changes, asks_again=False)


async def wants_policy(room: Room, account: str) -> None:
    async with room.deps.ledger.write() as connection:
        await choose(connection, account, {POLICY}, room.clock())


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


async def test_a_mail_is_sent_once_and_then_neither_address_nor_link_is_kept(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        assert await add(room)
        assert not await add(room)  # about the same
        raw = b"".join(path.read_bytes() for path in room.folder.glob("ledger.db*"))
        for _ in range(2):
            await posting.round()
            await VisitorPosting(room.deps).round()  # a restart
        (mail,) = server.mails
        (row,) = await mails_of(room)

    assert ADA.encode() not in raw
    assert b"c0de" not in raw
    assert (mail["To"], mail["From"]) == (ADA, "Garden <hello@example.org>")
    assert mail["Subject"] == "Example: your link to sign in"
    assert LINK in plain(mail)
    assert "30 minutes" in plain(mail)
    assert "List-Unsubscribe" not in mail
    assert (row["state"], row["facts"]) == ("sent", None)


@pytest.mark.parametrize("what", [one for one in KINDS if one != POLICY])
async def test_each_kind_has_words_and_loads_nothing(open_room: Opened, what: str) -> None:  # noqa: F811
    async with sending(open_room) as (room, server, posting):
        await add(room, what)
        await posting.round()
        (mail,) = server.mails

    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "{" not in plain(mail) + mail["Subject"]
    assert words_in("en")["mail_foot"].replace("{name}", "Example") in plain(mail)
    assert LINK in html
    assert not any(one in html for one in ("<img", "src=", "url(", "<script"))


@pytest.mark.parametrize(
    ("what", "time"),
    [("confirm", "24 hours"), ("sign_in", "30 minutes"), ("known", ""), ("ended", "")],
)
async def test_only_a_link_that_works_once_is_said_to(
    open_room: Opened,  # noqa: F811
    what: str,
    time: str,
) -> None:
    async with sending(open_room) as (room, server, posting):
        await add(room, what)
        await posting.round()
        (mail,) = server.mails

    assert re.findall("It works once, within ([^.]+).", plain(mail)) == ([time] if time else [])


@pytest.mark.parametrize("tag", ["de", "ar", "mt"])
async def test_a_mail_is_in_the_language_of_the_account(open_room: Opened, tag: str) -> None:  # noqa: F811
    async with sending(open_room) as (room, server, posting):
        await add(room, language=tag)
        await posting.round()
        (mail,) = server.mails

    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert tag in languages()
    assert f'lang="{tag}" dir="{"rtl" if tag == "ar" else "ltr"}"' in html
    assert words_in(tag)["mail_sign_in_text"] in plain(mail)


async def test_a_link_is_tried_while_it_works_and_the_server_may_come_back(
    open_room: Opened,  # noqa: F811
) -> None:
    async with a_mail_server() as server:
        port = server.port
    room = await a_room(open_room, port)
    posting = VisitorPosting(room.deps)
    await add(room, "sign_in")
    await add(room, "confirm")
    for _ in range(60):
        await posting.round()
        room.clock.now += MINUTE // 2
    late, kept = await mails_of(room)
    assert (late["state"], late["facts"]) == ("given up", None)
    assert kept["state"] == "waiting"
    async with a_mail_server(port) as server:
        room.clock.now += 60 * MINUTE
        await posting.round()
        assert [mail["Subject"] for mail in server.mails] == ["Example: confirm your address"]


async def test_what_a_mail_server_says_of_an_address_is_neither_stored_nor_logged(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        server.rcpt = f"550 5.1.1 <{ADA}> is unknown"
        await add(room)
        with structlog.testing.capture_logs() as lines:
            await posting.round()
        (row,) = await mails_of(room)

    assert row["state"] == "given up"
    assert "550" in row["problem"]
    assert lines
    assert ADA not in row["problem"] + str(lines)


async def test_a_mail_that_may_have_arrived_is_not_sent_again(open_room: Opened) -> None:  # noqa: F811
    async with sending(open_room) as (room, server, posting):
        server.hang_up_at = "data"
        await add(room)
        await posting.round()
        server.hang_up_at = ""
        await posting.round()
        (row,) = await mails_of(room)

    assert len(server.taken) == 1
    assert (row["state"], row["problem"], row["facts"]) == ("unsure", NO_ANSWER, None)


async def test_a_mail_sealed_with_another_key_or_of_a_deleted_site_is_given_up(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        await add(room)
        await add(room, about="2")
        async with room.deps.ledger.write() as connection:
            table = visitor_mails
            await connection.execute(update(table).where(table.c.id == 1).values(facts=b"x" * 40))
        await posting.round()
        assert len(server.taken) == 1
        await add(room, about="3")
        room.deps.book._by_id.clear()
        await posting.round()
        problems = [row["problem"] for row in await mails_of(room)]

    assert problems == [UNREADABLE, "", GONE]
    assert len(server.taken) == 1


async def test_an_address_or_a_link_with_line_breaks_adds_no_header(open_room: Opened) -> None:  # noqa: F811
    async with sending(open_room) as (room, server, posting):
        await add(room, to=f"{ADA}\r\nBcc: {BEN}")
        await add(room, about="2", link=f"{LINK}\r\nBcc: {BEN}")
        await posting.round()
        headers = [one.split(b"\r\n\r\n")[0] for one in server.taken]

    assert server.recipients == [ADA]
    assert not any(b"Bcc" in one for one in headers)


async def test_without_a_mail_server_nothing_is_added(open_room: Opened) -> None:  # noqa: F811
    room = await open_room()
    assert not VisitorMails(room.deps).are_sent
    assert not await add(room)
    assert await mails_of(room) == []


async def test_a_running_server_sends_within_seconds(
    open_room: Opened,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert running.VISITORS_S <= 2
    monkeypatch.setattr(running, "VISITORS_S", 0.01)
    async with sending(open_room) as (room, server, _posting), running_visitor_mail(room.deps):
        await add(room)
        for _ in range(3000):
            if server.taken:
                break
            await running.asyncio.sleep(0.01)
        assert len(server.taken) == 1


async def test_whoever_asked_is_told_once_of_a_new_policy_and_of_what_changed(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        ada, _ben = await an_account(room), await an_account(room, BEN)
        await wants_policy(room, ada)
        await posting.round()
        assert server.taken == []  # it knows this version
        await publish(room, recipients=["Mail House Ltd"], retention_months=30)
        for _ in range(2):
            await posting.round()
            await VisitorPosting(room.deps).round()
        (mail,) = server.mails
        stop = mail["List-Unsubscribe"].strip("<>")

    assert mail["To"] == ADA
    assert mail["Subject"] == "Example: the privacy policy has changed"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.startswith(f"https://visits.example.org/account/{room.site.key}/messages/")
    assert stop in plain(mail)
    assert ADA not in stop
    assert "Mail House Ltd" in plain(mail)
    assert "30 months" in plain(mail)
    assert "\nShared with\r\nBefore: nobody" in plain(mail)  # as the compare page names it
    assert f"/policy/{room.site.key}/compare?from=1&to=2&lang=en" in plain(mail)


async def test_versions_published_while_no_server_ran_are_one_mail(open_room: Opened) -> None:  # noqa: F811
    async with sending(open_room) as (room, server, posting):
        ada = await an_account(room, language="de")
        await wants_policy(room, ada)
        await publish(room, recipients=["Mail House Ltd"])
        await publish(room, recipients=["Mail House Ltd"], retention_months=30)
        await posting.round()
        await publish(room, recipients=[], retention_months=30)
        await posting.round()
        first, second = server.mails

    assert "compare?from=1&to=3&lang=de" in plain(first)
    assert "Mail House Ltd" in plain(first)
    assert "30 Monate" in plain(first)
    assert "compare?from=3&to=4&lang=de" in plain(second)


async def test_nobody_is_told_who_turned_it_off_or_whose_address_is_not_confirmed(
    open_room: Opened,  # noqa: F811
) -> None:
    async with a_mail_server() as server:
        port = server.port
    room = await a_room(open_room, port)
    ada = await an_account(room)
    ben = await an_account(room, BEN, confirmed_at=None)
    await wants_policy(room, ada)
    async with room.deps.ledger.write() as connection:
        row = {"account_id": ben, "kind": POLICY, "since": room.clock()}
        await connection.execute(insert(account_messages).values(row))
    await publish(room, retention_months=30)
    posting = VisitorPosting(room.deps)
    await posting.round()  # the mail server is down
    async with room.deps.ledger.write() as connection:
        await turn_off(connection, ada, POLICY)
    async with a_mail_server(port) as server:
        room.clock.now += MINUTE
        await posting.round()
        assert server.taken == []
    assert [row["problem"] for row in await mails_of(room)] == [STOPPED]


async def test_news_of_a_policy_go_to_the_address_that_the_account_has_when_they_are_sent(
    open_room: Opened,  # noqa: F811
) -> None:
    async with a_mail_server() as server:
        port = server.port
    room = await a_room(open_room, port)
    ada = await an_account(room)
    await wants_policy(room, ada)
    await publish(room, retention_months=30)
    posting = VisitorPosting(room.deps)
    await posting.round()
    sealed = room.deps.sealing.seal(BEN, email_place(ada))
    async with room.deps.ledger.write() as connection:
        await connection.execute(update(visitor_accounts).values(email=sealed))
    async with a_mail_server(port) as server:
        room.clock.now += MINUTE
        await posting.round()
        assert server.recipients == [BEN]


async def test_nobody_waits_for_a_link_behind_news_of_a_policy_and_all_are_sent_in_one_round(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        for number in range(25):
            await wants_policy(room, await an_account(room, f"v{number}@example.com"))
        await publish(room, retention_months=30)
        await posting._news.write_down()
        await add(room, "sign_in")
        await posting.round()

    assert len(server.taken) == 26
    assert server.recipients[0] == ADA


async def test_an_address_that_cannot_be_opened_keeps_no_mail_from_others(
    open_room: Opened,  # noqa: F811
) -> None:
    async with sending(open_room) as (room, server, posting):
        ada, ben = await an_account(room), await an_account(room, BEN)
        await wants_policy(room, ada)
        await wants_policy(room, ben)
        await publish(room, retention_months=30)
        async with room.deps.ledger.write() as connection:
            mine = visitor_accounts.c.id == ada
            other = update(visitor_accounts).where(mine).values(email=b"x" * 40)
            await connection.execute(other)
        await posting.round()

    assert server.recipients == [BEN]
