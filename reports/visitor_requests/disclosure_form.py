"""Reading the form for an entry in the disclosure register, and what is wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from askfirst.local_days import day_start, number_of
from askfirst.store.ledger.disclosure_register import (
    LONGEST_REFERENCE,
    LONGEST_WHOM,
    Disclosed,
    RegisterEntry,
)
from reports.formatting.dates import local
from reports.http.forms import Form
from reports.http.typed_days import typed_day
from reports.visitor_requests.due_day import due_day
from reports.visitor_requests.free_text import on_one_line, problem_of

GROUNDS = {
    "court": "Court order",
    "authority": "Request of an authority",
    "law": "Another legal duty",
    "consent": "Consent of the visitor",
}
"""On what ground data is revealed, in the words of a list."""
DATA = {
    "events": "Page views and clicks",
    "places": "Places and devices",
    "addresses": "IP addresses",
    "consents": "Consent records",
    "told": "What the visitor told the site",
}
"""Which data can be revealed, in the words of a list."""
FIELDS = (
    "corrects",
    "number",
    "revealed_on",
    "to_whom",
    "ground",
    "reference",
    "first_day",
    "last_day",
    "forbids",
    "hidden_until",
    *(f"kind_{name}" for name in DATA),
)
"""The fields of the form."""
HIDDEN_MONTHS = 60
"""How far ahead an entry may be hidden from its visitor."""
OLDEST = timedelta(days=20 * 366)
_LONG_AGO = date(2000, 1, 1)
_NO_DAY = "Write a day as YYYY-MM-DD, and none that is still to come."
_FORBIDS = "Write the day from which the visitor may know: after today, within five years."


@dataclass(frozen=True)
class _Days:
    """The days of the form; None for what is none."""

    revealed: date | None
    first: date | None
    last: date | None
    hidden_until: date | None


def read_disclosure(form: Form, today: date, zone: str) -> tuple[Disclosed | None, dict[str, str]]:
    """Return what the form says was revealed, or None and what is wrong by the field's name.

    `today` is the day in the site's time zone, at whose beginning of a day an entry is shown.
    """
    days = _Days(
        revealed=typed_day(form.get("revealed_on", ""), today - OLDEST, today),
        first=typed_day(form.get("first_day", ""), _LONG_AGO, today),
        last=typed_day(form.get("last_day", ""), _LONG_AGO, today),
        hidden_until=typed_day(
            form.get("hidden_until", ""),
            today + timedelta(days=1),
            due_day(today, HIDDEN_MONTHS),
        ),
    )
    whom, reference = (on_one_line(form.get(name, "")) for name in ("to_whom", "reference"))
    kinds = tuple(name for name in DATA if form.get(f"kind_{name}") == "yes")
    errors = {
        "revealed_on": "" if days.revealed else _NO_DAY,
        "to_whom": problem_of(whom, LONGEST_WHOM, needed=True),
        "ground": "" if form.get("ground") in GROUNDS else "Choose the ground.",
        "reference": problem_of(reference, LONGEST_REFERENCE, needed=False),
        "kinds": "" if kinds else "Choose what was revealed, one kind or more.",
        **_wrong_days(days),
        "hidden_until": _wrong_hiding(form, days),
    }
    errors = {name: problem for name, problem in errors.items() if problem}
    if errors:
        return None, errors
    until = days.hidden_until
    return Disclosed(
        revealed_on=str(days.revealed),
        to_whom=whom,
        ground=form["ground"],
        reference=reference,
        kinds=kinds,
        first_day=str(days.first),
        last_day=str(days.last),
        hidden_until=day_start(number_of(until), zone) if until else None,
    ), {}


def _wrong_days(days: _Days) -> dict[str, str]:
    wrong = {
        "first_day": "" if days.first else _NO_DAY,
        "last_day": "" if days.last else _NO_DAY,
    }
    if days.first and days.last and days.first > days.last:
        wrong["last_day"] = "The last day is before the first."
    return wrong


def _wrong_hiding(form: Form, days: _Days) -> str:
    """Say what is wrong about hiding: only a ground that forbids telling hides, until a day."""
    forbids, typed = form.get("forbids") == "yes", form.get("hidden_until", "")
    if forbids and form.get("ground") == "consent":
        return "The visitor agreed to it, so it is not hidden from the visitor."
    if forbids and not days.hidden_until:
        return _FORBIDS
    if typed and not forbids:
        return "Say that the ground forbids telling, or leave the day empty."
    return ""


def typed_of(entry: RegisterEntry, zone: str) -> Mapping[str, str]:
    """Return what the form holds for a correction of an entry, also until when it is hidden."""
    until = entry.hidden_until
    hidden = "" if until is None else str(local(until, zone).date())
    return {
        "corrects": str(entry.id),
        "revealed_on": entry.revealed_on,
        "to_whom": entry.to_whom,
        "ground": entry.ground,
        "reference": entry.reference,
        "first_day": entry.first_day,
        "last_day": entry.last_day,
        "forbids": "yes" if hidden else "",
        "hidden_until": hidden,
        **{f"kind_{name}": "yes" for name in entry.kinds},
    }
