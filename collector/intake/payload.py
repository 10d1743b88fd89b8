"""The body of `POST /event`: a request with its site, its token and its events."""

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from askfirst.errors import Malformed
from askfirst.text.decoding import decode, with_whole_characters
from collector.intake.wire_events import ID_LENGTH, WireEvent, problem_of

OLDEST_MS = 86_400_000  # a day: what a page may still send after it was offline

# The decoder checks only lengths: its patterns took most of the decoding, because they are searched
# anew in each text, and the same pages and referrers come again and again.
_IDS = re.compile(r"[A-Za-z0-9_-]*")
_SCREEN = re.compile(r"[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")
_MOST_TOUCHES = 256


class WirePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request: the site's public key, the consent token and one or more events.

    `screen` is the screen's size in CSS pixels, `1920x1080`; `touch` at how many points it can be
    touched at once, None where the browser does not say; `webdriver` whether a program steers it.
    """

    site: Annotated[str, Meta(max_length=64)]
    events: Annotated[list[WireEvent], Meta(min_length=1)]
    token: Annotated[str, Meta(max_length=2048)] = ""
    screen: Annotated[str, Meta(max_length=11)] = ""
    touch: Annotated[int, Meta(ge=0)] | None = None
    webdriver: bool = False

    @property
    def touches(self) -> int | None:
        """At how many points the screen can be touched at once; no screen has more than 256."""
        return None if self.touch is None else min(self.touch, _MOST_TOUCHES)


_DECODER = msgspec.json.Decoder(WirePayload)


def read_payload(body: bytes, most_events: int) -> WirePayload:
    """Decode a request's body; raises `Malformed` with the field and the reason."""
    payload = decode(_DECODER, with_whole_characters(body))
    check_payload(payload, most_events)
    return payload


def check_payload(payload: WirePayload, most_events: int) -> None:
    """Check what the decoder does not; raises `Malformed` with the field and the reason."""
    if len(payload.events) > most_events:
        raise Malformed(f"Expected at most {most_events} events.", field="events")
    if payload.screen and not _SCREEN.fullmatch(payload.screen):
        raise Malformed("Expected width and height, such as 1920x1080.", field="screen")
    if not _IDS.fullmatch("".join([event.id for event in payload.events])):
        raise _malformed_id(payload.events)
    for index, event in enumerate(payload.events):
        if problem := problem_of(event):
            field, message = problem
            raise Malformed(message, field=f"events[{index}].{field}")


def _malformed_id(events: list[WireEvent]) -> Malformed:
    index = next(n for n, event in enumerate(events) if not _IDS.fullmatch(event.id))
    return Malformed(
        f"Expected {ID_LENGTH} of A-Z, a-z, 0-9, _ and -.", field=f"events[{index}].id"
    )
