"""The wire of `POST /consent` and what lies under it: the only file that knows names and limits."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from askfirst.errors import Malformed
from askfirst.text.decoding import decode

Method = Literal["banner", "preferences", "api", "form", "manager"]
"""The control by which the visitor chose."""

SiteKey = Annotated[str, Meta(min_length=1, max_length=64)]
PurposeId = Annotated[str, Meta(min_length=1, max_length=64)]
Token = Annotated[str, Meta(min_length=1, max_length=2048)]


class _Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    site: SiteKey
    gpc: bool = False
    method: Method = "api"


class Accept(_Choice, tag_field="choice", tag="accept", frozen=True, kw_only=True):
    """A yes: to these purposes, after reading the wording of this version, hash and language."""

    purposes: Annotated[list[PurposeId], Meta(min_length=1, max_length=32)]
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    notice: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    language: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,35}\Z")]
    once: bool = False  # for this visit only
    manager: Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,32}\Z")] = ""
    token: Token | None = None  # the older yes that this one replaces


class Refuse(_Choice, tag_field="choice", tag="refuse", frozen=True, kw_only=True):
    """A no; its wording's language and version are counted, the rest is forgotten."""

    language: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,35}\Z")] = ""
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0


class Withdraw(_Choice, tag_field="choice", tag="withdraw", frozen=True, kw_only=True):
    """The withdrawal of a yes."""

    token: Token


class Erase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request to erase everything recorded about the token's visitor.

    With `alone` only the token's own visitor id is erased, not those linked with it: a page asks so
    where the browser did not keep the token.
    """

    site: SiteKey
    token: Token
    alone: bool = False


class Show(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request for the receipt of a token's consent."""

    site: SiteKey
    token: Token


Choice = Accept | Refuse | Withdraw
Action = Choice | Erase

_CHOICE = msgspec.json.Decoder(Choice)
_ERASE = msgspec.json.Decoder(Erase)
_SHOW = msgspec.json.Decoder(Show)


def read_choice(body: bytes) -> Choice:
    """Decode a choice; raises `Malformed` with the field and the reason."""
    choice: Choice = decode(_CHOICE, body)
    if isinstance(choice, Accept) and len(set(choice.purposes)) < len(choice.purposes):
        raise Malformed("A purpose is named twice.", field="purposes")
    return choice


def read_erase(body: bytes) -> Erase:
    """Decode a request to erase; raises `Malformed` with the field and the reason."""
    return decode(_ERASE, body)


def read_show(body: bytes) -> Show:
    """Decode a request for a receipt; raises `Malformed` with the field and the reason."""
    return decode(_SHOW, body)
