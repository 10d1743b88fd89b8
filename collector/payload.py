"""The wire of `POST /event`: its names and limits; the only file that knows them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from askfirst.decoding import decode
from askfirst.errors import Malformed
from askfirst.events import EventKind, LinkKind
from askfirst.sites import host_of

LONGEST_URL = 8192
OLDEST_MS = 86_400_000  # a day: what a page may still send after it was away from the network

EventId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22}\Z")]
PageUrl = Annotated[str, Meta(pattern=r"^https?://[^\x00-\x20\x7f]+\Z", max_length=LONGEST_URL)]
Referrer = Annotated[
    str, Meta(pattern=r"^([a-z][a-z0-9+.-]*:[^\x00-\x20\x7f]*)?\Z", max_length=LONGEST_URL)
]


class WireEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event. `age` is how many milliseconds ago it happened, by the page's own clock."""

    id: EventId
    kind: EventKind
    age: Annotated[int, Meta(ge=0)]
    url: PageUrl
    referrer: Referrer = ""
    link_url: PageUrl | None = None
    link_kind: LinkKind | None = None


class WirePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request: the site's public key, the consent token and one or more events."""

    site: Annotated[str, Meta(max_length=64)]
    events: Annotated[list[WireEvent], Meta(min_length=1)]
    token: Annotated[str, Meta(max_length=2048)] = ""


_DECODER = msgspec.json.Decoder(WirePayload)


def read_payload(body: bytes, most_events: int) -> WirePayload:
    """Decode a request body; raises `Malformed` with the field and the reason."""
    payload = decode(_DECODER, body)
    if len(payload.events) > most_events:
        raise Malformed(f"Expected at most {most_events} events.", field="events")
    for index, event in enumerate(payload.events):
        if fault := _fault(event):
            raise Malformed(fault[1], field=f"events[{index}].{fault[0]}")
    return payload


def _fault(event: WireEvent) -> tuple[str, str] | None:
    if host_of(event.url) is None:
        return "url", "Expected a web address with a host."
    if event.kind == "page_view":
        return _link_on_a_view(event)
    if event.link_url is None or host_of(event.link_url) is None:
        return "link_url", "A link click needs the web address of the link."
    if event.link_kind is None:
        return "link_kind", "A link click needs the kind of the link."
    return None


def _link_on_a_view(event: WireEvent) -> tuple[str, str] | None:
    if event.link_url is not None:
        return "link_url", "A page view has no link."
    if event.link_kind is not None:
        return "link_kind", "A page view has no link."
    return None
