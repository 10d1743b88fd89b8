"""What an alert says in words, from the figures that were found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reports.formatting.dates import clock_of, weekday_of
from reports.formatting.readers import moment_of
from reports.formatting.template_filters import number, percent
from reports.mail.text import one_line
from reports.mail.view import days_query


@dataclass(frozen=True)
class AlertWords:
    """An alert: subject and sentences, rows of a list, and the query of the report behind it."""

    site_name: str
    subject: str
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    path: str


def alert_words(site_name: str, what: str, facts: Mapping[str, Any], today: date) -> AlertWords:
    """Return what an alert says; `facts` are those of `reports.mail.found_alerts`."""
    name, day = one_line(site_name), date.fromisoformat(facts["day"])
    said = weekday_of(day, today)
    query = days_query(day, day)
    if what == "traffic":
        short, sentences = _traffic(facts, said)
        path = f"?{query}"
    elif what == "consent":
        short, sentences = _consent(facts, said)
        path = f"/choices?{query}"
    elif what == "silence":
        short, sentences = _silence(facts, today)
        path = "/not-recorded"
    else:
        short, sentences = _errors(facts, said)
        path = f"?{query}&show=not-found"
    rows = tuple((path_, number(views)) for path_, views in facts.get("pages", ()))
    return AlertWords(name, f"{name}: {short}", sentences, rows, path)


def _traffic(facts: Mapping[str, Any], day: str) -> tuple[str, tuple[str, ...]]:
    now, usual = facts["now"], facts["usual"]
    kind = "fewer visits" if now < usual else "more visits"
    weekdays = f"On the same weekday of the four weeks before there were usually {number(usual)}."
    return f"{kind} than usual", (f"{day} had {number(now)} visits.", weekdays)


def _consent(facts: Mapping[str, Any], day: str) -> tuple[str, tuple[str, ...]]:
    now, usual = percent(facts["now"]), percent(facts["usual"])
    sentence = f"On {day} {now} of page loads were recorded, with consent."
    return "the consent rate has fallen", (
        sentence,
        f"On the same weekday of the four weeks before it was {usual}.",
        "Look at the banner on your pages: was it changed, does it show on phones?",
    )


def _silence(facts: Mapping[str, Any], today: date) -> tuple[str, tuple[str, ...]]:
    since = datetime.fromisoformat(facts["since"])
    moment = moment_of(weekday_of(since.date(), today), clock_of(since.replace(minute=0)))
    return f"nothing received for {facts['hours']} hours", (
        f"The last page view came in the hour from {moment} on, by the clocks of the site.",
        "In the weeks before there were always some in these hours.",
        "Is the site reachable, and is the line with the tag still on its pages?",
    )


def _errors(facts: Mapping[str, Any], day: str) -> tuple[str, tuple[str, ...]]:
    return "pages that are not found are opened often", (
        f"On {day} these pages were opened and not found (views so far):",
    )
