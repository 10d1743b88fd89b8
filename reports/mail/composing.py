"""Composes the mail of a report or an alert from its figures, templates and chart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from typing import Any

from askfirst.errors import Unavailable
from askfirst.sites import Site
from reports.charts.images import over_time_png
from reports.dependencies import Dependencies
from reports.formatting.dates import local
from reports.mail.alert_words import alert_words
from reports.mail.contents import MailReport, mail_report
from reports.mail.messages import (
    CHART_ID,
    Envelope,
    MailContext,
    alert_text,
    message,
    report_subject,
    report_text,
)


async def report_message(
    deps: Dependencies, site: Site, days: tuple[date, date], envelope: Envelope
) -> EmailMessage:
    """Return the mail of a report; raises `Unavailable` where there are no figures."""
    report = await mail_report(deps, site, *days)
    to = replace(envelope, report=f"{envelope.report}?{report.query}")
    chart = await _chart(report)
    context = MailContext(report, to, f"cid:{CHART_ID}" if chart else "")
    html = deps.pages.text("mail/report.html", context)
    return message(to, report_subject(report), report_text(report, to), html, chart)


async def alert_message(
    deps: Dependencies, site: Site, what: str, facts: Mapping[str, Any], envelope: Envelope
) -> EmailMessage:
    """Return the mail of an alert."""
    today = local(deps.clock(), site.time_zone).date()
    alert = alert_words(site.name, what, facts, today)
    to = replace(envelope, report=f"{envelope.report}{alert.path}")
    html = deps.pages.text("mail/alert.html", MailContext(alert, to, ""))
    return message(to, alert.subject, alert_text(alert, to), html)


async def _chart(report: MailReport) -> bytes | None:
    """Return the chart as PNG; None where it cannot be drawn, for the rest is worth sending."""
    before = f"{report.compared}" if report.compared else ""
    try:
        return await over_time_png(report.chart, before, f"{report.site_name}, {report.days}")
    except Unavailable:
        return None
