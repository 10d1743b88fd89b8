"""Consents on the wire: the signed token, its claims, and the reasons for refusing an event."""

import base64
import hashlib
from collections.abc import Sequence
from enum import StrEnum

import msgspec
from itsdangerous import BadSignature, Signer

TOKEN_SALT = b"askfirst.consent.token"


class Reason(StrEnum):
    """Why something was not recorded: the stable code in the answer and the name in the tally."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    TOO_FAST = "too_fast"
    UNAVAILABLE = "unavailable"
    UNKNOWN_SITE = "unknown_site"
    BAD_ORIGIN = "bad_origin"
    BOT = "bot"
    NO_CONSENT = "no_consent"
    BAD_TOKEN = "bad_token"  # noqa: S105 - a reason's name, not a secret
    OTHER_SITE = "other_site"
    OTHER_PURPOSE = "other_purpose"
    SIGNAL = "signal"
    OUTDATED = "outdated"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BEFORE_CONSENT = "before_consent"
    TOO_OLD = "too_old"
    KEY_OFF = "key_off"


def reason_of(tallied: str) -> tuple[str, str]:
    """Return the reason by which something was tallied, and the name of a crawler, or ''.

    A crawler that names itself is tallied with the name of its rule: `bot:GPTBot`.
    """
    reason, _, crawler = tallied.partition(":")
    return (reason, crawler) if reason == Reason.BOT else (tallied, "")


REASON_SENTENCES: dict[Reason, str] = {
    Reason.MALFORMED: "The body is not what the contract says.",
    Reason.TOO_LARGE: "The body is longer than the limit.",
    Reason.TOO_FAST: "There were more requests than the limit allows.",
    Reason.UNAVAILABLE: "It could not be made durable; nothing was stored.",
    Reason.UNKNOWN_SITE: "There is no site with this key.",
    Reason.BAD_ORIGIN: "The request does not come from one of the site's hosts.",
    Reason.BOT: "The user agent names itself a crawler, which cannot have said yes.",
    Reason.NO_CONSENT: "There is no consent token.",
    Reason.BAD_TOKEN: "The consent token was not signed by this server.",
    Reason.OTHER_SITE: "The consent token is for another site.",
    Reason.OTHER_PURPOSE: "The consent does not cover this purpose.",
    Reason.SIGNAL: "The browser sends Global Privacy Control, which the consent came before.",
    Reason.OUTDATED: "The consent was given to an older policy; ask again.",
    Reason.EXPIRED: "The consent has expired; ask again.",
    Reason.WITHDRAWN: "The consent was withdrawn.",
    Reason.BEFORE_CONSENT: "The event happened before the consent.",
    Reason.TOO_OLD: "The event is older than the limit.",
    Reason.KEY_OFF: "The key is switched off; the site's owner can switch it on again.",
}
"""A sentence for each reason, for the answer's `message`."""


REASON_LABELS: dict[Reason, str] = {
    Reason.MALFORMED: "Could not be read",
    Reason.TOO_LARGE: "Larger than is taken",
    Reason.TOO_FAST: "Too many requests at once",
    Reason.UNAVAILABLE: "Could not be stored safely",
    Reason.UNKNOWN_SITE: "A key that no site has",
    Reason.BAD_ORIGIN: "From a host that is not listed",
    Reason.BOT: "A crawler that names itself",
    Reason.NO_CONSENT: "No consent",
    Reason.BAD_TOKEN: "Consent not signed by this server",
    Reason.OTHER_SITE: "Consent for another site",
    Reason.OTHER_PURPOSE: "Consent does not cover it",
    Reason.SIGNAL: "Global Privacy Control, which the consent came before",
    Reason.OUTDATED: "Consent to an older policy",
    Reason.EXPIRED: "Consent had expired",
    Reason.WITHDRAWN: "Consent was withdrawn",
    Reason.BEFORE_CONSENT: "Happened before the consent",
    Reason.TOO_OLD: "Came too late",
    Reason.KEY_OFF: "Sent with a key that is switched off",
}
"""Each reason in a few words, for the owner's tally."""


class Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of a token. Times are milliseconds since the epoch; field names are short."""

    site_id: int = msgspec.field(name="s")
    visitor_id: str = msgspec.field(name="v")
    consent_id: str = msgspec.field(name="c")
    policy_version: int = msgspec.field(name="n")
    purposes: tuple[str, ...] = msgspec.field(name="p")
    given_at: int = msgspec.field(name="g")
    valid_until: int = msgspec.field(name="u")
    gpc: bool = msgspec.field(name="x", default=False)
    """Whether the visitor accepted although the browser sent Global Privacy Control."""


class Tokens:
    """Signs and reads consent tokens with a list of keys, oldest to newest.

    A token is `payload.signature`: base64url JSON of `Claims` without padding, so that the page's
    script can read it, and an HMAC-SHA-256 by itsdangerous. `sign` uses the newest key, `read`
    accepts all. `lost` are periods (first, last), in milliseconds, whose consents a restored ledger
    may have lost; `read_provable` does not accept tokens from these.
    """

    def __init__(self, keys: Sequence[bytes], lost: Sequence[tuple[int, int]] = ()) -> None:
        self._lost = tuple(lost)
        self._signer = Signer(
            list(keys), salt=TOKEN_SALT, key_derivation="hmac", digest_method=hashlib.sha256
        )

    def sign(self, claims: Claims) -> str:
        """Return the claims as a token of URL-safe characters."""
        payload = base64.urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
        return self._signer.sign(payload).decode()

    def read(self, token: str) -> Claims | None:
        """Return the claims of a token that this server signed, or None; expiry is not checked."""
        try:
            payload = self._signer.unsign(token.encode("utf-8", "replace"))
            padded = payload + b"=" * (-len(payload) % 4)
            return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=Claims)
        except (BadSignature, ValueError):
            return None

    def read_provable(self, token: str) -> Claims | None:
        """Return the claims as `read` does, but None where the consent's record may be lost."""
        claims = self.read(token)
        if claims and any(first <= claims.given_at <= last for first, last in self._lost):
            return None
        return claims
