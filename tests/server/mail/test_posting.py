"""Mail by a real mail server on loopback: what is sent when, once, and what else is said."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.errors import HeaderParseError
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtplib import SMTPAuthenticationError
from sqlalchemy import select, update

from askfirst.settings import Settings
from askfirst.smtp_url import smtp_server
from askfirst.store.ledger.mail.states import NO_ANSWER
from askfirst.store.ledger.tables import mails, staff
from reports.formatting.readers import write_for
from reports.mail import composing, found_alerts
from reports.mail.outbox import Outbox
from reports.mail.subscriptions import Subscriptions
from server.mail import smtp
from server.mail.posting import LATE, STOPPED, Posting
from server.mail.problems import words_of
from server.mail.running import mail_problem, running_mail
from tests.reports.garden import EMAIL, Garden, bare_garden, ms, open_garden, utc
from tests.reports.reading import Reading
from tests.server.mail.mail_server import (
    PASSWORD,
    USER,
    MailServer,
    a_mail_server,
    certificate_of,
)

PNG = b"\x89PNG\r\n\x1a\n no picture"
MAIL = {"mail_from": "Askfirst <stats@example.org>", "public_url": "https://reports.example"}


@pytest.fixture(autouse=True)
def _no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture takes a second, and has tests of its own."""

    async def png(*_about: Any) -> bytes:
        return PNG

    monkeypatch.setattr(composing, "over_time_png", png)


@asynccontextmanager
async def garden_with(folder: Path, port: int, url: str = "", **settings: Any) -> Any:
    """Open a garden whose settings name the mail server."""
    named = url or f"smtp://127.0.0.1:{port}"
    async with open_garden(folder, smtp_url=named, **MAIL, **settings) as garden:
        yield garden


@asynccontextmanager
async def a_garden(folder: Path) -> AsyncIterator[tuple[Garden, Posting, MailServer]]:
    async with a_mail_server() as server, garden_with(folder, server.port) as garden:
        yield garden, Posting(garden.deps), server


async def subscribe(garden: Garden, *kinds: str, hour: int = 7, silent: int = 3) -> None:
    subscriptions = Subscriptions(garden.deps.ledger, garden.clock)
    async with garden.deps.ledger.write() as connection:
        times = (hour, silent)
        await subscriptions.put(connection, garden.site.id, EMAIL, kinds, times)


async def states(garden: Garden) -> list[tuple[str, str]]:
    """Return state and problem of every mail, the oldest first."""
    found = select(mails.c.state, mails.c.problem).order_by(mails.c.id)
    async with garden.deps.ledger.read() as connection:
        return [tuple(row) for row in await connection.execute(found)]


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


async def test_a_report_is_sent_at_its_hour_once_and_not_again_after_a_restart(
    tmp_path: Path,
) -> None:
    async with a_mail_server() as server:
        async with garden_with(tmp_path, server.port) as garden:
            await subscribe(garden, "day")
            posting = Posting(garden.deps)
            await posting.round()
            assert server.taken == []  # it was turned on after today's hour
            garden.clock.move(days=1)
            for _ in range(3):
                await posting.round()
            assert await states(garden) == [("sent", "")]
            now = garden.clock()
        url = f"smtp://127.0.0.1:{server.port}"
        async with bare_garden(tmp_path, smtp_url=url, **MAIL) as (deps, clock):
            clock.now = now
            posting = Posting(deps)
            await posting.round()
            assert len(server.taken) == 1
            clock.move(days=3)  # no server ran meanwhile: only the last report is sent
            await posting.round()
            await posting.round()
    assert len(server.taken) == 2
    assert server.recipients == [EMAIL, EMAIL]


async def test_a_report_tells_figures_lists_and_a_chart_and_no_visitor(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        day = "2026-11-26"
        for number in range(12):
            visitor = f"{number:032x}"
            seen = {"visitor_id": visitor, "visit_id": f"{visitor}-1", "country": "DE"}
            for minute in (0, 5):
                garden.event(f"{day}T10:{minute:02}", path="/tea", **seen)
        garden.event(f"{day}T11:00", visitor_id="0" * 32, visit_id=f"{'0' * 32}-1", path="/zq-rare")
        garden.event("2026-11-19T10:00", visitor_id="e" * 32, visit_id=f"{'e' * 32}-1")
        garden.store()
        await subscribe(garden, "day")
        garden.clock.now = ms(utc("2026-11-27T07:00"))
        await posting.round()
        (mail,) = server.mails

    parts = {one.get_content_type(): one for one in mail.walk()}
    text, html = plain(mail), parts["text/html"].get_content()
    assert mail["Subject"] == "Garden: 12 visitors, Thu 26 Nov (▲ \N{MULTIPLICATION SIGN}12)"
    assert mail["To"] == EMAIL
    assert mail["From"] == "Askfirst <stats@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Compared with Thu 19 Nov" in text
    assert re.search(r"^Visitors +12 +▲ \N{MULTIPLICATION SIGN}12$", text, re.MULTILINE)
    assert re.search(r"^/tea +24$", text, re.MULTILINE)
    assert re.search(r"^Countries \(visitors\)\nGermany +12$", text, re.MULTILINE)
    assert "/tea" in html
    assert "zq-rare" not in text + html  # one visitor's page
    assert "0" * 31 not in text + html
    assert parts["image/png"].get_content() == PNG
    assert parts["image/png"]["Content-ID"] == "<chart@askfirst>"
    assert 'src="cid:chart@askfirst"' in html
    assert not re.findall(r"(?:src|background)=\"(?!cid:)", html)
    link = f"https://reports.example/sites/{garden.site.key}?period=custom&from=2026-11-26"
    assert link in text
    assert all(len(line) <= 998 for line in server.taken[0].split(b"\r\n"))


async def test_a_mail_has_the_form_of_whoever_chose_it_and_not_of_who_asked_last(
    tmp_path: Path,
) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        write_for(["de-DE"])
        await subscribe(garden, "day")
        write_for(["ja"])
        garden.clock.now = ms(utc("2026-11-27T07:00"))
        await posting.round()
        (mail,) = server.mails

    assert mail["Subject"].startswith("Garden: 0 visitors, Do., 26. Nov.")


async def test_one_click_stops_a_mail_without_signing_in(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day", "week")
        garden.clock.move(days=1)
        await posting.round()
        mail = next(one for one in server.mails if "visitors" in one["Subject"])
        address = mail["List-Unsubscribe"].strip("<>")
        browser = garden.client()
        shown = await browser.get(address)
        assert "Stop this mail?" in Reading(shown.text).text
        assert len(await Subscriptions(garden.deps.ledger, garden.clock).every()) == 2
        body = {"List-Unsubscribe": "One-Click"}
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        stopped = await browser.post(address, data=body)
        assert stopped.status_code == 200
        assert "This mail is stopped" in Reading(stopped.text).text
        left = await Subscriptions(garden.deps.ledger, garden.clock).every()
        assert [one.what for one in left] == ["week"]
        before = len(server.taken)
        garden.clock.move(days=1)
        await posting.round()
        assert len(server.taken) == before
        await subscribe(garden, "day")  # on again: the link in the old mail still stops it
        await browser.post(address, data=body)
        assert await Subscriptions(garden.deps.ledger, garden.clock).every() == []


async def test_what_waits_is_not_sent_once_it_is_stopped_or_a_day_late(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        await posting.write_down()
        await subscribe(garden)
        await posting.round()
        await subscribe(garden, "week")
        garden.clock.now = ms(utc("2026-01-05T07:00"))
        await posting.write_down()
        garden.clock.move(days=2)
        await posting.round()
        assert await states(garden) == [("given up", STOPPED), ("given up", LATE)]
    assert server.taken == []


async def test_a_server_that_is_down_is_tried_with_growing_waits_until_it_is_up(
    tmp_path: Path,
) -> None:
    async with a_mail_server() as server:
        port = server.port
    async with garden_with(tmp_path, port) as garden:
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        posting, tries = Posting(garden.deps), []
        for _ in range(16):
            await posting.round()
            async with garden.deps.ledger.read() as connection:
                tries.append((await connection.execute(select(mails.c.tries))).scalar_one())
            garden.clock.move(minutes=1)
        assert tries == [1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]
        async with a_mail_server(port) as server:
            garden.clock.move(minutes=30)
            await posting.round()
            assert len(server.taken) == 1
        assert await states(garden) == [("sent", "")]


async def test_after_a_day_a_mail_is_given_up_and_the_page_says_why(tmp_path: Path) -> None:
    async with a_mail_server() as server:
        port = server.port
    async with garden_with(tmp_path, port) as garden:
        await subscribe(garden, "month")
        garden.clock.now = ms(utc("2026-12-01T12:00"))
        posting = Posting(garden.deps)
        for _ in range(9):
            await posting.round()
            garden.clock.move(minutes=240)
        ((state, problem),) = await states(garden)
        page = await (await garden.signed_in()).get(f"/sites/{garden.site.key}/mail")
        words = Reading(page.text).text
    assert state == "given up"
    assert "cannot be reached" in problem
    assert "Monthly report" in words
    assert "Not sent, and given up" in words
    assert problem in words


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        ("550 5.1.1 no such user", "given up", "refuses the recipient: 550 5.1.1 no such user"),
        ("451 4.3.0 later", "waiting", "refuses the recipient: 451 4.3.0 later"),
    ],
)
async def test_a_refused_recipient_is_said_and_tried_again_only_where_that_can_help(
    tmp_path: Path, answer: str, state: str, said: str
) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        server.rcpt = answer
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        await posting.round()
        ((found, problem),) = await states(garden)
    assert found == state
    assert said in problem


async def rename(garden: Garden, email: str) -> None:
    async with garden.deps.ledger.write() as connection:
        await connection.execute(update(staff).values(email=email))


async def test_an_address_with_letters_beyond_ascii_is_written_to_where_the_server_takes_it(
    tmp_path: Path,
) -> None:
    async with (
        a_mail_server(takes_letters=True) as server,
        garden_with(tmp_path, server.port) as garden,
    ):
        await subscribe(garden, "day")
        await rename(garden, "j\u00f6rg@b\u00fccher.example")
        garden.clock.move(days=1)
        await Posting(garden.deps).round()

        assert await states(garden) == [("sent", "")]
    assert server.recipients == ["j\u00f6rg@xn--bcher-kva.example"]
    assert "To: j\u00f6rg@xn--bcher-kva.example\r\n".encode() in server.taken[0]


async def test_an_address_that_the_server_cannot_take_is_refused_in_words(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day")
        await rename(garden, "j\u00f6rg@example.org")
        garden.clock.move(days=1)
        await posting.round()
        await rename(garden, "info@b\u00fccher.example")  # a host has a form in ASCII
        garden.clock.move(days=1)
        await posting.round()

        [refused, sent] = await states(garden)
    assert refused[0] == "given up"
    assert "takes no address with letters beyond ASCII before the @ (SMTPUTF8)" in refused[1]
    assert sent == ("sent", "")
    assert server.recipients == ["info@xn--bcher-kva.example"]


async def test_a_mail_whose_text_was_handed_over_is_not_sent_twice(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        server.hang_up_at = "data"
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        await posting.round()
        assert await states(garden) == [("unsure", NO_ANSWER)]
        # The same, where our own process ends before it can note the answer.
        async with garden.deps.ledger.write() as connection:
            lost = {"state": "waiting", "handed_at": garden.clock(), "problem": ""}
            await connection.execute(update(mails).values(lost))
        restarted = Posting(garden.deps)
        await restarted.round()
        assert await states(garden) == [("unsure", NO_ANSWER)]
    assert len(server.taken) == 1


async def test_an_answer_to_the_text_that_says_neither_yes_nor_no_is_no_reason_to_send_it_again(
    tmp_path: Path,
) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        server.data = "299 perhaps"
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        await posting.round()
        assert await states(garden) == [("unsure", NO_ANSWER)]


async def test_a_mail_is_not_sent_twice_where_the_ledger_fails_after_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_given: Any) -> None:
        raise OSError("no space left")

    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        with monkeypatch.context() as patch:
            patch.setattr(Outbox, "sent", full)
            with pytest.raises(OSError, match="no space"):
                await posting.round()
        await posting.round()
        assert await states(garden) == [("unsure", NO_ANSWER)]
    assert len(server.taken) == 1


async def test_a_wrong_password_is_said_without_the_password(tmp_path: Path) -> None:
    async with a_mail_server(signs_in=True) as server:
        url = f"smtp://{USER}:wr0ng%2Fword@127.0.0.1:{server.port}"
        async with garden_with(tmp_path, server.port, url) as garden:
            await subscribe(garden, "day")
            garden.clock.move(days=1)
            await Posting(garden.deps).round()
            ((state, problem),) = await states(garden)
            assert "wr0ng" not in repr(garden.deps.settings)
    assert state == "waiting"
    assert "refuses the user name or the password: 535" in problem
    assert "wr0ng" not in problem
    assert server.taken == []


def test_a_server_that_repeats_what_was_sent_tells_nobody_the_password() -> None:
    server = smtp_server(f"smtp://{USER}:{quote(PASSWORD, safe='')}@mail.example")
    for secret in (PASSWORD, f"\0{USER}\0{PASSWORD}"):
        coded = b64encode(secret.encode()).decode()
        words = words_of(SMTPAuthenticationError(535, f"what is {coded} or {PASSWORD}?"), server)
        assert words.endswith(" 535 what is … or …?")


async def test_starttls_is_used_with_a_valid_certificate_and_nothing_is_sent_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    ours, trusting = certificate_of(certificates)
    async with a_mail_server(tls=ours, signs_in=True) as server:
        quoted = PASSWORD.replace("/", "%2F")
        url = f"smtp://{USER}:{quoted}@localhost:{server.port}"
        async with garden_with(tmp_path, 0, url, smtp_tls="required") as garden:
            await subscribe(garden, "day")
            garden.clock.move(days=1)
            posting = Posting(garden.deps)
            await posting.round()
            ((state, problem),) = await states(garden)
            assert state == "waiting"
            assert f"The certificate of localhost:{server.port} is not valid" in problem
            assert server.taken == []
            monkeypatch.setattr(smtp, "trusted", lambda: trusting)
            garden.clock.move(minutes=60)
            await posting.round()
            assert await states(garden) == [("sent", "")]
    assert server.encrypted == [True]
    async with a_mail_server() as plain:
        url = f"smtp://127.0.0.1:{plain.port}"
        said = await mail_problem(Settings(smtp_url=url, smtp_tls="required", **MAIL))
    assert said == f"127.0.0.1:{plain.port} offers no encryption (STARTTLS), so nothing was sent."


async def test_a_server_that_stalls_delays_neither_pages_nor_the_end_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, tasks = asyncio.Event(), []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        asked.set()
        await reader.read()  # until the other side closes
        writer.close()
        await writer.wait_closed()

    stalled = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = stalled.sockets[0].getsockname()[1]
    async with garden_with(tmp_path, port) as garden:
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        async with running_mail(garden.deps):
            await asked.wait()
            page = await (await garden.signed_in()).get(f"/sites/{garden.site.key}/mail")
            assert page.status_code == 200
        monkeypatch.setattr(smtp, "CONNECT_S", 0.01)
        posting = Posting(garden.deps)
        await posting.round()
        ((state, problem),) = await states(garden)
    stalled.close()
    await asyncio.gather(*filter(None, tasks))
    assert (state, problem) == ("waiting", f"127.0.0.1:{port} did not answer in time.")


async def test_several_mails_go_in_one_session_and_one_refusal_stops_no_other(
    tmp_path: Path,
) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day", "week", "month")
        garden.clock.now = ms(utc("2027-02-01T12:00"))  # a Monday
        await posting.write_down()
        await Outbox(garden.deps.ledger, garden.clock).add(garden.site.id, 1, "broken", {})
        await posting.round()
        found = [state for state, _ in await states(garden)]
    assert sorted(found) == ["sent", "sent", "sent", "waiting"]
    assert server.sessions == 1
    days = [one["Subject"].partition(", ")[2].replace("\N{EN DASH}", "to") for one in server.mails]
    assert days == ["Sun 31 Jan (to)", "25 Jan to 31 Jan (to)", "1 Jan to 31 Jan (to)"]


async def test_alerts_are_sent_once_for_what_is_unusual(tmp_path: Path) -> None:
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "traffic", "consent", "silence", "errors", silent=2)
        for day in ("10-29", "11-05", "11-12", "11-19", "11-26"):
            garden.clock.now = ms(utc(f"2026-{day}T12:00"))
            for _ in range(100):
                garden.deps.counts.add(garden.site.id, "loaded", "/", "en", 1)
        await garden.deps.counts.flush()
        for week in range(1, 5):
            for number in range(40):
                who = f"{week:016x}{number:016x}"
                moment = utc("2026-11-27T06:30") + (utc("2026-11-01") - utc("2026-11-08")) * week
                for hours in (-24, 0, 1, 2, 3):
                    shifted = moment + (utc("2026-11-01T01:00") - utc("2026-11-01")) * hours
                    visit = f"{who}-{hours}"
                    garden.event(shifted, visitor_id=who, visit_id=visit)
        garden.event("2026-11-27T07:30", visitor_id="f" * 32, visit_id=f"{'f' * 32}-1")
        for number in range(25):
            who = f"{number:032x}"
            facts = {"visitor_id": who, "visit_id": f"{who}-9", "path": "/gone", "status": 404}
            garden.event("2026-11-27T05:00", **facts)
        garden.store()
        garden.clock.now = ms(utc("2026-11-27T10:30"))
        for _ in range(3):
            await posting.round()
            garden.clock.move(minutes=20)
        subjects = sorted(one["Subject"] for one in server.mails)
        texts = "".join(map(plain, server.mails))
    assert subjects == [
        "Garden: fewer visits than usual",
        "Garden: nothing received for 2 hours",
        "Garden: pages that are not found are opened often",
        "Garden: the consent rate has fallen",
    ]
    assert "On Thu 26 Nov 0.0% of page loads were recorded, with consent." in texts
    assert "it was 40.0%." in texts
    assert re.search(r"^/gone +25$", texts, re.MULTILINE)
    assert "Thu 26 Nov had 0 visits." in texts
    assert "usually 40" in texts


async def test_an_alert_that_cannot_be_looked_for_holds_up_no_other_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_asked: Any) -> None:
        raise ValueError("a figure that nobody has thought of")

    monkeypatch.setattr(found_alerts, "find_alert", broken)
    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "errors", "day")
        garden.clock.move(days=1)
        await posting.round()
    assert len(server.taken) == 1


async def test_a_mail_that_cannot_be_written_does_not_count_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_mail: EmailMessage) -> bytes:
        raise HeaderParseError("a header that ends itself")

    async with a_garden(tmp_path) as (garden, posting, server):
        await subscribe(garden, "day")
        garden.clock.move(days=1)
        monkeypatch.setattr(EmailMessage, "as_bytes", broken)
        await posting.round()
        assert await states(garden) == [("waiting", "It could not be written. The log says why.")]
    assert server.taken == []
