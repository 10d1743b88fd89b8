"""Every error that a caller can get, each with its stable code, its status and its fields."""

from typing import Any


class AskfirstError(Exception):
    """An error with one shape on the wire: `{"error": {"code", "message", "field"?}}`.

    `code` is stable and meant for programs; `message` is a sentence for people and never repeats
    what the caller sent.
    """

    code = "error"
    status = 500

    def __init__(
        self, message: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        facts: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.field is not None:
            facts["field"] = self.field
        return {"error": facts}

    def headers(self) -> dict[str, str]:
        """Return the headers that go with the answer: `Retry-After` in seconds where it helps."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class Malformed(AskfirstError):
    """400: the bytes are not what the contract says; `field` says where."""

    code = "malformed"
    status = 400


class BadKey(AskfirstError):
    """401: a request to the server-side API carries no key that is known."""

    code = "bad_key"
    status = 401

    def headers(self) -> dict[str, str]:
        """Return the headers that go with the answer: how a key is sent (RFC 6750)."""
        return {**super().headers(), "WWW-Authenticate": "Bearer"}


class Refused(AskfirstError):
    """403: understood and not allowed; the code is the reason that is tallied."""

    status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AccessEnded(AskfirstError):
    """403: a proof from before the visitor's access was ended, as something was lost or stolen."""

    code = "access_ended"
    status = 403


class NotFound(AskfirstError):
    """404: it does not exist, or the caller must not see it."""

    code = "not_found"
    status = 404


class NotAllowed(AskfirstError):
    """405: the address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


class TooLarge(AskfirstError):
    """413: the body is longer than the limit."""

    code = "too_large"
    status = 413


class TooFast(AskfirstError):
    """429: more requests than the limit allows; `retry_after` seconds says when to try again."""

    code = "too_fast"
    status = 429


class UnknownHost(AskfirstError):
    """421: the request names a host that this server does not take for its own."""

    code = "unknown_host"
    status = 421


class Unavailable(AskfirstError):
    """503: it could not be made durable; nothing was stored, so the caller should send it again."""

    code = "unavailable"
    status = 503


class Preparing(Unavailable):
    """503: the warehouse is being converted to the form of this version; collecting goes on."""

    code = "preparing"


class TookTooLong(Unavailable):
    """503: the warehouse did not answer in the time that a report may take; it was interrupted."""

    code = "took_too_long"


class Misconfigured(AskfirstError):
    """A setting is unknown or wrong; the start stops with a sentence that names it."""

    code = "misconfigured"
