"""The demo's mailbox: what the server mails is shown on a page of the demo website."""

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage

import httpx2
import pytest

from askfirst.smtp_url import smtp_server
from server.demo.mail.mailbox import KEPT, Mailbox, with_links
from server.demo.website import MAILBOX, website
from server.mail.smtp import SmtpSession


async def _nothing() -> None:
    """Note nothing."""


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    task = asyncio.create_task(box.run())
    yield box
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _send(box: Mailbox, *subjects: str, text: str = "Hello") -> None:
    session = await SmtpSession.open(smtp_server(box.url), "demo.test")
    for subject in subjects:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "desk@lib.test", "me@lib.test", subject
        mail["Date"] = "Sat, 28 Nov 2026 09:00:00 +0000"
        mail.set_content(text)
        mail.add_alternative("<p>Hello</p>", subtype="html")
        await session.send(mail, _nothing)
    await session.close()


async def _page(box: Mailbox) -> httpx2.Response:
    app = website(lambda: ("http://a.test", "key"), lambda: box.mails)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo.test") as client:
        return await client.get(MAILBOX)


async def test_a_mail_is_shown_as_text_with_its_links_and_nothing_of_it_is_markup(mailbox: Mailbox):
    await _send(mailbox, "Grüße <b>", text="See\n.\nhttps://lib.test/a?b=1&c=2 now <script>\n")

    page = await _page(mailbox)

    assert "<h2>Grüße &lt;b&gt;</h2>" in page.text
    assert "To me@lib.test" in page.text
    assert 'href="https://lib.test/a?b=1&amp;c=2"' in page.text
    assert "\n.\n" in page.text
    assert "<script>" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_the_newest_mail_comes_first_and_old_ones_give_way(mailbox: Mailbox):
    await _send(mailbox, *(f"Number {number}" for number in range(KEPT + 2)))

    subjects = [one.subject for one in mailbox.mails]

    assert subjects == [f"Number {number}" for number in range(KEPT + 1, 1, -1)]


async def test_a_session_that_talks_nonsense_or_goes_away_does_not_end_the_mailbox(
    mailbox: Mailbox,
):
    server = smtp_server(mailbox.url)
    for said in (b"\xff\xfe\r\n", b"DATA\r\nhalf a mail", b"x" * 100_000):
        _reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(said)
        writer.close()

    await _send(mailbox, "Still there")

    assert [one.subject for one in mailbox.mails] == ["Still there"]


async def test_a_demo_with_a_mail_server_of_its_own_has_no_mailbox_page():
    transport = httpx2.ASGITransport(app=website(lambda: ("http://a.test", "key")))
    async with httpx2.AsyncClient(transport=transport, base_url="http://demo.test") as client:
        assert (await client.get(MAILBOX)).status_code == 404


def test_only_web_addresses_become_links():
    assert with_links("javascript:alert(1) http:///x mailto:a@b.test") == (
        "javascript:alert(1) http:///x mailto:a@b.test"
    )
