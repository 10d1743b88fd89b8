"""The body of `POST /api/v1/events`, and what is answered; the OpenAPI document is made of both."""

from typing import Annotated

import msgspec
from msgspec import Meta

from askfirst.errors import Malformed
from askfirst.text.decoding import decode, with_whole_characters
from askfirst.web.ip_addresses import plain_address
from collector.intake.payload import WirePayload, check_payload
from collector.intake.wire_events import WireEvent

_Header = Annotated[str, Meta(max_length=8192)]


class ApiPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events of one visitor, and what the backend knows of the visitor's browser.

    `token` is the visitor's consent token, from the cookie of the choice. `ip`, `user_agent`,
    `accept_language` and `gpc` (the header Sec-GPC) are those of the visitor's own request.
    """

    events: Annotated[list[WireEvent], Meta(min_length=1)]
    token: Annotated[str, Meta(max_length=2048)] = ""
    ip: Annotated[str, Meta(max_length=64)] = ""
    user_agent: _Header = ""
    accept_language: _Header = ""
    gpc: bool = False
    screen: Annotated[str, Meta(max_length=11)] = ""
    touch: Annotated[int, Meta(ge=0)] | None = None

    def of_site(self, key: str) -> WirePayload:
        """Return what a browser on a page of the site would have sent."""
        return WirePayload(
            site=key,
            events=self.events,
            token=self.token,
            screen=self.screen,
            touch=self.touch,
        )


class Recorded(msgspec.Struct, frozen=True):
    """How many of the events are recorded; the consent does not cover the others."""

    recorded: Annotated[int, Meta(ge=0)]


class ErrorFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong: a stable code, a sentence, and the field if it is one."""

    code: str
    message: str
    field: str | msgspec.UnsetType = msgspec.UNSET


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The one shape of all errors."""

    error: ErrorFacts


_DECODER = msgspec.json.Decoder(ApiPayload)


def read_api_payload(body: bytes, most_events: int) -> ApiPayload:
    """Decode a request's body; raises `Malformed` with the field and the reason."""
    payload = decode(_DECODER, with_whole_characters(body))
    check_payload(payload.of_site(""), most_events)
    if payload.ip and not plain_address(payload.ip):
        raise Malformed("Expected an address, such as 192.0.2.7 or 2001:db8::7.", field="ip")
    return payload
