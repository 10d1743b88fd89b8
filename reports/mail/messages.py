"""Mails as they are sent: a plain text, an HTML part with the chart, and how to stop them."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

import idna

from reports.mail.alert_words import AlertWords
from reports.mail.contents import MailReport
from reports.mail.text import in_columns, one_line

CHART_ID = "chart@askfirst"
_WIDE = 200
_LETTERS = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]{1,64}")


class _Policy(EmailPolicy):
    """Writes the addresses that stop a mail in one line: Python would encode a long one."""

    def fold(self, name: str, value: Any) -> str:
        """Write a header."""
        if name.lower() == "list-unsubscribe":
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Write a header as bytes."""
        if name.lower() == "list-unsubscribe":
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


POLICY = _Policy(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True)
class Envelope:
    """Who gets a mail from whom, when, and its addresses on this server.

    `number` makes the Message-ID, which a second try repeats. `stop` is '' for a mail that somebody
    asked for once, which nothing stops.
    """

    sender: Address
    recipient: str
    number: str
    sent_at: datetime
    stop: str
    report: str = ""
    settings: str = ""


@dataclass(frozen=True)
class MailContext:
    """What the HTML parts are made from: templates/mail/report.html and alert.html."""

    content: MailReport | AlertWords
    envelope: Envelope
    chart: str
    """The address of the chart inside the mail, or ''."""


def report_subject(report: MailReport) -> str:
    """Return the subject of a report: Garden: 1,234 visitors, Mon 16 Nov (▲ 12%)."""
    change = report.figures[0].change
    return f"{report.site_name}: {report.visitors} visitors, {report.days} ({change})"


def report_text(report: MailReport, envelope: Envelope) -> str:
    """Return the plain text of a report."""
    figures = [(one.label, one.value, one.change) for one in report.figures]
    head = [f"{report.site_name}, {report.days}", f"Compared with {report.compared}", ""]
    lines = [*head, *in_columns(figures)]
    for said in (report.consent, report.chart.summary):
        lines += ["", said] if said else []
    for one in report.lists:
        lines += ["", f"{one.title} ({one.amount.lower()})", *in_columns(one.rows)]
    return "\n".join([*lines, *_end(envelope)])


def alert_text(alert: AlertWords, envelope: Envelope) -> str:
    """Return the plain text of an alert."""
    lines = [alert.site_name, "", *alert.sentences]
    if alert.rows:
        lines += ["", *in_columns(alert.rows)]
    return "\n".join([*lines, *_end(envelope)])


def _end(envelope: Envelope) -> list[str]:
    addresses = (
        f"The report: {envelope.report}",
        f"Which mail you get: {envelope.settings}",
        f"Stop this mail: {envelope.stop}",
    )
    return ["", *addresses, ""]


def recipient_of(text: str) -> Address:
    """Return an email address for a header; a host with letters beyond ASCII is written in ASCII.

    What stands before the @ may have such letters, which mail servers take by SMTPUTF8 alone (RFC
    6531). Raises `ValueError` where it is no address.
    """
    name, _, host = text.rpartition("@")
    if not name.isascii() and not _LETTERS.fullmatch(name):
        raise ValueError("The recipient is no email address.")
    host = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    try:
        read = Address(addr_spec=f"{name if name.isascii() else 'a'}@{host}")
    except (HeaderParseError, IndexError) as error:  # the latter by a parser at the end
        raise ValueError("The recipient is no email address.") from error
    return read if name.isascii() else Address(username=name, domain=read.domain)


def message(
    envelope: Envelope, subject: str, text: str, html: str, chart: bytes | None = None
) -> EmailMessage:
    """Return the mail; raises `ValueError` where the recipient is no address for a header."""
    made = EmailMessage(policy=POLICY)
    made["Subject"] = one_line(subject, _WIDE).replace("=?", "= ?")  # which begins encoded text
    made["From"] = envelope.sender
    made["To"] = recipient_of(envelope.recipient)
    made["Date"] = format_datetime(envelope.sent_at)
    made["Message-ID"] = f"<{envelope.number}@{envelope.sender.domain}>"
    if envelope.stop:
        made["List-Unsubscribe"] = f"<{envelope.stop}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    if chart:
        part = made.get_payload()[1]  # type: ignore[index]
        named: dict[str, Any] = {"cid": f"<{CHART_ID}>", "filename": "visitors.png"}
        part.add_related(chart, "image", "png", disposition="inline", **named)  # type: ignore[union-attr]
    return made
