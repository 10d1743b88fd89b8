"""Mails hold together whatever the data is: headers, lines, and what mail programs read."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.mail.messages import Envelope, message
from reports.mail.text import in_columns, one_line

STOP = f"https://{'long-' * 12}host.example.org/a-base-path/mail/stop/123456.{'x' * 60}"


def envelope(recipient: str = "owner@example.org") -> Envelope:
    return Envelope(
        sender=Address("Statistics, Ltd", addr_spec="stats@example.org"),
        recipient=recipient,
        number="askfirst-7-1767268800000",
        sent_at=datetime(2026, 11, 27, 7, tzinfo=UTC),
        report="https://reports.example/sites/KEY",
        settings="https://reports.example/sites/KEY/mail",
        stop=STOP,
    )


def read(mail: EmailMessage) -> EmailMessage:
    return message_from_bytes(mail.as_bytes(), policy=default)  # type: ignore[return-value]


@settings(max_examples=30)
@given(st.text(max_size=300), st.text(max_size=300))
def test_no_text_breaks_a_header_or_makes_another(subject: str, body: str) -> None:
    body = body.encode("utf-8", "replace").decode()
    made = message(envelope(), subject.encode("utf-8", "replace").decode(), body, "<p>x</p>")
    raw, found = made.as_bytes(), read(made)
    expected = {
        "Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "Auto-Submitted",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert set(found.keys()) == expected
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    shown = one_line(subject.encode("utf-8", "replace").decode(), 200)
    assert found["Subject"] == shown.replace("=?", "= ?")


@pytest.mark.parametrize(
    "name",
    ["=?utf-8?q?=0D=0ABcc:_y=40y.example?=", "=?utf-8?b?AAAA?=", "=?utf-8?q?=ff=fe?=", "==??=?"],
)
def test_a_name_that_looks_like_encoded_text_is_not_decoded(name: str) -> None:
    found = read(message(envelope(), f"{name}: 1 visitor (▲ 12%)", "x", "<p>x</p>"))
    assert found["Bcc"] is None
    assert found["Subject"] == f"{name.replace('=?', '= ?')}: 1 visitor (▲ 12%)"
    assert found["To"] == "owner@example.org"


def test_the_address_that_stops_a_mail_is_one_plain_line_however_long() -> None:
    lines = message(envelope(), "Hello", "Hello", "<p>Hello</p>").as_bytes().split(b"\r\n")
    assert f"List-Unsubscribe: <{STOP}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


@pytest.mark.parametrize("before", ["a", "\xfc"])
@pytest.mark.parametrize(
    "after",
    [
        "@b.example\r\nBcc: x@y.example",
        " words",
        "@b@c",
        "@",
        "@b.example>",
        "@b..c",
        "@b c",
        "@b\0",
    ],
)
def test_what_is_no_address_is_refused(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        message(envelope(before + after), "Hello", "Hello", "<p>Hello</p>").as_bytes()


def test_lines_in_columns_stand_under_each_other() -> None:
    rows = [("Visitors", "1,234", "up"), ("Views", "9", "")]
    assert in_columns(rows) == ["Visitors  1,234  up", "Views         9"]
    assert in_columns([]) == []


def test_a_line_has_no_line_break_and_is_cut() -> None:
    assert one_line("a\r\nBcc: b\u2028c\x00d") == "a Bcc: b c d"
    assert one_line("x" * 100) == "x" * 89 + "…"
