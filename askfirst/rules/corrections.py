"""Corrections that visitors make: of which of their events, and what becomes of these."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from askfirst.columns import CAMPAIGN_COLUMNS
from askfirst.web.urls import split_address

Kind = Literal["language", "country", "device", "source", "page", "visit"]
Row = Mapping[str, Any]

HIDDEN = "(hidden by the visitor)"
"""What stands for a page, or a link to it, that its visitor has hidden."""
NAMELESS = "-"
"""A form without a name."""
DETACHED = "0" * 32
"""Instead of the consent of a visit that is linked to nobody any more; no consent has this id."""
DEVICES = ("desktop", "phone", "tablet", "television", "console", "watch", "car", "reader")
"""The devices that a visitor can name."""

VALUES: dict[Kind, tuple[str, ...]] = {
    "language": ("language", "languages"),
    "country": ("country", "region", "city"),
    "device": ("device", "browser", "browser_version", "browser_variant", "os", "os_version"),
    "source": ("source", "channel", "referrer", "referrer_host", *CAMPAIGN_COLUMNS, "click_id"),
}
"""The columns of a wrong value: the first takes the right one, the others are emptied."""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """One correction of a visitor.

    Without `visit_id` it is about what happened up to `until` (ms), and about `last_visit`, which
    may go on. What a hidden page was and which visit was detached is known only as long as events
    of them may come late.
    """

    kind: Kind
    to: str = ""
    """The right value; '' leaves it out."""
    until: int = 0
    visit_id: str = ""
    """Of a detached visit its new id, see `detached_visit`, as soon as what is stored has it."""
    last_visit: str = ""
    page: str = ""
    """The hidden page, see `page_mark`."""
    detached_id: str = ""
    """The visitor id of a detached visit."""
    first: int = 0
    last: int = 0
    """When a detached visit began and ended, in ms."""


def page_mark(host: str, path: str) -> str:
    """Return a salted hash by which a page is known again."""
    return _marked(secrets.token_hex(8), host, path)


def _marked(salt: str, host: str, path: str) -> str:
    said = f"{host}\n{path}".encode("utf-8", "surrogatepass")
    return f"{salt}:{blake2b(said, digest_size=16, key=salt.encode()).hexdigest()}"


def is_page(mark: str, host: str, path: str) -> bool:
    """Return whether a mark is that of a page."""
    return bool(mark) and _marked(mark.partition(":")[0], host, path) == mark


def says(row: Row, kind: Kind) -> bool:
    """Return whether an event says anything in the columns that a wrong value is about."""
    return any(row[name] for name in VALUES[kind])


def corrected(row: Row, time: int, corrections: Iterable[Correction]) -> dict[str, Any]:
    """Return what corrections change of an event of their visitor, by column.

    `row` has it as it was recorded, before an owner's rules; `time` is when it happened, in ms.
    After the correction that detaches its visit it is the visitor's no more.
    """
    changed: dict[str, Any] = {}
    for one in corrections:
        if _covers(one, row, time):
            changed |= _CHANGES[one.kind](one, {**row, **changed})
            if one.kind == "visit":
                break
    return {name: value for name, value in changed.items() if value != row[name]}


def _covers(one: Correction, row: Row, time: int) -> bool:
    if one.kind == "visit":
        return bool(one.detached_id) and one.visit_id == row["visit_id"] and time <= one.until
    if one.visit_id:
        return bool(one.visit_id == row["visit_id"])
    return time <= one.until or bool(one.last_visit and one.last_visit == row["visit_id"])


def _value(one: Correction, row: Row) -> dict[str, Any]:
    """Name the right value where one was recorded: a yes need not cover the column."""
    first, *others = VALUES[one.kind]
    return {first: one.to if row[first] else ""} | dict.fromkeys(others, "")


def _page(one: Correction, row: Row) -> dict[str, Any]:
    if is_page(one.page, row["host"], row["path"]):
        blank = dict.fromkeys(("title", "query", "canonical", "event_props"), "")
        link, form = (HIDDEN if row["link_url"] else ""), (NAMELESS if row["form"] else "")
        changed = {**blank, "path": HIDDEN, "link_url": link, "form": form}
    else:
        changed = {"link_url": HIDDEN} if _leads_to(one.page, row["link_url"]) else {}
    addresses = ("referrer", "canonical")
    return changed | {name: "" for name in addresses if _leads_to(one.page, row[name])}


def _leads_to(mark: str, address: str) -> bool:
    if not address or not mark:
        return False
    parts = split_address(address)
    host = parts.netloc.rsplit("@", 1)[-1].lower()
    return is_page(mark, host, parts.path or "/")


def _visit(one: Correction, row: Row) -> dict[str, Any]:
    """Name a new visitor, visit and event, which nothing leads to from the ids of before."""
    visit_id = detached_visit(one.detached_id)
    opens = row["event_id"] == row["visit_id"]
    return {
        "visitor_id": one.detached_id,
        "consent_id": DETACHED,
        "visit_id": visit_id,
        "event_id": visit_id if opens else _id_of(secrets.token_bytes(16)),
    }


def detached_visit(detached_id: str) -> str:
    """Return the id that a detached visit gets: a hash of its new visitor id, which is random."""
    return _id_of(blake2b(detached_id.encode(), digest_size=16).digest())


def _id_of(number: bytes) -> str:
    return base64.urlsafe_b64encode(number).decode().rstrip("=")


_CHANGES = {**dict.fromkeys(VALUES, _value), "page": _page, "visit": _visit}
