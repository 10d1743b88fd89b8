"""What a correction is about among a person's events, and how it is recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale

from askfirst.errors import Malformed, NotFound
from askfirst.rules.corrections import (
    DEVICES,
    HIDDEN,
    VALUES,
    Kind,
    is_page,
    page_mark,
    says,
)
from askfirst.store.ledger.erasure_receipts import part_of_visit, receipt_id_of
from askfirst.store.personal_data import Row
from askfirst.visitors import new_visitor_id
from consent.rights.hidden_pages import is_told, page_of, untold
from consent.rights.parts import time_of

_LONGEST = 300
_CODE = 2  # letters of a country, and of a language without its region
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@dataclass(frozen=True)
class Asked:
    """What is to be corrected.

    A wrong value names its kind, the right value (`to`, '' leaves it out), and a visit unless it is
    wrong in every visit so far. A page is named by an event on it, a detached visit by its id.
    """

    kind: Kind
    to: str = ""
    visit_id: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class Known:
    """A person's events by visitor id, and the time at which they are corrected (ms).

    `is_again`: a restored backup may have fewer pages than there were, and hides all of them.
    """

    site_id: int
    rows: Mapping[str, Sequence[Row]]
    now: int
    is_again: bool = False


@cache
def right_values(kind: Kind) -> tuple[str, ...]:
    """Return the values that can be named for a kind: codes of ISO 639-1 or ISO 3166, devices."""
    english = Locale.parse("en")
    if kind == "language":
        return _codes(english.languages)
    if kind == "country":
        return tuple(one for one in _codes(english.territories) if one not in _NO_COUNTRIES)
    return DEVICES if kind == "device" else ()


def _codes(names: Iterable[object]) -> tuple[str, ...]:
    texts = sorted(str(one) for one in names)
    return tuple(one for one in texts if len(one) == _CODE and one.isalpha())


def to_record(known: Known, asked: Asked) -> list[dict[str, Any]]:
    """Return the rows of the ledger's table, one for each id that has such events.

    Raises `NotFound` where there are none, and `Malformed` for a value that cannot be named or
    where nothing would be left of the person that can be told.
    """
    if asked.kind == "page":
        found = _hidden_page(known, asked)
    elif asked.kind == "visit":
        found = _detached_visit(known, asked)
    elif asked.kind in VALUES:
        found = _wrong_value(known, asked)
    else:
        raise Malformed("Nothing of that kind can be corrected.", field="kind")
    if not found:
        raise NotFound("Nothing like that is recorded of this visitor.")
    return found


def _wrong_value(known: Known, asked: Asked) -> list[dict[str, Any]]:
    if asked.to and asked.to not in right_values(asked.kind):
        raise Malformed("The right value is none of the list.", field="to")
    found = []
    for visitor_id, every in known.rows.items():
        rows = [row for row in every if asked.visit_id in ("", row["visit_id"])]
        wrong = [row for row in rows if says(row, asked.kind)]
        if wrong:
            which = _which_visit(known, visitor_id, asked.visit_id) if asked.visit_id else ""
            told = {"from_value": _told(wrong, asked.kind), "to_value": asked.to, "which": which}
            found.append(_row(known, visitor_id, asked.kind, told, asked.visit_id))
    return found


def _told(rows: Iterable[Row], kind: Kind) -> str:
    """Return what was said before, each once: of a device its parts, of a source the first word."""
    names = VALUES[kind][:1]
    if kind == "device":
        names = ("device", "os", "browser")
    if kind == "source":
        names = ("source", "referrer_host", "channel")
    found: dict[str, None] = {}
    for row in rows:
        said = [str(row[name]) for name in names if row[name]]
        found |= dict.fromkeys(said[:1] if kind == "source" else said)
    return ", ".join(found)[:_LONGEST]


def _hidden_page(known: Known, asked: Asked) -> list[dict[str, Any]]:
    named = [
        (visitor_id, row)
        for visitor_id, rows in known.rows.items()
        for row in rows
        if row["event_id"] == asked.event_id and page_of(row)[1] != HIDDEN
    ]
    if not named:
        return []
    host, path = page_of(named[0][1])
    mark = page_mark(host, path)
    _refuse_last_page(known, mark)
    whose = [one for one, rows in known.rows.items() if rows]  # another may have a link to it
    told = {"from_value": "", "to_value": "", "page_mark": mark}
    return [
        _row(known, one, "page", told | {"which": _which_event(known, one, asked.event_id)})
        for one in whose
    ]


def _refuse_last_page(known: Known, mark: str) -> None:
    rows = [row for rows in known.rows.values() for row in rows]
    told = [row for row in rows if is_told(row)]
    if any(row["event_name"] or not is_page(mark, *page_of(row)) for row in told):
        return
    if not known.is_again:
        raise Malformed(
            "Then no page would be left by which these visits can be told. Erase them instead.",
            field="event",
        )


def _refuse_last_visit(known: Known, visit_id: str) -> None:
    rows = [row for rows in known.rows.values() for row in rows]
    if untold(rows, lambda row: row["visit_id"] == visit_id) and not known.is_again:
        raise Malformed(
            "Then only hidden pages would be left, which cannot be told. Erase them first.",
            field="visit",
        )


def _detached_visit(known: Known, asked: Asked) -> list[dict[str, Any]]:
    found = []
    for visitor_id, every in known.rows.items():
        times = [time_of(row) for row in every if row["visit_id"] == asked.visit_id]
        if times:
            told = {
                "from_value": "",
                "to_value": "",
                "which": _which_visit(known, visitor_id, asked.visit_id),
                "detached_id": new_visitor_id(),
                "visit_first": min(times),
                "visit_last": max(times),
            }
            found.append(_row(known, visitor_id, "visit", told, asked.visit_id))
    if found:
        _refuse_last_visit(known, asked.visit_id)
    return found


_NOTHING = dict.fromkeys(
    ("visit_id", "last_visit", "visit_first", "visit_last", "page_mark", "detached_id")
)


def _row(
    known: Known, visitor_id: str, kind: Kind, told: Mapping[str, Any], visit_id: str = ""
) -> dict[str, Any]:
    """Return a row; its time is not before what it is about, so that it is about all of that."""
    newest = max(known.rows[visitor_id], key=time_of)
    about = {"visit_id": visit_id} if visit_id else {"last_visit": newest["visit_id"]}
    at = max(known.now, time_of(newest))
    whose = {"visitor_id": visitor_id, "kind": kind, "corrected_at": at}
    return {**_NOTHING, **whose, **told, **about}


def _which_visit(known: Known, visitor_id: str, visit_id: str) -> str:
    return which_visit(known.site_id, visitor_id, visit_id)


def _which_event(known: Known, visitor_id: str, event_id: str) -> str:
    return which_event(known.site_id, visitor_id, event_id)


def which_visit(site_id: int, visitor_id: str, visit_id: str) -> str:
    """Return a hash of a visitor's visit, by which a restored backup finds it again."""
    return receipt_id_of(site_id, visitor_id, part_of_visit(visit_id))


def which_event(site_id: int, visitor_id: str, event_id: str) -> str:
    """Return a hash of an event on a hidden page, likewise."""
    return receipt_id_of(site_id, visitor_id, f"event:{event_id}")
