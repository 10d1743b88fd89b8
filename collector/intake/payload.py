"""The body of `POST /event`: its field names and limits, which only this file knows."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from askfirst.errors import Malformed
from askfirst.events import EventKind, LinkKind
from askfirst.sites import host_of
from askfirst.text.decoding import decode
from askfirst.text.text_cache import remembered

LONGEST_URL = 8192
OLDEST_MS = 86_400_000  # a day: what a page may still send after it was offline

# The decoder checks only lengths: its patterns took most of the decoding, because they are searched
# anew in each text, and the same pages and referrers come again and again.
_ID_LENGTH = 22
_IDS = re.compile(r"[A-Za-z0-9_-]*")
_PAGE = re.compile(r"https?://[^\x00-\x20\x7f]+")
_REFERRER = re.compile(r"([a-z][a-z0-9+.-]*:[^\x00-\x20\x7f]*)?")

EventId = Annotated[str, Meta(min_length=_ID_LENGTH, max_length=_ID_LENGTH)]
Address = Annotated[str, Meta(max_length=LONGEST_URL)]


class WireEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event. `age` is how many milliseconds ago it happened, by the page's own clock."""

    id: EventId
    kind: EventKind
    age: Annotated[int, Meta(ge=0)]
    url: Address
    referrer: Address = ""
    link_url: Address | None = None
    link_kind: LinkKind | None = None


class WirePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request: the site's public key, the consent token and one or more events."""

    site: Annotated[str, Meta(max_length=64)]
    events: Annotated[list[WireEvent], Meta(min_length=1)]
    token: Annotated[str, Meta(max_length=2048)] = ""


_DECODER = msgspec.json.Decoder(WirePayload)


def read_payload(body: bytes, most_events: int) -> WirePayload:
    """Decode a request's body; raises `Malformed` with the field and the reason."""
    payload = decode(_DECODER, body)
    if len(payload.events) > most_events:
        raise Malformed(f"Expected at most {most_events} events.", field="events")
    if not _IDS.fullmatch("".join([event.id for event in payload.events])):
        raise _malformed_id(payload.events)
    for index, event in enumerate(payload.events):
        if problem := _problem(event):
            field, message = problem
            raise Malformed(message, field=f"events[{index}].{field}")
    return payload


def _malformed_id(events: list[WireEvent]) -> Malformed:
    index = next(n for n, event in enumerate(events) if not _IDS.fullmatch(event.id))
    return Malformed(
        f"Expected {_ID_LENGTH} of A-Z, a-z, 0-9, _ and -.", field=f"events[{index}].id"
    )


_Problem = tuple[str, str] | None
"""The field that is wrong and a sentence about it."""


def _problem(event: WireEvent) -> _Problem:
    if not _is_page(event.url):
        return "url", "Expected a web address with a host."
    if not _is_referrer(event.referrer):
        return "referrer", "Expected an address with its scheme, or nothing."
    return _problem_of_view(event) if event.kind == "page_view" else _problem_of_click(event)


def _problem_of_click(event: WireEvent) -> _Problem:
    if event.link_url is None or not _is_page(event.link_url):
        return "link_url", "A link click needs the web address of the link."
    if event.link_kind is None:
        return "link_kind", "A link click needs the kind of the link."
    return None


def _problem_of_view(event: WireEvent) -> _Problem:
    if event.link_url is not None:
        return "link_url", "A page view has no link."
    if event.link_kind is not None:
        return "link_kind", "A page view has no link."
    return None


@remembered(4096)
def _is_page(url: str) -> bool:
    return _PAGE.fullmatch(url) is not None and host_of(url) is not None


@remembered(4096)
def _is_referrer(address: str) -> bool:
    return _REFERRER.fullmatch(address) is not None
